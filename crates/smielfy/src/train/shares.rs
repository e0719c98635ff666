//! What makes the shares of votes mean what they say, fitted on held-out faces: a temperature, a bias for each class, and the floor
//! below which nobody can tell.

use smielfy_nets::Card;

use crate::recognize::Vote;

/// Temperatures between which the best one is looked for.
const RANGE: (f64, f64) = (0.05, 5.0);

/// Steps of the search: each leaves 0.62 of the range of logarithms, so that the last leaves less than 1 in 1000.
const STEPS: usize = 20;

/// Part of the held-out faces whose votes lie at the floor or above: of the surest four fifths most are right, and who pulls a face
/// for a camera wants an answer.
const COVERAGE: f64 = 0.8;

/// Precision of the normal distribution about 0 from which biases are taken to come, so that few faces say little: among 1, 3, 10, 30,
/// 100 and 300 it was best for the sum of top-1 and macro top-1 in five-fold cross-validation on `valid`, on the mean of four nets.
const BIAS_PRECISION: f64 = 100.0;

/// Rounds in which temperature and biases are fitted in turns, and steps of the biases in each: the likelihood has one peak, and what
/// is left of the way to it is far below a thousandth.
const ROUNDS: usize = 12;
const BIAS_STEPS: usize = 40;

/// How the shares of votes are read.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// As in [`smielfy_nets::Card::temperature`].
    pub temperature: f32,
    /// As in [`smielfy_nets::Card::biases`].
    pub biases: Vec<f32>,
    /// As in [`smielfy_nets::Card::floor`].
    pub floor: f32,
}

impl Default for Shares {
    /// Votes as they are, and of two that share a vote evenly none below the floor.
    fn default() -> Self {
        Self { temperature: 1.0, biases: vec![], floor: 0.5 }
    }
}

impl Shares {
    /// Has the votes of the card's net read so.
    pub(super) fn put_into(self, card: &mut Card) {
        let Self { temperature, biases, floor } = self;
        (card.temperature, card.biases, card.floor) = (temperature, biases, floor);
    }

    /// Those of a net that votes so on `faces`, with their labels: its votes are not calibrated yet. The default without faces.
    pub(super) fn fitted(faces: &[(Vote, usize)]) -> Self {
        let Some((vote, _)) = faces.first() else { return Self::default() };
        let mut fitted = Self { biases: vec![0.0; vote.distribution.len()], ..Self::default() };
        for _ in 0..ROUNDS {
            fitted.temperature = best_temperature(faces, &fitted.biases);
            (0..BIAS_STEPS).for_each(|_| step(faces, fitted.temperature, &mut fitted.biases));
        }
        let calibrated = |(vote, _): &(Vote, usize)| vote.calibrated(fitted.temperature, &fitted.biases).share();
        let mut shares: Vec<f32> = faces.iter().map(calibrated).collect();
        shares.sort_by(|a, b| b.total_cmp(a));
        fitted.floor = shares[((faces.len() as f64 * COVERAGE).ceil() as usize).clamp(1, faces.len()) - 1];
        fitted
    }
}

/// The temperature that makes the labels of `faces` likeliest by their votes (Guo et al. 2017).
///
/// A golden-section search (Kiefer 1953) over logarithms: the likelihood has one peak.
fn best_temperature(faces: &[(Vote, usize)], biases: &[f32]) -> f32 {
    let loss = |logarithm: f64| mean_loss(faces, logarithm.exp() as f32, biases);
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (RANGE.0.ln(), RANGE.1.ln());
    for _ in 0..STEPS {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if loss(left) < loss(right) { high = right } else { low = left }
    }
    f64::midpoint(low, high).exp() as f32
}

/// Mean of the negative logarithm of the share of the right class, in nats.
fn mean_loss(faces: &[(Vote, usize)], temperature: f32, biases: &[f32]) -> f64 {
    let loss = |(vote, label): &(Vote, usize)| {
        let share = vote.calibrated(temperature, biases).distribution[*label];
        -f64::from(share.max(f32::MIN_POSITIVE)).ln()
    };
    faces.iter().map(loss).sum::<f64>() / faces.len() as f64
}

/// Moves the biases down the gradient of the mean loss and their own improbability, as far as its curvature allows: that of a softmax is
/// at most a half (Boehning 1992).
fn step(faces: &[(Vote, usize)], temperature: f32, biases: &mut [f32]) {
    let count = faces.len() as f64;
    let mut gradient: Vec<f64> = biases.iter().map(|bias| f64::from(*bias) * BIAS_PRECISION / count).collect();
    for (vote, label) in faces {
        let shares = vote.calibrated(temperature, biases).distribution;
        gradient.iter_mut().zip(shares).for_each(|(gradient, share)| *gradient += f64::from(share) / count);
        gradient[*label] -= 1.0 / count;
    }
    let length = 1.0 / (0.5 + BIAS_PRECISION / count);
    biases.iter_mut().zip(gradient).for_each(|(bias, gradient)| *bias -= (length * gradient) as f32);
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
            let share = vote.calibrated(best_temperature(&faces, &[]), &[]).distribution[0];
            assert!((share - 0.8).abs() < 0.005, "{share}");
        }
    }

    #[test]
    fn classes_are_named_as_often_as_they_occur() {
        // A vote cannot tell two classes of which the second is three times as frequent.
        let vote = Vote { distribution: vec![0.5, 0.5] };
        let faces = |count: usize| (0..count).map(|number| (vote.clone(), usize::from(number % 4 > 0))).collect::<Vec<_>>();
        let share = |count| {
            let Shares { temperature, biases, .. } = Shares::fitted(&faces(count));
            vote.calibrated(temperature, &biases).distribution[1]
        };
        let (few, many) = (share(8), share(4000));
        assert!(few > 0.5 && few < 0.6, "{few}: eight faces say little");
        assert!((many - 0.75).abs() < 0.02, "{many}");
    }

    #[test]
    fn four_fifths_of_the_faces_lie_above_the_floor() {
        let vote = |share: f32| Vote { distribution: vec![share, 1.0 - share] };
        let faces: Vec<(Vote, usize)> = (0..10).map(|number| (vote(0.5 + 0.05 * number as f32), 0)).collect();
        let Shares { temperature, biases, floor } = Shares::fitted(&faces);
        let above = faces.iter().filter(|(vote, _)| vote.calibrated(temperature, &biases).share() >= floor).count();
        assert_eq!(above, 8);
        assert_eq!(Shares::fitted(&[]), Shares::default());
    }
}
