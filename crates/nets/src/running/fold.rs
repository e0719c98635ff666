//! Folding of batch norm into its neighbors, exactly.
//!
//! In the article's nets a batch norm stands behind a relu, so it cannot go into the convolution before it. With positive
//! scales it commutes with the max pool behind it (a quarter of the work); from there it goes forward into a convolution without
//! padding, such as a dense layer is. Into a zero-padded convolution it does not go: the zeros would have to become
//! `-shift / scale`.

use super::{Affine, Operation};

/// The same computation with as few steps as can be had exactly: batch norms go into convolutions, and so do relus.
pub(super) fn fold(operations: Vec<Operation>) -> Vec<Operation> {
    let mut folded: Vec<Operation> = Vec::with_capacity(operations.len());
    let mut pending: Option<Affine> = None;
    for operation in operations {
        match (operation, pending.take()) {
            (Operation::Affine(affine), None) => match folded.last_mut() {
                Some(Operation::Conv { weight, bias, relu: false, .. }) => fold_back(&affine, &mut weight.values, bias),
                _ => pending = Some(affine),
            },
            // A relu may also come before the pool that it stands behind.
            (Operation::Relu, None) => match folded.as_mut_slice() {
                [.., Operation::Conv { relu, .. }] | [.., Operation::Conv { relu, .. }, Operation::MaxPool] => *relu = true,
                _ => folded.push(Operation::Relu),
            },
            (Operation::MaxPool, Some(affine)) if affine.scale.iter().all(|scale| *scale > 0.0) => {
                folded.push(Operation::MaxPool);
                pending = Some(affine);
            }
            (Operation::Conv { mut weight, mut bias, around: 0, stride, relu }, Some(affine)) => {
                fold_forward(&affine, &mut weight.values, &mut bias);
                folded.push(Operation::Conv { weight, bias, around: 0, stride, relu });
            }
            (operation, affine) => {
                folded.extend(affine.map(Operation::Affine));
                folded.push(operation);
            }
        }
    }
    folded.extend(pending.map(Operation::Affine));
    folded
}

/// Folds `affine` into the weights `[out, ...]` of the layer before it.
fn fold_back(affine: &Affine, weights: &mut [f32], bias: &mut [f32]) {
    let row = weights.len() / bias.len();
    for (out, weights) in weights.chunks_exact_mut(row).enumerate() {
        weights.iter_mut().for_each(|weight| *weight *= affine.scale[out]);
        bias[out] = bias[out] * affine.scale[out] + affine.shift[out];
    }
}

/// Folds `affine` into the weights `[out, channels, ...]` of the layer behind it.
fn fold_forward(affine: &Affine, weights: &mut [f32], bias: &mut [f32]) {
    let channels = affine.scale.len();
    let row = weights.len() / bias.len();
    for (weights, bias) in weights.chunks_exact_mut(row).zip(bias) {
        let mut added = 0.0;
        for (channel, weights) in weights.chunks_exact_mut(row / channels).enumerate() {
            added += f64::from(affine.shift[channel]) * weights.iter().copied().map(f64::from).sum::<f64>();
            weights.iter_mut().for_each(|weight| *weight *= affine.scale[channel]);
        }
        *bias += added as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{running::lower, spec::NetSpec, testing::random_weights};

    fn kinds(operations: &[Operation]) -> String {
        let kind = |operation: &Operation| match operation {
            Operation::Conv { relu: false, .. } => 'c',
            Operation::Conv { relu: true, .. } => 'C',
            Operation::Relu => 'r',
            Operation::MaxPool => 'p',
            Operation::Affine(_) => 'a',
        };
        operations.iter().map(kind).collect()
    }

    #[test]
    fn the_article_net_keeps_three_of_five_affine_steps_behind_their_pools() {
        let operations = lower(&random_weights(&NetSpec::article(), 3)).unwrap();
        assert_eq!(kinds(&operations), "crapcrapcrapcrapcrac");
        assert_eq!(kinds(&fold(operations)), "CpaCpaCpaCpCc");
    }

    #[test]
    fn a_negative_scale_stays_before_its_pool() {
        let mut weights = random_weights(&NetSpec::article(), 3);
        weights.tensors.get_mut("norm2.scale").unwrap().values[5] = -0.5;
        assert_eq!(kinds(&fold(lower(&weights).unwrap())), "CpaCapCpaCpCc");
    }
}
