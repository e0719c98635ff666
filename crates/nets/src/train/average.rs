//! The running mean of a net's tensors over the steps of a training.

use std::collections::BTreeMap;

use crate::weights::TensorValues;

/// A running mean of tensors (Polyak and Juditsky 1992): what the last steps did to a net by chance is less of it than of the net.
pub(super) struct Average {
    decay: f32,
    tensors: BTreeMap<String, TensorValues>,
}

impl Average {
    /// One that begins with `tensors` and keeps `decay` of itself in each step, `0..1`.
    pub(super) fn new(decay: f32, tensors: BTreeMap<String, TensorValues>) -> Self {
        Self { decay, tensors }
    }

    /// Begins anew.
    pub(super) fn restart(&mut self, tensors: BTreeMap<String, TensorValues>) {
        self.tensors = tensors;
    }

    /// Takes in the tensors behind one more step, which have the same names and shapes.
    pub(super) fn add(&mut self, latest: BTreeMap<String, TensorValues>) {
        for (mean, latest) in self.tensors.values_mut().zip(latest.into_values()) {
            mean.values.iter_mut().zip(latest.values).for_each(|(mean, latest)| *mean = latest + self.decay * (*mean - latest));
        }
    }

    pub(super) fn tensors(&self) -> &BTreeMap<String, TensorValues> {
        &self.tensors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensors(values: [f32; 2]) -> BTreeMap<String, TensorValues> {
        [("a".to_owned(), TensorValues { shape: vec![2], values: values.into() })].into()
    }

    #[test]
    fn it_lies_between_what_was_and_what_is() {
        let mut average = Average::new(0.75, tensors([0.0, 8.0]));
        average.add(tensors([4.0, 8.0]));
        assert_eq!(average.tensors(), &tensors([1.0, 8.0]));
        average.add(tensors([1.0, 0.0]));
        assert_eq!(average.tensors(), &tensors([1.0, 6.0]));
    }

    #[test]
    fn without_decay_it_is_what_came_last() {
        let mut average = Average::new(0.0, tensors([3.0, 4.0]));
        average.add(tensors([1.0, 2.0]));
        assert_eq!(average.tensors(), &tensors([1.0, 2.0]));
    }
}
