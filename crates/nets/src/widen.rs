//! `Net2Net` (Chen, Goodfellow and Shlens 2016, section 2.2): a wide net that answers as a narrow one does, to go on learning from there.

use std::collections::BTreeMap;

use crate::{
    spec::{Block, NetSpec, TensorSpec},
    weights::{TensorValues, Weights},
};

/// Share of a fresh net's random kernels that is added to the kernels of copied channels: without it they would stay copies, as they would
/// learn alike.
const NOISE: f32 = 0.1;

/// The channels of the wide net at one place: each is a copy of one of the narrow net.
struct Channels {
    /// The narrow net's channel that each is a copy of.
    of: Vec<usize>,
    /// How many copies there are of each channel of the narrow net.
    copies: Vec<usize>,
}

impl Channels {
    /// The channels of the narrow net in turn, until there are `wide` of them.
    fn new(narrow: usize, wide: usize) -> Self {
        let of: Vec<usize> = (0..narrow).cycle().take(wide).collect();
        let copies = (0..narrow).map(|channel| of.iter().filter(|from| **from == channel).count()).collect();
        Self { of, copies }
    }
}

/// Tensors of the net `spec` that answers as `narrow` does, but for the noise of copied channels; `fresh` holds random tensors of that net.
/// `None` if the nets differ in more than the width of their layers, or `narrow` is the wider one.
pub(crate) fn widened(
    narrow: &Weights,
    spec: &NetSpec,
    fresh: &BTreeMap<String, TensorValues>,
) -> Option<BTreeMap<String, TensorValues>> {
    let (blocks, wide_blocks) = (&narrow.card.spec.blocks, &spec.blocks);
    let alike = blocks.len() == wide_blocks.len() && blocks.iter().zip(wide_blocks).all(|(a, b)| is_widened(a, b));
    let ends_alike = narrow.card.spec.outputs().ok()? == spec.outputs().ok()?;
    if !alike || !ends_alike || narrow.card.spec.input != spec.input {
        return None;
    }
    let mut channels = Channels::new(3, 3);
    let widen = |tensor: TensorSpec| {
        let from = narrow.tensor(&tensor.name);
        let values = if tensor.shape.len() > 1 {
            let outputs = Channels::new(from.shape[0], tensor.shape[0]);
            let values = kernels(from, &fresh[&tensor.name].values, &channels, &outputs);
            channels = outputs;
            values
        } else {
            channels.of.iter().map(|channel| from.values[*channel]).collect()
        };
        (tensor.name, TensorValues { shape: tensor.shape, values })
    };
    Some(spec.tensors().ok()?.into_iter().map(widen).collect())
}

/// Whether `wide` is `narrow` with as many or more channels.
fn is_widened(narrow: &Block, wide: &Block) -> bool {
    match (*narrow, *wide) {
        (Block::Conv { filters: few, kernel, stride, padding }, Block::Conv { filters, .. }) => {
            few <= filters && *wide == Block::Conv { kernel, filters, stride, padding }
        }
        (Block::Dense { units: few }, Block::Dense { units }) => few <= units,
        (Block::Dropout { .. }, Block::Dropout { .. }) => true,
        (narrow, wide) => narrow == wide,
    }
}

/// Kernels from `inputs` to `outputs`: what comes in by several copies of a channel counts in equal parts, and copied kernels get noise.
fn kernels(from: &TensorValues, fresh: &[f32], inputs: &Channels, outputs: &Channels) -> Vec<f32> {
    let narrow_row: usize = from.shape[1..].iter().product();
    let places = narrow_row / inputs.copies.len();
    let row = |(output, narrow_output): (usize, &usize)| {
        let noise = if output < outputs.copies.len() { 0.0 } else { NOISE };
        let row_start = output * inputs.of.len() * places;
        let value = move |(input, channel): (usize, usize), place: usize| {
            let copied = from.values[narrow_output * narrow_row + channel * places + place] / inputs.copies[channel] as f32;
            copied + noise * fresh[row_start + input * places + place]
        };
        let inputs = inputs.of.iter().copied().enumerate();
        inputs.flat_map(move |input| (0..places).map(move |place| value(input, place))).collect::<Vec<f32>>()
    };
    outputs.of.iter().enumerate().flat_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Net,
        runtime::{Batch, Forward},
        spec::Padding,
        testing::{numbers, random_weights},
    };

    /// Two convolutions and two dense layers of these widths.
    fn spec(first: usize, second: usize, dense: usize) -> NetSpec {
        let conv = |filters| Block::Conv { kernel: 3, filters, stride: 1, padding: Padding::Valid };
        let blocks = vec![
            conv(first),
            Block::Relu,
            Block::BatchNorm,
            conv(second),
            Block::MaxPool,
            Block::Relu,
            Block::BatchNorm,
            Block::Dense { units: dense },
            Block::Relu,
            Block::BatchNorm,
            Block::Dense { units: 4 },
        ];
        NetSpec { input: 10, blocks }
    }

    fn zeros(spec: &NetSpec) -> BTreeMap<String, TensorValues> {
        let zero = |tensor: TensorSpec| {
            (tensor.name, TensorValues { values: vec![0.0; tensor.shape.iter().product()], shape: tensor.shape })
        };
        spec.tensors().unwrap().into_iter().map(zero).collect()
    }

    fn answers(weights: &Weights) -> Vec<f32> {
        let batch = Batch { values: numbers(7).take(2 * 10 * 10 * 3).collect(), count: 2, height: 10, width: 10 };
        Net::new(weights, None).unwrap().forward(&batch).unwrap().values
    }

    #[test]
    fn a_wide_net_answers_as_the_narrow_one() {
        let narrow = random_weights(&spec(3, 4, 5), 1);
        for wide in [spec(3, 4, 5), spec(5, 4, 5), spec(3, 9, 5), spec(3, 4, 16), spec(8, 6, 7)] {
            let mut weights = random_weights(&wide, 2);
            weights.tensors = widened(&narrow, &wide, &zeros(&wide)).unwrap();
            let near = |(a, b): (f32, f32)| (a - b).abs() < 1e-4;
            assert!(answers(&narrow).into_iter().zip(answers(&weights)).all(near), "{wide:?}");
        }
    }

    #[test]
    fn copies_do_not_stay_copies() {
        let (narrow, wide) = (random_weights(&spec(3, 4, 5), 1), spec(6, 4, 5));
        let fresh = random_weights(&wide, 2).tensors;
        let tensors = widened(&narrow, &wide, &fresh).unwrap();
        let kernels: Vec<&[f32]> = tensors["conv1.weight"].values.chunks(27).collect();
        assert_eq!(kernels[..3].concat(), narrow.tensors["conv1.weight"].values, "the first ones are as they were");
        let noise: Vec<f32> = kernels[3].iter().zip(kernels[0]).map(|(copy, original)| copy - original).collect();
        let expected = fresh["conv1.weight"].values[3 * 27..4 * 27].iter().map(|value| NOISE * value);
        assert!(noise.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn other_nets_are_not_widened() {
        let narrow = random_weights(&spec(3, 4, 5), 1);
        let others = [
            spec(2, 4, 5),
            NetSpec { input: 12, ..spec(3, 4, 5) },
            NetSpec { input: 10, blocks: spec(3, 4, 5).blocks[..10].to_vec() },
        ];
        for other in others {
            assert!(widened(&narrow, &other, &zeros(&other)).is_none(), "{other:?}");
        }
    }
}
