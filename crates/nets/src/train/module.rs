//! The Burn module that a [`NetSpec`] describes.

use std::collections::BTreeMap;

use burn::{
    module::{Module, Param, RunningState},
    nn::{
        BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor, TensorData, activation::relu, module::conv2d, ops::ConvOptions},
};

use super::values;
use crate::{
    NetError,
    patches::PatchForm,
    spec::{Block, NetSpec, Padding, Shape},
    weights::TensorValues,
};

/// Added to variances before their root is taken, as in Ioffe and Szegedy 2015 and every framework since.
pub(crate) const NORM_EPSILON: f64 = 1e-5;

/// A block with its parameters.
#[derive(Module, Debug)]
enum Layer {
    Dropout(Dropout),
    Conv(Conv2d),
    Relu(Marker),
    BatchNorm(BatchNorm),
    MaxPool(MaxPool2d),
    Dense(Linear),
}

/// Stands for a block without parameters.
#[derive(Module, Debug)]
struct Marker {
    #[module(skip)]
    nothing: (),
}

/// The values between two blocks: maps until the first dense layer, vectors from there on.
#[derive(Clone)]
enum Values {
    Maps(Tensor<4>),
    Vectors(Tensor<2>),
}

/// A spec's blocks with their parameters, in training or validation state.
#[derive(Module, Debug)]
pub(super) struct TrainableNet {
    layers: Vec<Layer>,
    /// The auxiliary head, on what the last layer takes.
    auxiliary: Option<Linear>,
}

impl TrainableNet {
    pub(super) fn new(spec: &NetSpec, device: &Device) -> Result<Self, NetError> {
        let shapes = spec.shapes()?;
        let layers = spec.blocks.iter().zip(shapes).map(|(block, before)| Layer::new(block, before, device)).collect();
        Ok(Self { layers, auxiliary: None })
    }

    /// Puts a head of `values` on what the last layer takes.
    ///
    /// # Panics
    /// If the last layer is not dense.
    pub(super) fn add_auxiliary(&mut self, values: usize, device: &Device) {
        let Some(Layer::Dense(top)) = self.layers.last() else { panic!("auxiliary heads stand beside a dense layer") };
        let [inputs, _] = top.weight.val().dims();
        self.auxiliary = Some(LinearConfig::new(inputs, values).init(device));
    }

    /// Replaces the tensors of all layers; an auxiliary head stays.
    pub(super) fn set_tensors(&mut self, spec: &NetSpec, tensors: &BTreeMap<String, TensorValues>, device: &Device) {
        let mut remaining = spec.tensors().expect("a trainer's spec was checked").into_iter();
        let mut next = || &tensors[&remaining.next().expect("every parameter has a tensor").name];
        for layer in &mut self.layers {
            layer.load(&mut next, device);
        }
    }

    pub(super) fn tensors(&self, spec: &NetSpec) -> BTreeMap<String, TensorValues> {
        let values = self.layers.iter().flat_map(Layer::values);
        let specs = spec.tensors().expect("a trainer's spec was checked").into_iter();
        specs.zip(values).map(|(tensor, values)| (tensor.name, TensorValues { shape: tensor.shape, values })).collect()
    }

    /// Makes the running statistics of all steps so far part of the parameters: Burn keeps each thread's newest ones aside.
    pub(super) fn synchronize(&self) {
        for layer in &self.layers {
            if let Layer::BatchNorm(norm) = layer {
                norm.running_mean.value_sync();
                norm.running_var.value_sync();
            }
        }
    }

    /// Pictures `[N, 3, H, W]` to logits `[N, classes]`, and to what the auxiliary head says of them, `[N, values]`.
    pub(super) fn forward(&self, input: Tensor<4>) -> (Tensor<2>, Option<Tensor<2>>) {
        let (top, below) = self.layers.split_last().expect("a net that answers has layers");
        let features = below.iter().fold(Values::Maps(input), |values, layer| layer.forward(values));
        let auxiliary = self.auxiliary.as_ref().map(|head| head.forward(features.clone().flat()));
        (top.forward(features).flat(), auxiliary)
    }

    /// Patches `[N, 3, H, W]` to the logits of their windows, `[N * windows, classes]`, those of a patch row by row.
    pub(super) fn forward_patches(&self, input: Tensor<4>, form: &PatchForm) -> Tensor<2> {
        let lay = |values, layer: &Layer| match (layer, values) {
            (Layer::Dense(dense), Values::Maps(maps)) => Values::Vectors(at_every_window(dense, maps, form)),
            (layer, values) => layer.forward(values),
        };
        self.layers.iter().fold(Values::Maps(input), lay).flat()
    }
}

/// The dense layer on each window of the maps, `[N * windows, units]`.
fn at_every_window(dense: &Linear, maps: Tensor<4>, form: &PatchForm) -> Tensor<2> {
    let [inputs, units] = dense.weight.val().dims();
    debug_assert_eq!(inputs, form.channels * form.kernel * form.kernel);
    let weight = dense.weight.val().transpose().reshape([units, form.channels, form.kernel, form.kernel]);
    let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
    let maps = conv2d(maps, weight, dense.bias.as_ref().map(Param::val), options);
    let [count, units, height, width] = maps.dims();
    maps.permute([0, 2, 3, 1]).reshape([count * height * width, units])
}

impl Values {
    fn flat(self) -> Tensor<2> {
        match self {
            Self::Maps(maps) => maps.flatten(1, 3),
            Self::Vectors(vectors) => vectors,
        }
    }

    fn maps(self) -> Tensor<4> {
        match self {
            Self::Maps(maps) => maps,
            Self::Vectors(_) => unreachable!("a checked spec has no maps behind a dense layer"),
        }
    }
}

impl Layer {
    fn new(block: &Block, before: Shape, device: &Device) -> Self {
        match *block {
            Block::Dropout { rate } => Self::Dropout(DropoutConfig::new(rate).init()),
            Block::Conv { kernel, filters, stride, padding } => {
                let around = match padding {
                    Padding::Same => kernel / 2,
                    Padding::Valid => 0,
                };
                let config = Conv2dConfig::new([before.channels, filters], [kernel, kernel])
                    .with_stride([stride, stride])
                    .with_padding(PaddingConfig2d::Explicit(around, around, around, around));
                Self::Conv(config.init(device))
            }
            Block::Relu => Self::Relu(Marker { nothing: () }),
            Block::BatchNorm => Self::BatchNorm(BatchNormConfig::new(before.channels).with_epsilon(NORM_EPSILON).init(device)),
            Block::MaxPool => Self::MaxPool(MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init()),
            Block::Dense { units } => Self::Dense(LinearConfig::new(before.len(), units).init(device)),
        }
    }

    fn forward(&self, values: Values) -> Values {
        match (self, values) {
            (Self::Dropout(dropout), Values::Maps(maps)) => Values::Maps(dropout.forward(maps)),
            (Self::Dropout(dropout), Values::Vectors(vectors)) => Values::Vectors(dropout.forward(vectors)),
            (Self::Relu(_), Values::Maps(maps)) => Values::Maps(relu(maps)),
            (Self::Relu(_), Values::Vectors(vectors)) => Values::Vectors(relu(vectors)),
            (Self::BatchNorm(norm), Values::Maps(maps)) => Values::Maps(norm.forward(maps)),
            (Self::BatchNorm(norm), Values::Vectors(vectors)) => Values::Vectors(norm.forward(vectors)),
            (Self::Conv(conv), values) => Values::Maps(conv.forward(values.maps())),
            (Self::MaxPool(pool), values) => Values::Maps(pool.forward(values.maps())),
            (Self::Dense(dense), values) => Values::Vectors(dense.forward(values.flat())),
        }
    }

    /// Values of the parameters in the order and layout of [`NetSpec::tensors`].
    fn values(&self) -> Vec<Vec<f32>> {
        match self {
            Self::Conv(conv) => vec![values(conv.weight.val()), values(bias(conv.bias.as_ref()))],
            Self::BatchNorm(norm) => vec![
                values(norm.gamma.val()),
                values(norm.beta.val()),
                values(norm.running_mean.value()),
                values(norm.running_var.value()),
            ],
            Self::Dense(dense) => vec![values(dense.weight.val().transpose()), values(bias(dense.bias.as_ref()))],
            Self::Dropout(_) | Self::Relu(_) | Self::MaxPool(_) => vec![],
        }
    }

    fn load<'a>(&mut self, next: &mut impl FnMut() -> &'a TensorValues, device: &Device) {
        match self {
            Self::Conv(conv) => {
                conv.weight = Param::from_tensor(tensor(next(), device));
                conv.bias = Some(Param::from_tensor(tensor(next(), device)));
            }
            Self::BatchNorm(norm) => {
                norm.gamma = Param::from_tensor(tensor(next(), device));
                norm.beta = Param::from_tensor(tensor(next(), device));
                norm.running_mean = RunningState::new(tensor(next(), device));
                norm.running_var = RunningState::new(tensor(next(), device));
            }
            Self::Dense(dense) => {
                dense.weight = Param::from_tensor(tensor::<2>(next(), device).transpose());
                dense.bias = Some(Param::from_tensor(tensor(next(), device)));
            }
            Self::Dropout(_) | Self::Relu(_) | Self::MaxPool(_) => {}
        }
    }
}

fn bias(bias: Option<&Param<Tensor<1>>>) -> Tensor<1> {
    bias.expect("all convolutions and dense layers have a bias").val()
}

fn tensor<const D: usize>(values: &TensorValues, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.values.clone(), values.shape.clone()), device)
}
