//! Pictures of faces that were named wrongly, the surest first.

use base64::{Engine, prelude::BASE64_STANDARD};
use smielfy_nets::Card;
use smielfy_vision::{PictureFormat, crop_resize, encode};

use super::{EvaluateError, Prediction, html::escaped};
use crate::dataset::{SmileyDataset, SmileySample};

/// Side of a picture, in pixels.
const SIDE: u32 = 128;

/// A figure for each of the `count` surest mistakes.
pub(super) fn pictures(
    card: &Card,
    dataset: &SmileyDataset,
    judged: &[(&SmileySample, &Prediction)],
    count: usize,
) -> Result<String, EvaluateError> {
    let mut wrong: Vec<_> = judged.iter().filter(|(_, prediction)| !prediction.is_right()).collect();
    wrong.sort_by(|(_, a), (_, b)| b.vote.share().total_cmp(&a.vote.share()));
    let figure = |(sample, prediction): &&(&SmileySample, &Prediction)| {
        let face = crop_resize(&sample.load(dataset.root())?, sample.face, SIDE);
        let bytes = encode(&face, PictureFormat::Jpeg).expect("it has pixels, and sides that JPEG holds");
        let named = &card.labels[prediction.vote.winner()];
        let share = 100.0 * prediction.vote.share();
        Ok(format!(
            "<figure><img alt=\"\" src=\"data:image/jpeg;base64,{}\"><figcaption>{}, taken for {} ({share:.0} %)<br>{}</figcaption></figure>",
            BASE64_STANDARD.encode(bytes),
            escaped(&sample.smiley),
            escaped(named),
            escaped(&sample.file),
        ))
    };
    let figures: Vec<String> = wrong.iter().take(count).map(figure).collect::<Result<_, EvaluateError>>()?;
    Ok(format!("<div class=\"faces\">{}</div>", figures.concat()))
}
