//! Random numbers of one stage of the making of one picture: a seed and a stream go in, draws come out.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::f32::consts::TAU;

/// Draws of one stage.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// The random stream `stream` of one sample: each stage has one of its own, so that what one stage draws leaves the
    /// others as they were.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// Uniform in `0..1`.
    pub fn unit(&mut self) -> f32 {
        self.0.random()
    }

    /// Uniform between `low` and `high`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform between `-strength` and `strength`.
    pub fn signed(&mut self, strength: f32) -> f32 {
        self.between(-strength, strength)
    }

    /// A factor between `1 / (1 + strength)` and `1 + strength`, as often below 1 as above.
    pub fn factor(&mut self, strength: f32) -> f32 {
        self.signed(strength.max(0.0).ln_1p()).exp()
    }

    /// True with `probability` (0..=1).
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// Normal with this mean and standard deviation (Box and Muller 1958).
    pub fn normal(&mut self, mean: f32, deviation: f32) -> f32 {
        let (radius, angle) = ((-2.0 * (1.0 - self.unit()).ln()).sqrt(), TAU * self.unit());
        mean + deviation * radius * angle.cos()
    }

    /// A whole number below `count`, which is 1 or more.
    pub fn below(&mut self, count: u32) -> u32 {
        ((self.unit() * count as f32) as u32).min(count - 1)
    }

    /// An evenly distributed color.
    pub fn color(&mut self) -> [u8; 3] {
        let [red, green, blue, _] = self.0.next_u32().to_le_bytes();
        [red, green, blue]
    }

    /// Fills `bytes` with random ones.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_and_seeds_differ() {
        let first = |(seed, stream): (u64, u64)| Draw::new(seed, stream).color();
        let all = [(1, 2), (2, 2), (1, 4), (1, 1)];
        let colors: Vec<_> = all.map(first).to_vec();
        assert_eq!(colors, all.map(first));
        assert!((0..colors.len()).all(|i| !colors[i + 1..].contains(&colors[i])), "{colors:?}");
    }

    #[test]
    fn draws_fill_their_ranges() {
        let mut draw = Draw::new(3, 0);
        let factors: Vec<f32> = (0..4000).map(|_| draw.factor(0.25)).collect();
        assert!(factors.iter().all(|factor| (0.7999..=1.2501).contains(factor)));
        let above = factors.iter().filter(|&&factor| factor > 1.0).count();
        assert!((1850..2150).contains(&above), "{above} of 4000 factors above 1");
        let mut counts = [0; 5];
        (0..4000).for_each(|_| counts[draw.below(5) as usize] += 1);
        assert!(counts.iter().all(|count| (650..950).contains(count)), "{counts:?}");
    }

    #[test]
    fn normal_draws_have_their_moments() {
        let mut draw = Draw::new(5, 0);
        let values: Vec<f32> = (0..8000).map(|_| draw.normal(3.0, 0.5)).collect();
        let mean = values.iter().sum::<f32>() / 8000.0;
        let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / 8000.0).sqrt();
        assert!((mean - 3.0).abs() < 0.03 && (deviation - 0.5).abs() < 0.03, "{mean} {deviation}");
    }
}
