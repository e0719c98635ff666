//! Drawing among samples by weight, as a pure function of a seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Stream of the generator that picks samples, apart from the streams that vary them.
const PICK_STREAM: u64 = 0x7069_636b;

/// A choice among numbered things with given weights.
pub(super) struct WeightedChoice {
    /// Running sums of the weights.
    sums: Vec<f64>,
}

impl WeightedChoice {
    /// # Panics
    /// If there are no weights or they are not above 0 in all.
    pub(super) fn new(weights: &[f64]) -> Self {
        let mut sum = 0.0;
        let sums: Vec<f64> = weights
            .iter()
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        assert!(sum > 0.0, "nothing to choose from");
        Self { sums }
    }

    /// The number that `seed` chooses.
    pub(super) fn pick(&self, seed: u64) -> usize {
        let at = generator(seed).random::<f64>() * self.sums[self.sums.len() - 1];
        self.sums.partition_point(|sum| *sum <= at).min(self.sums.len() - 1)
    }

    /// The probability that a seed chooses `number`.
    fn share(&self, number: usize) -> f64 {
        let before = if number == 0 { 0.0 } else { self.sums[number - 1] };
        (self.sums[number] - before) / self.sums[self.sums.len() - 1]
    }

    /// The probability of each of `count` classes, given that of each thing in turn; things of no class take the rest.
    pub(super) fn class_shares(&self, classes: impl Iterator<Item = Option<usize>>, count: usize) -> Vec<f64> {
        let mut shares = vec![0.0; count];
        for (number, class) in classes.enumerate().filter_map(|(number, class)| Some((number, class?))) {
            shares[class] += self.share(number);
        }
        shares
    }
}

/// The generator of choices that follow from `seed`.
pub(super) fn generator(seed: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(PICK_STREAM);
    generator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_follow_the_weights() {
        let choice = WeightedChoice::new(&[1.0, 0.0, 3.0]);
        let mut counts = [0; 3];
        (0..4000).for_each(|seed| counts[choice.pick(seed)] += 1);
        assert_eq!(counts[1], 0);
        assert!((900..1100).contains(&counts[0]), "{counts:?}");
        assert_eq!([0, 1, 2].map(|number| choice.share(number)), [0.25, 0.0, 0.75]);
        assert_eq!(choice.class_shares([Some(1), Some(0), None].into_iter(), 2), [0.0, 0.25]);
    }
}
