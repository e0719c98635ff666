//! Whether shares mean what they say, and what is right of the surest answers.

use super::Prediction;

/// Bins of equal width into which shares fall (Guo et al. 2017 use 15).
const BINS: usize = 15;

/// Predictions with about the same share.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Bin {
    pub count: usize,
    /// Mean share of the winners, 0..=1.
    pub share: f64,
    /// Share of the predictions that are right, 0..=1.
    pub accuracy: f64,
}

/// The bins that are not empty, shares rising.
pub(super) fn reliability(predictions: &[&Prediction]) -> Vec<Bin> {
    let mut bins = [(0, 0.0, 0.0); BINS];
    for prediction in predictions {
        let share = f64::from(prediction.vote.share());
        let (count, shares, right) = &mut bins[((share * BINS as f64) as usize).min(BINS - 1)];
        *count += 1;
        *shares += share;
        *right += f64::from(u8::from(prediction.is_right()));
    }
    let mean = |(count, shares, right): (usize, f64, f64)| {
        let n = count as f64;
        Bin { count, share: shares / n, accuracy: right / n }
    };
    bins.into_iter().filter(|(count, _, _)| *count > 0).map(mean).collect()
}

/// Expected calibration error: mean distance of share and accuracy over the bins, weighted by their counts.
pub(super) fn calibration_error(predictions: &[&Prediction]) -> f64 {
    let weighted = |bin: Bin| (bin.share - bin.accuracy).abs() * bin.count as f64;
    reliability(predictions).into_iter().map(weighted).sum::<f64>() / predictions.len() as f64
}

/// Some of the surest predictions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Surest {
    /// Part of all predictions that they are, 0..=1.
    pub coverage: f64,
    /// Share of them that are right, 0..=1.
    pub accuracy: f64,
    /// Share of the winner of the least sure of them: the floor that names these and no others.
    pub floor: f64,
}

/// The surest prediction alone, the two surest, and so on to all of them: the complement of the risk-coverage curve of El-Yaniv and
/// Wiener 2010.
pub(super) fn surest_first(predictions: &[&Prediction]) -> Vec<Surest> {
    let mut ordered = predictions.to_vec();
    ordered.sort_by(|a, b| b.vote.share().total_cmp(&a.vote.share()));
    let mut right = 0;
    let step = |(index, prediction): (usize, &&Prediction)| {
        right += usize::from(prediction.is_right());
        let named = (index + 1) as f64;
        let (coverage, accuracy) = (named / predictions.len() as f64, right as f64 / named);
        Surest { coverage, accuracy, floor: f64::from(prediction.vote.share()) }
    };
    ordered.iter().enumerate().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognize::Vote;

    fn prediction(share: f32, is_right: bool) -> Prediction {
        Prediction { vote: Vote { distribution: vec![share, 1.0 - share] }, label: Some(usize::from(!is_right)) }
    }

    #[test]
    fn bins_and_coverage_of_known_predictions() {
        let all = [prediction(0.99, true), prediction(0.97, true), prediction(0.95, false), prediction(0.6, true)];
        let all: Vec<&Prediction> = all.iter().collect();
        let bins = reliability(&all);
        assert_eq!(bins.iter().map(|bin| bin.count).collect::<Vec<_>>(), [1, 3]);
        assert!((bins[1].share - 0.97).abs() < 1e-6 && (bins[1].accuracy - 2.0 / 3.0).abs() < 1e-9);
        let expected = (0.4 + 3.0 * (0.97 - 2.0 / 3.0)) / 4.0;
        assert!((calibration_error(&all) - expected).abs() < 1e-6);
        let curve = surest_first(&all);
        let points: Vec<(f64, f64)> = curve.iter().map(|point| (point.coverage, point.accuracy)).collect();
        assert_eq!(points, [(0.25, 1.0), (0.5, 1.0), (0.75, 2.0 / 3.0), (1.0, 0.75)]);
        assert!((curve[3].floor - 0.6).abs() < 1e-6);
    }
}
