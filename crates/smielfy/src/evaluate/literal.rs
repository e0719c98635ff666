//! How near the vote that is taken in one pass comes to its definition: 45 windows, each through the net for itself.

use serde::Serialize;
use smielfy_nets::Forward;

use super::{EvaluateError, smileys::Prediction};
use crate::{
    dataset::{SmileyDataset, SmileySample},
    recognize::vote_of_windows,
};

/// The vote beside the literal one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LiteralFigures {
    /// Share of the faces on which both have the same winner.
    pub agreement: f64,
    /// Mean over faces and classes of the difference between their shares.
    pub mean_difference: f64,
}

/// The votes in `predictions`, which are those of `net` on `samples`, beside the literal ones; `on_sample` is called behind each.
///
/// # Errors
/// [`EvaluateError`] if a picture cannot be read, the net does not run, or there is no sample.
pub fn evaluate_literal(
    net: &dyn Forward,
    dataset: &SmileyDataset,
    samples: &[&SmileySample],
    predictions: &[Prediction],
    mut on_sample: impl FnMut(),
) -> Result<LiteralFigures, EvaluateError> {
    let (mut same, mut differences) = (0, vec![]);
    for (sample, Prediction { vote, .. }) in samples.iter().zip(predictions) {
        let literal = vote_of_windows(net, &sample.load(dataset.root())?, sample.face)?;
        same += usize::from(literal.winner() == vote.winner());
        let shares = literal.distribution.iter().zip(&vote.distribution);
        differences.extend(shares.map(|(literal, share)| f64::from((literal - share).abs())));
        on_sample();
    }
    if differences.is_empty() {
        return Err(EvaluateError::Nothing);
    }
    let mean_difference = differences.iter().sum::<f64>() / differences.len() as f64;
    Ok(LiteralFigures { agreement: same as f64 / samples.len() as f64, mean_difference })
}

#[cfg(test)]
mod tests {
    use smielfy_vision::RgbImage;

    use super::*;
    use crate::{
        dataset::testing::{SMILEY_HEADER, folder, png},
        recognize::Vote,
        testing::FakeNet,
    };

    #[test]
    fn votes_are_held_against_all_windows() {
        let image = RgbImage::from_pixel(64, 64, [255; 3].into());
        let rows = "a.png,neutral,g,test,web,eye,64,64,16,16,32\nb.png,none,h,test,web,eye,64,64,16,16,32\n";
        let data = folder(&format!("{SMILEY_HEADER}\n{rows}"), &[("a.png", png(&image)), ("b.png", png(&image))]);
        let dataset = SmileyDataset::load(data.path()).unwrap();
        let net = FakeNet::new(8, 2, |_| vec![0.0, 0.0]);
        let samples: Vec<&SmileySample> = dataset.samples().iter().collect();
        let prediction = |shares: [f32; 2]| Prediction { vote: Vote { distribution: shares.to_vec() }, label: None };
        let predictions = [prediction([0.5, 0.5]), prediction([0.3, 0.7])];
        let figures = evaluate_literal(&net, &dataset, &samples, &predictions, || ()).unwrap();
        assert_eq!(figures.agreement, 0.5, "the first of equals wins, unless the other has more");
        assert!((figures.mean_difference - 0.1).abs() < 1e-6, "{figures:?}");
        assert_eq!(net.windows_seen(), 2 * 45);
        assert!(matches!(evaluate_literal(&net, &dataset, &[], &[], || ()), Err(EvaluateError::Nothing)));
    }
}
