//! What the vote buys: answers of one window and of 45, on squares that fit and on squares that miss by a bit.

use rayon::prelude::*;
use serde::Serialize;
use smielfy_nets::{Forward, NetError, argmax};
use smielfy_vision::{BoundingBox, RgbImage, crop_resize};

use super::{EvaluateError, SmileyFigures, smileys::Prediction};
use crate::{
    dataset::{SmileyDataset, SmileySample},
    faces::CALIBRATION,
    recognize::{Vote, vote},
    smileys::NONE,
    windows::to_batch,
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
    on_sample: impl Fn() + Sync,
) -> Result<JitterFigures, EvaluateError> {
    let labels = &net.card().labels;
    let judge = |sample: &&SmileySample| {
        let answers = Answers::of(net, &sample.load(dataset.root())?, sample.face)?;
        on_sample();
        let mut distribution = vec![0.0; labels.len()];
        distribution[answers.windows[FITS]] = 1.0;
        let label = labels.iter().position(|label| *label == sample.smiley);
        Ok((Prediction { vote: Vote { distribution }, label }, answers))
    };
    let named: Vec<_> = samples.iter().filter(|sample| sample.smiley != NONE).copied().collect();
    let (alone, answers): (Vec<Prediction>, Vec<Answers>) =
        named.par_iter().map(judge).collect::<Result<Vec<_>, EvaluateError>>()?.into_iter().unzip();
    let figures = SmileyFigures::of(&alone, labels).ok_or(EvaluateError::Nothing)?;
    let mean = |share: fn(&Answers) -> f64| answers.iter().map(share).sum::<f64>() / answers.len() as f64;
    Ok(JitterFigures {
        one_window_top1: figures.top1,
        one_window_macro_top1: figures.macro_top1,
        one_window_changes: mean(|answers| changes(&answers.windows)),
        vote_changes: mean(|answers| changes(&answers.votes)),
    })
}

/// The winning classes for one face, by the pattern that its square is moved by.
struct Answers {
    windows: Vec<usize>,
    votes: Vec<usize>,
}

impl Answers {
    fn of(net: &dyn Forward, image: &RgbImage, face: BoundingBox) -> Result<Self, NetError> {
        let card = net.card();
        let squares = || CALIBRATION.iter().map(|pattern| pattern.window(face));
        let windows: Vec<RgbImage> = squares().map(|square| crop_resize(image, square, card.spec.input as u32)).collect();
        let logits = net.forward(&to_batch(&windows, card.normalization))?;
        let votes = squares().map(|square| Ok(vote(net, image, square)?.winner()));
        Ok(Self {
            windows: logits.values.chunks_exact(logits.classes).map(argmax).collect(),
            votes: votes.collect::<Result<_, NetError>>()?,
        })
    }
}

/// Share of the answers that differ from the one to the square that fits, of the 44 others.
fn changes(answers: &[usize]) -> f64 {
    let changed = answers.iter().filter(|answer| **answer != answers[FITS]).count();
    changed as f64 / (answers.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dataset::testing::{folder, png},
        testing::FakeNet,
    };

    #[test]
    fn the_vote_is_steadier_than_a_window() {
        // The left half of the picture is dark: windows that are moved to the left see more of it, and answer otherwise.
        let mut image = RgbImage::from_pixel(64, 64, [255; 3].into());
        image.enumerate_pixels_mut().filter(|(x, _, _)| *x < 30).for_each(|(_, _, pixel)| pixel.0 = [0; 3]);
        let header = "file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side";
        let rows = "a.png,neutral,g,test,web,eye,64,64,16,16,32\nb.png,none,h,test,web,eye,64,64,16,16,32\n";
        let data = folder(&format!("{header}\n{rows}"), &[("a.png", png(&image)), ("b.png", png(&image))]);
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
