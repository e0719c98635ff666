//! The training form of a net: forward pass, loss, gradient step and checkpoints, on Burn.
//!
//! Batches go in, losses and weights come out. Learning rates, data and the end of training are the caller's; dropout draws
//! from the seed of each step, so a run that resumes from a checkpoint goes on as if it had not been interrupted.

mod average;
mod module;

pub(crate) use module::NORM_EPSILON;

use std::collections::{BTreeMap, HashMap};

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams, ModuleOptimizer},
    store::ModuleRecord,
    tensor::{Bytes, Device, Tensor, TensorData, activation::log_softmax},
};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::{
    NetError,
    runtime::Batch,
    spec::NetSpec,
    weights::{TensorValues, Weights},
    widen::widened,
};
use average::Average;
use module::TrainableNet;

/// Settings of the AdamW optimizer (Loshchilov and Hutter 2019).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimizerParams {
    /// Share of each weight taken off per step, times the learning rate.
    pub weight_decay: f32,
    /// Decay of the running mean of gradients, `0..1`.
    pub beta_1: f32,
    /// Decay of the running mean of squared gradients, `0..1`.
    pub beta_2: f32,
    /// Decay per step of the running mean of the net's tensors that is what comes out (Polyak and Juditsky 1992), `0..1`; at 0 the net of
    /// the last step does.
    pub average: f32,
}

impl Default for OptimizerParams {
    /// The usual momenta of AdamW, and a decay between its usual 0.01 and the 0.05 of recent recipes; not tuned.
    fn default() -> Self {
        Self { weight_decay: 0.02, beta_1: 0.9, beta_2: 0.999, average: 0.0 }
    }
}

/// What a net should have answered to a [`Batch`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Targets {
    /// Probability of each class for each item, `[N, classes]` in row-major order.
    pub probabilities: Vec<f32>,
    /// Weight of each item in the loss, `[N]`.
    pub weights: Vec<f32>,
    /// Added to the logits of each item before their loss is taken, `[N, classes]`; empty for nothing.
    pub adjustments: Vec<f32>,
    /// What the auxiliary head should have answered, `[N, values]`; empty without such a head.
    pub auxiliary: Vec<f32>,
    /// How much each item counts in the loss of the auxiliary head, `[N]`: 0 where nothing is known.
    pub auxiliary_weights: Vec<f32>,
}

/// A second head on what the last dense layer takes, there only while the net is trained: it regresses values that are known of
/// some pictures, so that the net learns to see what they depend on (Caruana 1997).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuxiliaryHead {
    /// Values out.
    pub values: usize,
    /// Weight of their mean squared error in the loss.
    pub weight: f32,
}

/// A net in training with its optimizer.
pub struct Trainer {
    spec: NetSpec,
    device: Device,
    net: TrainableNet,
    auxiliary: Option<AuxiliaryHead>,
    optimizer: ModuleOptimizer,
    /// Of the tensors over the steps, where one is kept.
    average: Option<Average>,
}

/// Everything needed to go on training, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainerState {
    /// The net's parameters.
    pub net: Vec<u8>,
    /// The optimizer's momenta.
    pub optimizer: Vec<u8>,
    /// The net of the mean of the tensors over the steps, where one is kept.
    pub average: Option<Vec<u8>>,
}

/// Name of the running mean in a checkpoint.
const AVERAGE: &str = "average";

/// Key of the caller's notes in the metadata of a checkpoint.
const NOTES_KEY: &str = "smielfy.notes";

impl TrainerState {
    /// A checkpoint file: the state and the caller's own notes, such as how far the training has come.
    ///
    /// # Errors
    /// [`NetError::Checkpoint`] if it cannot be packed.
    pub fn to_bytes(&self, notes: &str) -> Result<Vec<u8>, NetError> {
        let view = |bytes| TensorView::new(Dtype::U8, vec![<[u8]>::len(bytes)], bytes).map_err(checkpoint_error);
        let mut views = vec![("net", view(&self.net)?), ("optimizer", view(&self.optimizer)?)];
        if let Some(average) = &self.average {
            views.push((AVERAGE, view(average)?));
        }
        let notes = HashMap::from([(NOTES_KEY.to_owned(), notes.to_owned())]);
        safetensors::serialize(views, Some(notes)).map_err(checkpoint_error)
    }

    /// The state and the notes in a checkpoint file.
    ///
    /// # Errors
    /// [`NetError::Checkpoint`] if the bytes are no checkpoint.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Self, String), NetError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(checkpoint_error)?;
        let notes = metadata.metadata().as_ref().and_then(|entries| entries.get(NOTES_KEY));
        let notes = notes.ok_or_else(|| checkpoint_error("it has no notes"))?;
        let file = SafeTensors::deserialize(bytes).map_err(checkpoint_error)?;
        let part = |name| Ok::<_, NetError>(file.tensor(name).map_err(checkpoint_error)?.data().to_vec());
        let average = file.names().contains(&AVERAGE).then(|| part(AVERAGE)).transpose()?;
        Ok((Self { net: part("net")?, optimizer: part("optimizer")?, average }, notes.clone()))
    }
}

impl Trainer {
    /// A net with random weights drawn from `seed`, ready to train on the fastest device that this build knows.
    ///
    /// # Errors
    /// [`NetError::Spec`] if the spec is impossible.
    pub fn new(spec: &NetSpec, params: OptimizerParams, seed: u64) -> Result<Self, NetError> {
        let device = Device::default().autodiff();
        device.seed(seed);
        let net = TrainableNet::new(spec, &device)?;
        let optimizer = AdamWConfig::new()
            .with_weight_decay(params.weight_decay)
            .with_beta_1(params.beta_1)
            .with_beta_2(params.beta_2)
            .init();
        // Burn draws weights when they are first looked at: now, before anybody else draws from the device.
        let first = net.valid().tensors(spec);
        let average = (params.average > 0.0).then(|| Average::new(params.average, first));
        Ok(Self { spec: spec.clone(), device, net, auxiliary: None, optimizer, average })
    }

    /// The same with an auxiliary head.
    ///
    /// # Panics
    /// If the net does not end in a dense layer.
    #[must_use]
    pub fn with_auxiliary(mut self, head: AuxiliaryHead) -> Self {
        self.net.add_auxiliary(head.values, &self.device);
        self.auxiliary = Some(head);
        self
    }

    /// One gradient step on the weighted mean cross entropy against soft targets; gives the loss before the step and the
    /// logits that it was taken on, `[N, classes]`.
    ///
    /// Of pictures larger than the net's input all windows are learned from, each with the target of its picture; logits are
    /// their means then.
    ///
    /// # Panics
    /// If the targets do not have the shape of the batch, or pictures are larger and [`NetSpec::patch_form`] is none for them.
    pub fn step(&mut self, batch: &Batch, targets: &Targets, learning_rate: f64, seed: u64) -> (f32, Vec<f32>) {
        self.device.seed(seed);
        let (logits, auxiliary) = self.windows(batch);
        let mut loss = self.cross_entropy(logits.clone(), targets);
        if let (Some(head), Some(answers)) = (self.auxiliary, auxiliary) {
            loss = loss + self.squared_error(answers, targets) * head.weight;
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &self.net);
        let net = self.net.clone();
        self.net = self.optimizer.step(learning_rate, net, gradients);
        if let Some(average) = &mut self.average {
            average.add(self.net.valid().tensors(&self.spec));
        }
        (values(loss)[0], values(logits.mean_dim(1)))
    }

    /// The weighted mean cross entropy of logits `[N, windows, classes]`.
    fn cross_entropy(&self, mut logits: Tensor<3>, targets: &Targets) -> Tensor<1> {
        let [count, windows, classes] = logits.dims();
        let weight_sum: f32 = targets.weights.iter().sum::<f32>() * windows as f32;
        let probabilities = self.matrix(targets.probabilities.clone(), [count, classes]).unsqueeze_dim::<3>(1);
        let weights = self.matrix(targets.weights.iter().map(|weight| weight / weight_sum).collect(), [count, 1]);
        if !targets.adjustments.is_empty() {
            logits = logits + self.matrix(targets.adjustments.clone(), [count, classes]).unsqueeze_dim::<3>(1);
        }
        -(log_softmax(logits, 2) * probabilities * weights.unsqueeze_dim::<3>(1)).sum()
    }

    /// The weighted mean squared error of the auxiliary head's answers, `[N, values]`; 0 if nothing is known of any item.
    fn squared_error(&self, answers: Tensor<2>, targets: &Targets) -> Tensor<1> {
        let [count, width] = answers.dims();
        let weight_sum = targets.auxiliary_weights.iter().sum::<f32>().max(f32::MIN_POSITIVE) * width as f32;
        let weights = targets.auxiliary_weights.iter().map(|weight| weight / weight_sum).collect();
        let missed = answers - self.matrix(targets.auxiliary.clone(), [count, width]);
        (missed.powi_scalar(2) * self.matrix(weights, [count, 1])).sum()
    }

    /// Logits of each window of each picture, `[N, windows, classes]`, and what the auxiliary head says of windows, `[N, values]`.
    fn windows(&self, batch: &Batch) -> (Tensor<3>, Option<Tensor<2>>) {
        let input = self.input(batch);
        let (logits, auxiliary) = if batch.height == self.spec.input {
            self.net.forward(input)
        } else {
            let form = self.spec.patch_form().expect("pictures larger than the input are for nets that can take them");
            (self.net.forward_patches(input, &form), None)
        };
        let [all, classes] = logits.dims();
        (logits.reshape([batch.count, all / batch.count, classes]), auxiliary)
    }

    /// Logits of the net of the last step as it runs (no dropout, running statistics), `[N, classes]`.
    pub fn predict(&self, batch: &Batch) -> Vec<f32> {
        let net = self.net.valid();
        values(net.forward(self.input(batch).without_autodiff()).0)
    }

    /// The net's tensors, averaged as [`OptimizerParams::average`] asks, by the names that [`NetSpec::tensors`] gives.
    pub fn tensors(&self) -> BTreeMap<String, TensorValues> {
        self.average.as_ref().map_or_else(|| self.net.valid().tensors(&self.spec), |average| average.tensors().clone())
    }

    /// Goes on from `weights`: of the same net, or of one with narrower layers, which is widened (`Net2Net`, Chen, Goodfellow and Shlens
    /// 2016).
    ///
    /// # Errors
    /// [`NetError::Spec`] if the weights are of another net.
    pub fn start_from(&mut self, weights: &Weights) -> Result<(), NetError> {
        let other_net = || NetError::Spec(format!("the weights `{}` to start from are of another net", weights.card.name));
        let tensors = widened(weights, &self.spec, &self.tensors()).ok_or_else(other_net)?;
        self.set_tensors(&tensors);
        Ok(())
    }

    /// Replaces the net's tensors, as to compare the two forms of a net.
    ///
    /// # Panics
    /// If a tensor of the spec is missing: weight files are checked when they are read.
    pub fn set_tensors(&mut self, tensors: &BTreeMap<String, TensorValues>) {
        self.net.set_tensors(&self.spec, tensors, &self.device);
        if let Some(average) = &mut self.average {
            average.restart(self.net.valid().tensors(&self.spec));
        }
    }

    /// A checkpoint of net and optimizer.
    ///
    /// # Errors
    /// [`NetError::Checkpoint`] if Burn cannot pack it.
    pub fn state(&self) -> Result<TrainerState, NetError> {
        self.net.synchronize();
        let bytes = |net: TrainableNet| Ok(net.into_record().into_bytes().map_err(checkpoint_error)?.to_vec());
        let average = self.average.as_ref().map(|average| {
            let mut net = self.net.clone();
            net.set_tensors(&self.spec, average.tensors(), &self.device);
            bytes(net)
        });
        let optimizer = self.optimizer.into_bytes().map_err(checkpoint_error)?.to_vec();
        Ok(TrainerState { net: bytes(self.net.clone())?, optimizer, average: average.transpose()? })
    }

    /// Goes back to a checkpoint of the same spec.
    ///
    /// # Errors
    /// [`NetError::Checkpoint`] if it is damaged or of another net.
    pub fn restore(&mut self, state: &TrainerState) -> Result<(), NetError> {
        let net = |bytes: &[u8]| {
            let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec())).map_err(checkpoint_error)?;
            self.net.clone().try_load_record(record).map_err(checkpoint_error)
        };
        if let Some(average) = &mut self.average {
            let bytes = state.average.as_ref().ok_or_else(|| checkpoint_error("it has no running mean"))?;
            average.restart(net(bytes)?.valid().tensors(&self.spec));
        }
        self.net = net(&state.net)?;
        let optimizer = Bytes::from_bytes_vec(state.optimizer.clone());
        self.optimizer = self.optimizer.clone().from_bytes(optimizer).map_err(checkpoint_error)?;
        Ok(())
    }

    fn input(&self, batch: &Batch) -> Tensor<4> {
        let shape = [batch.count, batch.height, batch.width, 3];
        Tensor::<4>::from_data(TensorData::new(batch.values.clone(), shape), &self.device).permute([0, 3, 1, 2])
    }

    fn matrix(&self, values: Vec<f32>, shape: [usize; 2]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }
}

fn checkpoint_error(error: impl std::fmt::Display) -> NetError {
    NetError::Checkpoint(error.to_string())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("nets compute in f32")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Block, Padding,
        testing::{numbers, turn},
    };

    fn spec() -> NetSpec {
        let conv = Block::Conv { kernel: 3, filters: 4, stride: 1, padding: Padding::Same };
        let dense = Block::Dense { units: 2 };
        NetSpec {
            input: 8,
            blocks: vec![conv, Block::Relu, Block::BatchNorm, Block::MaxPool, Block::Dropout { rate: 0.2 }, dense],
        }
    }

    /// Pictures whose class is which half is brighter.
    fn batch(seed: u64) -> (Batch, Targets) {
        let mut batch = Batch::new(8, 8);
        let mut targets = Targets::default();
        for (index, side) in numbers(seed).take(32).enumerate() {
            let class = usize::from(side > 0.0);
            let noise: Vec<f32> = numbers(seed + index as u64).take(3 * 64).collect();
            let bright = |at: usize| if usize::from(at / 3 % 8 >= 4) == class { 0.5 } else { -0.5 };
            batch.push(noise.iter().enumerate().map(|(at, noise)| bright(at) + 0.3 * noise));
            targets.probabilities.extend([1.0 - class as f32, class as f32]);
            targets.weights.push(1.0);
            // The auxiliary head shall say twice which side it is, where that is known.
            targets.auxiliary.push(2.0 * side.signum());
            targets.auxiliary_weights.push(if index % 2 == 0 { 1.0 } else { 0.0 });
        }
        (batch, targets)
    }

    fn run(trainer: &mut Trainer, steps: std::ops::Range<u64>) -> Vec<f32> {
        let step = |step| {
            let (batch, targets) = batch(step);
            trainer.step(&batch, &targets, 0.01, step).0
        };
        steps.map(step).collect()
    }

    #[test]
    fn it_learns() {
        let _turn = turn();
        let mut trainer = Trainer::new(&spec(), OptimizerParams::default(), 1).unwrap();
        let losses = run(&mut trainer, 0..60);
        assert!(losses[59] < 0.3 * losses[0], "{losses:?}");
    }

    #[test]
    fn an_auxiliary_head_learns_beside_the_net_and_leaves_no_tensor() {
        let _turn = turn();
        let plain = Trainer::new(&spec(), OptimizerParams::default(), 1).unwrap();
        let names = |trainer: &Trainer| trainer.tensors().into_keys().collect::<Vec<_>>();
        let expected = names(&plain);
        let mut trainer = plain.with_auxiliary(AuxiliaryHead { values: 1, weight: 10.0 });
        let losses = run(&mut trainer, 0..60);
        // A net that says nothing of the sides has an error of 4, ten times counted.
        assert!(losses[0] > 20.0 && losses[59] < 8.0, "{losses:?}");
        assert_eq!(names(&trainer), expected);
    }

    #[test]
    fn adjusted_logits_make_up_for_what_is_seen_more_often() {
        let _turn = turn();
        let mut trainer = Trainer::new(&spec(), OptimizerParams::default(), 1).unwrap();
        let (batch, mut targets) = batch(1);
        targets.adjustments = [4f32.ln(), 0.0].repeat(32);
        // Targets that are seen four times as often on the one side, whatever the picture: what is left is even.
        targets.probabilities = [0.8, 0.2].repeat(32);
        let logits = (0..80).map(|step| trainer.step(&batch, &targets, 0.02, step).1).last().unwrap();
        let mean = logits.chunks_exact(2).map(|pair| pair[0] - pair[1]).sum::<f32>() / 32.0;
        assert!(mean.abs() < 0.3, "{mean}");
    }

    #[test]
    fn a_resumed_run_equals_an_uninterrupted_one() {
        let _turn = turn();
        let trainer = |seed| {
            let head = AuxiliaryHead { values: 1, weight: 1.0 };
            let params = OptimizerParams { average: 0.5, ..OptimizerParams::default() };
            Trainer::new(&spec(), params, seed).unwrap().with_auxiliary(head)
        };
        let mut whole = trainer(1);
        run(&mut whole, 0..6);
        let (state, notes) = TrainerState::from_bytes(&whole.state().unwrap().to_bytes("half way").unwrap()).unwrap();
        assert_eq!(notes, "half way");
        run(&mut whole, 6..12);

        let mut resumed = trainer(99);
        resumed.restore(&state).unwrap();
        run(&mut resumed, 6..12);
        assert_eq!(whole.tensors(), resumed.tensors());
    }

    #[test]
    fn what_comes_out_is_the_average() {
        let _turn = turn();
        let params = OptimizerParams { average: 0.75, ..OptimizerParams::default() };
        let mut plain = Trainer::new(&spec(), OptimizerParams::default(), 1).unwrap();
        let mut averaged = Trainer::new(&spec(), params, 1).unwrap();
        let mut expected = Average::new(0.75, plain.tensors());
        for step in 0..3 {
            run(&mut plain, step..step + 1);
            run(&mut averaged, step..step + 1);
            expected.add(plain.tensors());
            assert_eq!(&averaged.tensors(), expected.tensors());
        }
    }

    #[test]
    fn a_damaged_checkpoint_is_refused() {
        let _turn = turn();
        let mut trainer = Trainer::new(&spec(), OptimizerParams::default(), 1).unwrap();
        let state = TrainerState { net: vec![1, 2, 3], optimizer: vec![], average: None };
        assert!(matches!(trainer.restore(&state), Err(NetError::Checkpoint(_))));
        let file = trainer.state().unwrap().to_bytes("").unwrap();
        for end in [0, 5, 100, file.len() - 1] {
            assert!(matches!(TrainerState::from_bytes(&file[..end]), Err(NetError::Checkpoint(_))));
        }
    }

    #[test]
    fn a_patch_is_all_of_its_windows() {
        let _turn = turn();
        let conv = |kernel, filters| Block::Conv { kernel, filters, stride: 1, padding: Padding::Valid };
        let blocks = vec![
            conv(3, 4),
            Block::MaxPool,
            Block::Relu,
            conv(2, 5),
            Block::BatchNorm,
            Block::Dense { units: 6 },
            Block::Relu,
            Block::Dense { units: 3 },
        ];
        let trainer = Trainer::new(&NetSpec { input: 8, blocks }, OptimizerParams::default(), 3).unwrap();
        let side = 12;
        let pixels: Vec<f32> = numbers(4).take(2 * 3 * side * side).collect();
        let (mut patches, mut windows) = (Batch::new(side, side), Batch::new(8, 8));
        for patch in pixels.chunks_exact(3 * side * side) {
            patches.push(patch.iter().copied());
            for (top, left) in [(0, 0), (0, 2), (0, 4), (2, 0), (2, 2), (2, 4), (4, 0), (4, 2), (4, 4)] {
                windows.push((top..top + 8).flat_map(|y| patch[(y * side + left) * 3..][..8 * 3].iter().copied()));
            }
        }
        let form = trainer.spec.patch_form().unwrap();
        assert_eq!(form.windows(side).unwrap(), 3);
        let whole = values(trainer.net.valid().forward_patches(trainer.input(&patches).without_autodiff(), &form));
        let apart = trainer.predict(&windows);
        assert_eq!(whole.len(), apart.len());
        whole.iter().zip(&apart).for_each(|(a, b)| assert!((a - b).abs() < 1e-5, "{a} is not {b}"));
    }

    #[test]
    fn it_learns_from_patches() {
        let _turn = turn();
        let mut spec = spec();
        spec.blocks[0] = Block::Conv { kernel: 3, filters: 4, stride: 1, padding: Padding::Valid };
        let mut trainer = Trainer::new(&spec, OptimizerParams::default(), 1).unwrap();
        let mut losses = vec![];
        for seed in 0..60 {
            let (windows, targets) = batch(seed);
            let mut patches = Batch::new(10, 10);
            for window in windows.values.chunks_exact(3 * 64) {
                // The window with its borders repeated once.
                let at = |index: usize| window[(inner(index / 30) * 8 + inner(index / 3 % 10)) * 3 + index % 3];
                patches.push((0..3 * 100).map(at));
            }
            let (loss, logits) = trainer.step(&patches, &targets, 0.01, seed);
            assert_eq!(logits.len(), targets.probabilities.len());
            losses.push(loss);
        }
        assert!(losses[59] < 0.3 * losses[0], "{losses:?}");
    }

    /// A place in a window of 8 pixels, for one in 10.
    fn inner(place: usize) -> usize {
        place.saturating_sub(1).min(7)
    }

    #[test]
    fn tensors_survive_a_round_trip() {
        let _turn = turn();
        let trainer = Trainer::new(&spec(), OptimizerParams::default(), 1).unwrap();
        let mut other = Trainer::new(&spec(), OptimizerParams::default(), 2).unwrap();
        other.set_tensors(&trainer.tensors());
        assert_eq!(other.tensors(), trainer.tensors());
        let predictions = other.predict(&batch(5).0).into_iter().zip(trainer.predict(&batch(5).0));
        predictions.for_each(|(a, b)| assert!((a - b).abs() < 1e-6, "{a} is not {b}"));
    }
}
