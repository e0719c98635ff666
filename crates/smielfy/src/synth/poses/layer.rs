//! A layer of a pose: shapes that move with each other, each within its range, on one side or both.

use super::{
    PosesError,
    file::{LayerTable, NormalRange, Range, Side},
    target::{Near, PerShape, Target, nearest},
};
use crate::draw::Draw;

/// Weights beyond this are a slip of the pen.
const MOST: f32 = 100.0;

/// Normal draws end this many deviations from their mean.
const FARTHEST: f32 = 3.0;

/// A layer whose names and numbers are sound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    shapes: Vec<(Target, Range)>,
    one_of: Vec<Layer>,
    chance: f32,
    jitter: f32,
    together: f32,
    side: Side,
}

impl Layer {
    /// The layers of `tables`, which stand in `pose`.
    pub fn all(tables: &[LayerTable], pose: &str) -> Result<Vec<Self>, PosesError> {
        tables.iter().map(|table| Self::new(table, pose)).collect()
    }

    fn new(table: &LayerTable, pose: &str) -> Result<Self, PosesError> {
        if table.shapes.is_empty() && table.one_of.is_empty() {
            return Err(PosesError::EmptyLayer { pose: pose.into() });
        }
        let shape = |(name, range): (&String, &Range)| Ok((target(name, table.side, pose)?, checked(*range, name, pose)?));
        Ok(Self {
            shapes: table.shapes.iter().map(shape).collect::<Result<_, PosesError>>()?,
            one_of: Self::all(&table.one_of, pose)?,
            chance: share(table.chance, "chance", pose)?,
            jitter: share(table.jitter, "jitter", pose)?,
            together: share(table.together, "together", pose)?,
            side: table.side,
        })
    }

    /// Adds what it draws to `weights`, if it is drawn at all.
    pub fn apply(&self, near: Near, draw: &mut Draw, weights: &mut PerShape) {
        if draw.chance(self.chance) {
            self.add(near, draw, weights);
        }
    }

    fn add(&self, near: Near, draw: &mut Draw, weights: &mut PerShape) {
        let common = draw.normal(0.0, 1.0);
        for (target, range) in &self.shapes {
            let own = draw.normal(0.0, 1.0);
            let deviations = self.together.sqrt() * common + (1.0 - self.together).sqrt() * own;
            target.add(range.at(deviations), draw.signed(self.jitter), self.side, near, weights);
        }
        if !self.one_of.is_empty() {
            let shares = self.one_of.iter().map(|layer| layer.chance);
            self.one_of[pick(shares, draw)].add(near, draw, weights);
        }
    }
}

impl Range {
    /// The value that has as many below it as a standard normal draw of `deviations`: so draws that go with each other, as
    /// in a Gaussian copula, do so in ranges of both kinds.
    fn at(&self, deviations: f32) -> f32 {
        match self {
            Self::Even([low, high]) => low + (high - low) * share_below(deviations),
            Self::Normal(range) => range.mean + range.deviation * deviations.clamp(-FARTHEST, FARTHEST),
        }
    }
}

/// The share of standard normal draws below `deviations`, to 2e-4 (Page 1977).
fn share_below(deviations: f32) -> f32 {
    let exponent = -2.0 * std::f32::consts::FRAC_2_PI.sqrt() * deviations * (1.0 + 0.044_715 * deviations * deviations);
    1.0 / (1.0 + exponent.exp())
}

/// A place in `shares`, drawn in proportion to them; the last one if all are 0.
pub(super) fn pick(shares: impl Iterator<Item = f32> + Clone, draw: &mut Draw) -> usize {
    let mut rest = draw.between(0.0, shares.clone().sum());
    let passes = |share: f32| {
        rest -= share;
        rest >= 0.0
    };
    let last = shares.clone().count() - 1;
    shares.map(passes).take_while(|passed| *passed).count().min(last)
}

/// What the shape `name` in a layer for `side` moves.
fn target(name: &str, side: Side, pose: &str) -> Result<Target, PosesError> {
    match known(name, pose)? {
        Target::Sideways(_) if side == Side::Both => Err(PosesError::NoSide { pose: pose.into(), shape: name.into() }),
        target => Ok(target),
    }
}

/// What the shape `name` moves.
pub(super) fn known(name: &str, pose: &str) -> Result<Target, PosesError> {
    let unknown = || PosesError::UnknownShape { pose: pose.into(), shape: name.into(), nearest: nearest(name).into() };
    Target::of(name).ok_or_else(unknown)
}

/// `range`, if it is one.
pub(super) fn checked(range: Range, key: &str, pose: &str) -> Result<Range, PosesError> {
    let (low, high) = match range {
        Range::Even([low, high]) => (low, high),
        Range::Normal(NormalRange { mean, deviation }) => (mean - FARTHEST * deviation, mean + FARTHEST * deviation),
    };
    let is_sound = low <= high && low >= -MOST && high <= MOST;
    if is_sound { Ok(range) } else { Err(PosesError::NoRange { pose: pose.into(), key: key.into() }) }
}

/// `value`, if it is within `0..=1`.
pub(super) fn share(value: f32, key: &str, pose: &str) -> Result<f32, PosesError> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(PosesError::NotAShare { pose: pose.into(), key: key.into(), value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::shapes::{SHAPES, shape_index};

    /// 4,000 draws of the shapes `names` of a layer.
    fn draws<const N: usize>(layer: &str, names: [&str; N]) -> Vec<[f32; N]> {
        let layer = Layer::new(&toml::from_str(layer).unwrap(), "test").unwrap();
        let mut draw = Draw::new(3, 0);
        let mut one = || {
            let mut weights = [0.0; SHAPES.len()];
            layer.apply(Near::Left, &mut draw, &mut weights);
            names.map(|name| weights[shape_index(name).unwrap()])
        };
        (0..4000).map(|_| one()).collect()
    }

    fn correlation(pairs: &[[f32; 2]]) -> f32 {
        let mean = |of: &dyn Fn(&[f32; 2]) -> f32| pairs.iter().map(of).sum::<f32>() / pairs.len() as f32;
        let [x, y] = [mean(&|pair| pair[0]), mean(&|pair| pair[1])];
        let covariance = mean(&|pair| (pair[0] - x) * (pair[1] - y));
        covariance / (mean(&|pair| (pair[0] - x).powi(2)) * mean(&|pair| (pair[1] - y).powi(2))).sqrt()
    }

    #[test]
    fn ranges_are_filled_evenly_to_their_ends() {
        for together in [0.0, 0.5, 1.0] {
            let layer = format!("together = {together}\nshapes = {{ jawOpen = [0.2, 1.2], mouthFunnel = [0.0, 1.0] }}");
            let mut open: Vec<f32> = draws(&layer, ["jawOpen"]).into_iter().flatten().collect();
            open.sort_by(f32::total_cmp);
            for (place, expected) in [(0, 0.2), (1000, 0.45), (2000, 0.7), (3000, 0.95), (3999, 1.2)] {
                assert!((open[place] - expected).abs() < 0.03, "{together} {place}: {}", open[place]);
            }
        }
    }

    #[test]
    fn shapes_go_together_as_far_as_asked() {
        for (together, expected) in [(0.0, 0.0), (0.5, 0.48), (0.8, 0.79), (1.0, 1.0)] {
            let layer = format!("together = {together}\nshapes = {{ jawOpen = [0.0, 1.0], mouthFunnel = [0.3, 0.5] }}");
            let correlation = correlation(&draws(&layer, ["jawOpen", "mouthFunnel"]));
            assert!((correlation - expected).abs() < 0.04, "{together}: {correlation}");
        }
    }

    #[test]
    fn sides_differ_by_the_jitter_at_most() {
        let pairs = draws("jitter = 0.2\nshapes = { mouthSmile = [1.0, 1.0] }", ["mouthSmile_L", "mouthSmile_R"]);
        assert!(pairs.iter().all(|[left, right]| (left + right - 2.0).abs() < 1e-5 && (left - 1.0).abs() < 0.2001));
        assert!(pairs.iter().any(|[left, _]| (left - 1.0).abs() > 0.18));
    }

    #[test]
    fn alternatives_share_the_draws_of_their_layer() {
        let layer = "chance = 0.5\none_of = [\
            { chance = 0.3, shapes = { jawOpen = [1, 1] } }, { chance = 0.1, shapes = { lipsIn = [1, 1] } }]";
        let pairs = draws(layer, ["jawOpen", "lipsIn"]);
        let [open, sealed] = [0, 1].map(|index| pairs.iter().map(|pair| pair[index]).sum::<f32>() / 4000.0);
        assert!((open - 0.375).abs() < 0.03 && (sealed - 0.125).abs() < 0.03, "{open} {sealed}");
        assert!(pairs.iter().all(|[open, sealed]| open * sealed == 0.0));
    }

    #[test]
    fn normal_ranges_have_their_moments() {
        let values = draws("shapes = { gazeUp = { mean = 0.4, deviation = 0.1 } }", ["gazeUp"]).into_iter().flatten();
        let (sum, squares) = values.fold((0.0, 0.0), |(sum, squares), value| (sum + value, squares + (value - 0.4).powi(2)));
        assert!((sum / 4000.0 - 0.4).abs() < 0.01 && ((squares / 4000.0).sqrt() - 0.1).abs() < 0.01);
    }

    #[test]
    fn picks_follow_the_shares() {
        let mut draw = Draw::new(1, 0);
        let mut counts = [0; 3];
        (0..3000).for_each(|_| counts[pick([0.5, 0.0, 0.25].into_iter(), &mut draw)] += 1);
        assert!(counts[1] == 0 && (1900..2100).contains(&counts[0]), "{counts:?}");
        assert!(pick([0.0, 0.0].into_iter(), &mut draw) < 2);
    }
}
