//! Running nets: batches of normalized pictures to logits.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::{NetError, running::Chain, weights::Card, weights::Weights};

/// Pictures as the input of a net: `[count, height, width, 3]`, normalized, in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// How many pictures there are.
    pub count: usize,
    /// Height of each in pixels.
    pub height: usize,
    /// Width of each in pixels.
    pub width: usize,
    /// `count * height * width * 3` values.
    pub values: Vec<f32>,
}

impl Batch {
    /// No pictures yet, of this height and width in pixels.
    pub fn new(height: usize, width: usize) -> Self {
        Self { count: 0, height, width, values: vec![] }
    }

    /// Adds a picture: red, green and blue of its pixels, row by row.
    ///
    /// # Panics
    /// If it has not `height * width * 3` values.
    pub fn push(&mut self, pixels: impl IntoIterator<Item = f32>) {
        self.values.extend(pixels);
        self.count += 1;
        assert_eq!(self.values.len(), self.count * self.height * self.width * 3, "a picture of another size");
    }
}

/// What a net gives for a [`Batch`]: logits `[count, height, width, classes]`; height and width are 1 for one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Logits {
    /// How many pictures went in.
    pub count: usize,
    /// Number of classes.
    pub classes: usize,
    /// Height of the map.
    pub height: usize,
    /// Width of the map.
    pub width: usize,
    /// Values in row-major order.
    pub values: Vec<f32>,
}

/// Something that answers batches with logits: a [`Net`], or a stand-in in tests of the code around nets.
pub trait Forward: Send + Sync {
    /// What the net says of itself.
    fn card(&self) -> &Card;

    /// Logits of a batch.
    ///
    /// # Errors
    /// [`NetError::Run`] if the runtime refuses the input, such as pictures too small for the net.
    fn forward(&self, batch: &Batch) -> Result<Logits, NetError>;
}

/// A net ready to run.
pub struct Net {
    card: Card,
    chain: Chain,
    threads: Threads,
}

/// What a net runs on.
enum Threads {
    /// The thread that calls.
    One,
    /// Threads of its own.
    Own(ThreadPool),
    /// Rayon's, one a core.
    All,
}

impl Threads {
    fn new(count: Option<usize>) -> Result<Self, NetError> {
        let own = |count| ThreadPoolBuilder::new().num_threads(count).build();
        match count {
            None => Ok(Self::All),
            Some(1) => Ok(Self::One),
            Some(count) => own(count).map(Self::Own).map_err(|error| NetError::Run(error.to_string())),
        }
    }
}

impl Net {
    /// A net of these weights that runs on `threads` threads, or on one thread a core where none is said.
    ///
    /// # Errors
    /// [`NetError::Spec`] for an impossible spec, [`NetError::Run`] if there are no such threads.
    pub fn new(weights: &Weights, threads: Option<usize>) -> Result<Self, NetError> {
        Ok(Self { card: weights.card.clone(), chain: Chain::new(weights)?, threads: Threads::new(threads)? })
    }
}

impl Forward for Net {
    fn card(&self) -> &Card {
        &self.card
    }

    fn forward(&self, batch: &Batch) -> Result<Logits, NetError> {
        let logits = match &self.threads {
            Threads::One => self.chain.run(batch, 1),
            Threads::Own(pool) => pool.install(|| self.chain.run(batch, pool.current_num_threads())),
            Threads::All => self.chain.run(batch, rayon::current_num_threads()),
        };
        logits.map_err(|why| NetError::Run(format!("{}: {why}", self.card.name)))
    }
}

/// Probabilities of one item's logits: `exp(x / temperature)` over their sum.
///
/// # Panics
/// If the temperature is not above 0.
pub fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    assert!(temperature > 0.0, "a softmax needs a temperature above 0");
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| ((logit - highest) / temperature).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// Index of the highest value, the first of equals; values that are no numbers count as the highest.
///
/// # Panics
/// If there are no values.
pub fn argmax(values: &[f32]) -> usize {
    assert!(!values.is_empty(), "nothing has no highest value");
    let higher = |best: usize, index: usize| if values[index].total_cmp(&values[best]).is_gt() { index } else { best };
    (1..values.len()).fold(0, higher)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Block, NetSpec, OptimizerParams, Padding, Trainer,
        testing::{numbers, random_weights, turn},
    };

    fn random_batch(size: usize, count: usize) -> Batch {
        let mut batch = Batch::new(size, size);
        for index in 0..count {
            batch.push(numbers(7 + index as u64).take(3 * size * size));
        }
        batch
    }

    fn assert_forms_agree(spec: &NetSpec) {
        let _turn = turn();
        let weights = random_weights(spec, 11);
        let batch = random_batch(spec.input, 3);
        let mut trainer = Trainer::new(spec, OptimizerParams::default(), 1).unwrap();
        trainer.set_tensors(&weights.tensors);
        let trained = trainer.predict(&batch);
        let running = Net::new(&weights, Some(1)).unwrap().forward(&batch).unwrap();
        assert_eq!(running.values.len(), trained.len());
        for (a, b) in running.values.iter().zip(&trained) {
            assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{a} is not {b}");
        }
    }

    #[test]
    fn training_and_running_forms_agree() {
        assert_forms_agree(&NetSpec::article());
        assert_forms_agree(&NetSpec::article_detector());
        let conv = |kernel, stride, padding| Block::Conv { kernel, filters: 6, stride, padding };
        let valid = vec![conv(3, 1, Padding::Valid), Block::BatchNorm, Block::Relu, Block::MaxPool, conv(5, 1, Padding::Valid)];
        assert_forms_agree(&NetSpec { input: 12, blocks: valid });
        let mut strided = vec![conv(5, 2, Padding::Same), Block::Relu, Block::BatchNorm, conv(3, 2, Padding::Valid)];
        strided.extend([Block::BatchNorm, conv(4, 1, Padding::Valid), Block::BatchNorm]);
        assert_forms_agree(&NetSpec { input: 17, blocks: strided });
    }

    #[test]
    fn a_fully_convolutional_net_takes_any_size() {
        let conv = |kernel, filters| Block::Conv { kernel, filters, stride: 1, padding: Padding::Valid };
        let spec = NetSpec { input: 12, blocks: vec![conv(3, 4), Block::Relu, Block::MaxPool, conv(5, 2)] };
        let net = Net::new(&random_weights(&spec, 1), Some(1)).unwrap();
        let mut batch = Batch::new(20, 32);
        batch.push(numbers(1).take(3 * 20 * 32));
        let logits = net.forward(&batch).unwrap();
        assert_eq!((logits.classes, logits.height, logits.width), (2, 5, 11));
    }

    #[test]
    fn a_patch_is_answered_as_its_windows_are() {
        let conv = |kernel, stride| Block::Conv { kernel, filters: 5, stride, padding: Padding::Valid };
        let mut blocks = vec![conv(5, 2), Block::Relu, Block::BatchNorm, conv(3, 1), Block::MaxPool, Block::BatchNorm];
        blocks.extend([Block::Dense { units: 6 }, Block::Relu, Block::BatchNorm, Block::Dense { units: 3 }]);
        let spec = NetSpec { input: 17, blocks };
        assert_forms_agree(&spec);
        let net = Net::new(&random_weights(&spec, 5), Some(1)).unwrap();
        let (step, side) = (spec.patch_form().unwrap().step, 25);
        let patch = random_batch(side, 1);
        let mut windows = Batch::new(17, 17);
        for (top, left) in (0..3).flat_map(|row| (0..3).map(move |column| (row * step, column * step))) {
            windows.push((top..top + 17).flat_map(|y| patch.values[(y * side + left) * 3..][..17 * 3].iter().copied()));
        }
        let (whole, alone) = (net.forward(&patch).unwrap(), net.forward(&windows).unwrap());
        assert_eq!((whole.height, whole.width, alone.count), (3, 3, 9));
        for (there, alone) in whole.values.iter().zip(&alone.values) {
            assert!((there - alone).abs() < 1e-5, "{whole:?} and {alone:?}");
        }
    }

    #[test]
    fn an_input_too_small_is_an_error() {
        let net = Net::new(&random_weights(&NetSpec::article(), 1), Some(1)).unwrap();
        assert!(matches!(net.forward(&random_batch(16, 1)), Err(NetError::Run(_))));
    }

    #[test]
    fn argmax_table() {
        assert_eq!([argmax(&[3.0]), argmax(&[1.0, 3.0, 2.0]), argmax(&[2.0, 5.0, 5.0]), argmax(&[-1.0, -2.0])], [0, 1, 1, 0]);
    }

    #[test]
    fn softmax_table() {
        assert_eq!(softmax(&[0.0; 4], 1.0), [0.25; 4]);
        assert_eq!(softmax(&[1000.0, 0.0], 1.0), [1.0, 0.0]);
        let flatter = softmax(&[2.0, 0.0], 2.0);
        assert!((flatter[0] - 1.0 / (1.0 + (-1f32).exp())).abs() < 1e-6);
    }
}
