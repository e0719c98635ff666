//! What the vote buys: answers of one window and of 45, on squares that fit and on squares that miss by a bit.

use serde::Serialize;
use smielfy_nets::{Forward, NetError};
use smielfy_vision::{BoundingBox, RgbImage};

use super::{EvaluateError, SmileyFigures, smileys::Prediction};
use crate::{
    dataset::{SmileyDataset, SmileySample},
    faces::CALIBRATION,
    recognize::{Vote, answers, vote},
    smileys::NONE,
};

/// Index of the pattern of a window that fits.
const FITS: usize = CALIBRATION.len() / 2;

/// Answers to squares that are moved by each of the 45 patterns, as a detector may miss.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JitterFigures {
    /// Share of right answers of the window that fits, alone.
    pub one_window_top1: f64,
    /// Mean over the classes of their share of right answers, alone.
    pub one_window_macro_top1: f64,
    /// Share of the moved squares to which one window answers otherwise than to the one that fits.
    pub one_window_changes: f64,
    /// The same of the vote.
    pub vote_changes: f64,
}

/// Figures of `net` on those of `samples` that show a smiley; `on_sample` is called behind each. Each face is looked at through
/// 45 x 45 windows.
///
/// # Errors
/// [`EvaluateError`] if a picture cannot be read, the net does not run, or there is no sample with a smiley.
pub fn evaluate_jitter(
    net: &dyn Forward,
    dataset: &SmileyDataset,
    samples: &[&SmileySample],
    mut on_sample: impl FnMut(),
) -> Result<JitterFigures, EvaluateError> {
    let labels = &net.card().labels;
    let (mut alone, mut one_window, mut votes) = (vec![], 0.0, 0.0);
    for sample in samples.iter().filter(|sample| sample.smiley != NONE) {
        let moved = Moved::of(net, &sample.load(dataset.root())?, sample.face)?;
        one_window += changes(&moved.windows);
        votes += changes(&moved.votes);
        let label = labels.iter().position(|label| *label == sample.smiley);
        alone.push(Prediction { vote: moved.windows[FITS].clone(), label });
        on_sample();
    }
    let figures = SmileyFigures::of(&alone, labels, net.card().floor).ok_or(EvaluateError::Nothing)?;
    let faces = alone.len() as f64;
    Ok(JitterFigures {
        one_window_top1: figures.top1,
        one_window_macro_top1: figures.macro_top1,
        one_window_changes: one_window / faces,
        vote_changes: votes / faces,
    })
}

/// What is said of one face, by the pattern that its square is moved by: by one window, and by the vote.
struct Moved {
    windows: Vec<Vote>,
    votes: Vec<Vote>,
}

impl Moved {
    fn of(net: &dyn Forward, image: &RgbImage, face: BoundingBox) -> Result<Self, NetError> {
        let squares = || CALIBRATION.iter().map(|pattern| pattern.window(face));
        let windows = answers(net, image, squares())?.into_iter().map(|answer| Vote::counted(net.card(), &[answer])).collect();
        Ok(Self { windows, votes: squares().map(|square| vote(net, image, square)).collect::<Result<_, _>>()? })
    }
}

/// Share of the answers that differ from the one to the square that fits, of the 44 others.
fn changes(answers: &[Vote]) -> f64 {
    let changed = answers.iter().filter(|answer| answer.winner() != answers[FITS].winner()).count();
    changed as f64 / (answers.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dataset::testing::{SMILEY_HEADER, folder, png},
        testing::FakeNet,
    };

    #[test]
    fn the_vote_is_steadier_than_a_window() {
        // The left half of the picture is dark: windows that are moved to the left see more of it, and answer otherwise.
        let mut image = RgbImage::from_pixel(64, 64, [255; 3].into());
        image.enumerate_pixels_mut().filter(|(x, _, _)| *x < 30).for_each(|(_, _, pixel)| pixel.0 = [0; 3]);
        let rows = "a.png,neutral,g,test,web,eye,64,64,16,16,32\nb.png,none,h,test,web,eye,64,64,16,16,32\n";
        let data = folder(&format!("{SMILEY_HEADER}\n{rows}"), &[("a.png", png(&image)), ("b.png", png(&image))]);
        let dataset = SmileyDataset::load(data.path()).unwrap();
        let mut net = FakeNet::new(8, 2, |window| {
            let brightness = window.iter().sum::<f32>() / window.len() as f32;
            vec![brightness * 50.0, 0.0]
        });
        net.set_labels(&["neutral", "grin"]);
        let figures = evaluate_jitter(&net, &dataset, &dataset.samples().iter().collect::<Vec<_>>(), || ()).unwrap();
        assert_eq!((figures.one_window_top1, figures.one_window_macro_top1), (1.0, 1.0));
        assert!(figures.one_window_changes > 0.2, "a third of the shifts are to the left: {figures:?}");
        assert!(figures.vote_changes <= figures.one_window_changes, "{figures:?}");
        assert_eq!(net.windows_seen(), 45 + 45 * 45);
    }
}
