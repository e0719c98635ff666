//! The first stage: a small fully convolutional net looks at every place of an image pyramid. It says whether a face is there, and by
//! which pattern the window misses it, so that one look finds faces of an octave of sizes and few windows are enough.

use smielfy_nets::{Forward, NetError, NetSpec, softmax};
use smielfy_vision::{BoundingBox, Detection, RgbImage, resize, suppress};

use super::{
    calibration::{Pattern, calibrate},
    cascade::DetectorParams,
    pyramid::{Level, levels},
};
use crate::windows::to_padded_batch;

/// Side of the square in the middle of a window that faces are measured against, in sides of the window: a face fills it at best, and
/// the rest is what lies round it.
pub(crate) const CORE: f32 = 20.0 / 31.0;

/// Sizes from one level of the pyramid to the next: an octave.
const STEP: f32 = 2.0;

/// The patterns of the first stage, by which the core of a window misses a face: sizes over an octave, so that none falls between two
/// levels, and shifts up to half the way to the next window.
pub(crate) const PROPOSALS: [Pattern; 45] =
    Pattern::grid([std::f32::consts::FRAC_1_SQRT_2, 0.840_896_4, 1.0, 1.189_207, std::f32::consts::SQRT_2], [-0.2, 0.0, 0.2]);

/// Index of the class "no face": the patterns follow it.
pub(crate) const OTHER: usize = 0;

/// Border pixels that are repeated round a level, in sides of the core: faces at the edge are in the middle of a window as well.
const BORDER: f32 = 0.4;

/// The sizes at which the first stage looks at a picture, the largest first.
pub(crate) type Pyramid = Vec<(Level, RgbImage)>;

/// `image` at the sizes at which a first stage of such windows sees all faces.
pub(crate) fn pyramid(net: &dyn Forward, image: &RgbImage, params: &DetectorParams) -> Pyramid {
    let core = CORE * net.card().spec.input as f32;
    let mut pyramid: Pyramid = vec![];
    for level in levels(image.width(), image.height(), core, params.min_side, STEP) {
        // A level is made of the one before it where that shrinks: fewer pixels to read.
        let larger = pyramid.last().map(|(_, larger)| larger).filter(|larger| larger.width() >= level.width);
        let resized = resize(larger.unwrap_or(image), level.width, level.height);
        pyramid.push((level, resized));
    }
    pyramid
}

/// Windows that the first stage takes for faces, moved to where those are and thinned out, in falling order of score, at most as many as
/// `params` says.
///
/// # Errors
/// [`NetError::Run`] if the net does not run.
pub(crate) fn propose(net: &dyn Forward, pyramid: &Pyramid, params: &DetectorParams) -> Result<Vec<Detection>, NetError> {
    let mut proposals = vec![];
    for (level, resized) in pyramid {
        proposals.extend(scan(net, resized, *level, params.first_threshold)?);
    }
    let mut distinct = suppress(proposals, params.first_max_iou, 1.0);
    distinct.truncate(params.max_candidates);
    Ok(distinct)
}

/// Multiply-adds of the first stage on a picture.
///
/// # Errors
/// [`NetError::Spec`] if the net is impossible.
pub(crate) fn multiply_adds(spec: &NetSpec, pyramid: &Pyramid) -> Result<usize, NetError> {
    let padded = |length: u32| (length + 2 * border(spec)) as usize;
    pyramid.iter().map(|(level, _)| spec.multiply_adds_over(padded(level.height), padded(level.width))).sum()
}

/// Pixels that are repeated round a level.
fn border(spec: &NetSpec) -> u32 {
    (BORDER * CORE * spec.input as f32).round() as u32
}

/// The faces that the windows of one level show with a score of at least `threshold`.
fn scan(net: &dyn Forward, resized: &RgbImage, level: Level, threshold: f32) -> Result<Vec<Detection>, NetError> {
    let spec = &net.card().spec;
    let (window, stride, border) = (spec.input as f32, spec.stride() as f32, border(spec));
    let logits = net.forward(&to_padded_batch(resized, border, net.card().normalization))?;
    let found = logits.values.chunks_exact(logits.classes).enumerate().filter_map(|(cell, answers)| {
        let (score, patterns) = answer(answers, threshold)?;
        let middle = |at: usize| at as f32 * stride + window / 2.0 - border as f32;
        let (x, y) = (middle(cell % logits.width), middle(cell / logits.width));
        let core = BoundingBox::centered(x, y, CORE * window);
        Some(Detection { bounds: level.to_picture(calibrate(core, &PROPOSALS, &patterns)), score })
    });
    Ok(found.collect())
}

/// The probability of a face in a cell of these logits and, given one, that of each pattern; nothing below `threshold`.
fn answer(logits: &[f32], threshold: f32) -> Option<(f32, Vec<f32>)> {
    // Most cells are far from a face: all patterns together have less than the best one's share times their number.
    let best = logits[OTHER + 1..].iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if best + (PROPOSALS.len() as f32).ln() < logits[OTHER] + (threshold / (1.0 - threshold)).ln() {
        return None;
    }
    let mut probabilities = softmax(logits, 1.0);
    let score = 1.0 - probabilities[OTHER];
    probabilities.remove(OTHER);
    probabilities.iter_mut().for_each(|probability| *probability /= score);
    (score >= threshold).then_some((score, probabilities))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_answered_by_all_classes() {
        let logits = |class: usize, value: f32| {
            let mut logits = vec![0.0; 46];
            logits[class] = value;
            logits
        };
        // Half of everything at the first pattern.
        let face = logits(1, 45f32.ln());
        let (score, patterns) = answer(&face, 0.3).unwrap();
        assert!((score - 89.0 / 90.0).abs() < 1e-5, "{score}");
        assert!((patterns.iter().sum::<f32>() - 1.0).abs() < 1e-5 && (patterns[0] - 45.0 / 89.0).abs() < 1e-5);
        assert_eq!(answer(&face, 0.99), None);
        assert_eq!(answer(&logits(OTHER, 20.0), 0.3), None);
    }

    #[test]
    fn patterns_cover_an_octave() {
        let sizes: Vec<f32> = PROPOSALS.iter().map(|pattern| pattern.scale).collect();
        assert!((sizes[44] / sizes[0] - STEP).abs() < 1e-5);
        assert_eq!(PROPOSALS[22], Pattern { scale: 1.0, dx: 0.0, dy: 0.0 });
    }
}
