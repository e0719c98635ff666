//! Random numbers of one stage of augmentation: a seed goes in, draws come out.

use super::Effect;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The stages, each with a random stream of its own.
#[derive(Clone, Copy)]
pub(super) enum Stage {
    Surroundings,
    Geometry,
    Light,
    Cover,
    Quality,
}

/// Draws of one stage.
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    /// The random stream of `stage` for one sample.
    pub fn new(seed: u64, stage: Stage) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stage as u64);
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

    /// The strength of `effect` where it happens.
    pub fn effect(&mut self, effect: Effect) -> Option<f32> {
        let happens = self.chance(effect.probability);
        (happens && effect.strength > 0.0).then_some(effect.strength)
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
    fn stages_and_seeds_have_streams_of_their_own() {
        let first = |seed, stage| Draw::new(seed, stage).color();
        let all = [(1, Stage::Light), (2, Stage::Light), (1, Stage::Quality), (1, Stage::Geometry)];
        let colors: Vec<_> = all.map(|(seed, stage)| first(seed, stage)).to_vec();
        assert_eq!(colors, all.map(|(seed, stage)| first(seed, stage)));
        assert!((0..colors.len()).all(|i| !colors[i + 1..].contains(&colors[i])), "{colors:?}");
    }

    #[test]
    fn draws_fill_their_ranges() {
        let mut draw = Draw::new(3, Stage::Light);
        let factors: Vec<f32> = (0..4000).map(|_| draw.factor(0.25)).collect();
        assert!(factors.iter().all(|factor| (0.7999..=1.2501).contains(factor)));
        let above = factors.iter().filter(|&&factor| factor > 1.0).count();
        assert!((1850..2150).contains(&above), "{above} of 4000 factors above 1");
        let mut counts = [0; 5];
        (0..4000).for_each(|_| counts[draw.below(5) as usize] += 1);
        assert!(counts.iter().all(|count| (650..950).contains(count)), "{counts:?}");
    }

    #[test]
    fn effects_happen_as_often_as_they_should() {
        let mut draw = Draw::new(4, Stage::Cover);
        let cases = [(0.0, 1.0, 0..=0), (1.0, 1.0, 4000..=4000), (0.25, 1.0, 880..=1120), (1.0, 0.0, 0..=0)];
        for (probability, strength, expected) in cases {
            let effect = Effect::new(probability, strength);
            let count = (0..4000).filter(|_| draw.effect(effect).is_some()).count();
            assert!(expected.contains(&count), "{effect:?}: {count} of 4000");
        }
    }
}
