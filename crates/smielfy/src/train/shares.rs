//! What makes the shares of votes mean what they say, fitted on held-out faces: a temperature, and the floor below which nobody can
//! tell.

use crate::recognize::Vote;

/// Temperatures between which the best one is looked for.
const RANGE: (f64, f64) = (0.05, 5.0);

/// Steps of the search: each leaves 0.62 of the range of logarithms, so that the last leaves less than 1 in 1000.
const STEPS: usize = 20;

/// Part of the held-out faces whose votes lie at the floor or above: of the surest four fifths most are right, and who pulls a face
/// for a camera wants an answer.
const COVERAGE: f64 = 0.8;

/// How the shares of votes are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// As in [`smielfy_nets::Card::temperature`].
    pub temperature: f32,
    /// As in [`smielfy_nets::Card::floor`].
    pub floor: f32,
}

impl Default for Shares {
    /// Votes as they are, and of two that share a vote evenly none below the floor.
    fn default() -> Self {
        Self { temperature: 1.0, floor: 0.5 }
    }
}

impl Shares {
    /// Those of a net that votes so on `faces`, with their labels: its votes have no temperature yet. The default without faces.
    pub(super) fn fitted(faces: &[(Vote, usize)]) -> Self {
        if faces.is_empty() {
            return Self::default();
        }
        let temperature = fitted_temperature(faces);
        let mut shares: Vec<f32> = faces.iter().map(|(vote, _)| vote.tempered(temperature).share()).collect();
        shares.sort_by(|a, b| b.total_cmp(a));
        Self { temperature, floor: shares[((faces.len() as f64 * COVERAGE).ceil() as usize).clamp(1, faces.len()) - 1] }
    }
}

/// The temperature that makes the labels of `faces` likeliest by their votes, which have none yet (Guo et al. 2017).
///
/// A golden-section search (Kiefer 1953) over logarithms: the likelihood has one peak.
fn fitted_temperature(faces: &[(Vote, usize)]) -> f32 {
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
fn mean_loss(faces: &[(Vote, usize)], temperature: f32) -> f64 {
    let loss = |(vote, label): &(Vote, usize)| {
        let share = vote.tempered(temperature).distribution[*label];
        -f64::from(share.max(f32::MIN_POSITIVE)).ln()
    };
    faces.iter().map(loss).sum::<f64>() / faces.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_get_the_share_that_they_deserve() {
        // Right in 8 of 10 cases: the winner's share must be 0.8, which is 8 times that of each of the two others.
        for ratio in [2.0f32, 5.0, 20.0] {
            let vote = Vote { distribution: vec![ratio / (ratio + 2.0), 1.0 / (ratio + 2.0), 1.0 / (ratio + 2.0)] };
            let faces: Vec<(Vote, usize)> = (0..10).map(|number| (vote.clone(), usize::from(number >= 8))).collect();
            let found = fitted_temperature(&faces);
            let share = vote.tempered(found).distribution[0];
            assert!((share - 0.8).abs() < 0.005, "{share} with {found}");
        }
    }

    #[test]
    fn four_fifths_of_the_faces_lie_above_the_floor() {
        let vote = |share: f32| Vote { distribution: vec![share, 1.0 - share] };
        let faces: Vec<(Vote, usize)> = (0..10).map(|number| (vote(0.5 + 0.05 * number as f32), 0)).collect();
        let Shares { temperature, floor } = Shares::fitted(&faces);
        let above = faces.iter().filter(|(vote, _)| vote.tempered(temperature).share() >= floor).count();
        assert_eq!(above, 8);
        assert_eq!(Shares::fitted(&[]), Shares::default());
    }
}
