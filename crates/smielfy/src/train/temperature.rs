//! The temperature at which votes mean what they say, fitted on held-out faces.

use smielfy_nets::Logits;

use crate::recognize::Vote;

/// Temperatures between which the best one is looked for.
const RANGE: (f64, f64) = (0.05, 5.0);

/// Steps of the search: each leaves 0.62 of the range of logarithms, so that the last leaves less than 1 in 1000.
const STEPS: usize = 20;

/// The temperature that makes the labels of `faces` likeliest, by the votes of windows with these logits (Guo et al. 2017; there
/// for single answers, here for their mean, as that is what people see). 1 without faces.
///
/// A golden-section search (Kiefer 1953) over logarithms: the likelihood has one peak.
pub(super) fn fitted_temperature(faces: &[(Logits, usize)]) -> f32 {
    if faces.is_empty() {
        return 1.0;
    }
    let loss = |logarithm: f64| mean_loss(faces, logarithm.exp() as f32);
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (RANGE.0.ln(), RANGE.1.ln());
    for _ in 0..STEPS {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if loss(left) < loss(right) { high = right } else { low = left }
    }
    f64::midpoint(low, high).exp() as f32
}

/// Mean of the negative logarithm of the share of the right class, in nats.
fn mean_loss(faces: &[(Logits, usize)], temperature: f32) -> f64 {
    let loss = |(logits, label): &(Logits, usize)| {
        let share = Vote::of_logits(logits, temperature).distribution[*label];
        -f64::from(share.max(f32::MIN_POSITIVE)).ln()
    };
    faces.iter().map(loss).sum::<f64>() / faces.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One window that gives the first of three classes `margin` more than the others.
    fn sure(margin: f32) -> Logits {
        Logits { count: 1, classes: 3, height: 1, width: 1, values: vec![margin, 0.0, 0.0] }
    }

    #[test]
    fn votes_get_the_share_that_they_deserve() {
        // Right in 8 of 10 cases: exp(margin / T) / (exp(margin / T) + 2) must be 0.8, so margin / T = ln 8.
        for margin in [1.0f32, 4.0, 9.0] {
            let faces: Vec<(Logits, usize)> = (0..10).map(|number| (sure(margin), usize::from(number >= 8))).collect();
            let expected = margin / 8f32.ln();
            let found = fitted_temperature(&faces);
            assert!((found / expected - 1.0).abs() < 0.01, "{found} instead of {expected}");
        }
        assert_eq!(fitted_temperature(&[]), 1.0);
    }
}
