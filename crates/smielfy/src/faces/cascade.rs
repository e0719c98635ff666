//! The cascade of nets that finds faces.

use smielfy_nets::{Batch, Forward, NetError, softmax};
use smielfy_vision::{Detection, RgbImage, crop_resize, resize, suppress};

use super::{
    calibration::{CALIBRATION, calibrate},
    pyramid::{Level, levels},
};
use crate::windows::to_batch;

/// Index of the class "face" of the nets that tell faces from the rest.
pub(crate) const FACE_CLASS: usize = 1;

/// How a picture is searched.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorParams {
    /// Side of the smallest faces looked for, in pixels.
    pub min_side: f32,
    /// Ratio of the sizes of neighboring pyramid levels. The calibration patterns span 0.83 to 1.21, so up to 1.4 no face
    /// falls between two levels; smaller is slower and surer.
    pub pyramid_step: f32,
    /// Probability from which the first stage lets a window through: low, as the second stage decides.
    pub first_threshold: f32,
    /// Probability from which the second stage takes a window for a face.
    pub second_threshold: f32,
    /// IoU above which of two windows behind the first stage only the better one stays.
    pub first_max_iou: f32,
    /// IoU above which of two squares only the better one stays.
    pub max_iou: f32,
    /// Share of the smaller square inside a better one above which it goes, so that one face gives one square.
    pub max_containment: f32,
    /// Windows that the first stage hands on at most, the best of them: bounds the time that a crowded picture takes.
    pub max_candidates: usize,
}

impl Default for DetectorParams {
    /// The second threshold was chosen among 0.6, 0.8 and 0.9 by `eval faces` on the `valid` pictures of `p1` and `wider`; the
    /// other values are first guesses that were not tuned.
    fn default() -> Self {
        Self {
            min_side: 24.0,
            pyramid_step: 1.26,
            first_threshold: 0.3,
            second_threshold: 0.8,
            first_max_iou: 0.6,
            max_iou: 0.3,
            max_containment: 0.6,
            max_candidates: 300,
        }
    }
}

/// The nets of the cascade.
pub struct DetectorNets {
    /// Fully convolutional face net of the first stage.
    pub first: Box<dyn Forward>,
    /// Calibration net behind it.
    pub first_calibration: Box<dyn Forward>,
    /// Face net of the second stage.
    pub second: Box<dyn Forward>,
    /// Calibration net behind it.
    pub second_calibration: Box<dyn Forward>,
}

/// Finds faces in pictures.
pub struct Detector {
    nets: DetectorNets,
    params: DetectorParams,
}

impl Detector {
    /// A detector of these nets.
    ///
    /// # Errors
    /// [`NetError::Weights`] if the nets are not of the kinds that a cascade needs.
    pub fn new(nets: DetectorNets, params: DetectorParams) -> Result<Self, NetError> {
        check_outputs(nets.first.as_ref(), 2)?;
        check_outputs(nets.second.as_ref(), 2)?;
        check_outputs(nets.first_calibration.as_ref(), CALIBRATION.len())?;
        check_outputs(nets.second_calibration.as_ref(), CALIBRATION.len())?;
        Ok(Self { nets, params })
    }

    /// The faces in a picture, the surest first.
    ///
    /// # Errors
    /// [`NetError::Run`] if a net does not run.
    pub fn detect(&self, image: &RgbImage) -> Result<Vec<Detection>, NetError> {
        let candidates = propose(self.nets.first.as_ref(), image, &self.params)?;
        let candidates = self.second_look(image, &candidates)?;
        Ok(suppress(candidates, self.params.max_iou, self.params.max_containment))
    }

    /// Moves the first stage's windows, thins them out, and keeps those that the second stage takes for faces.
    fn second_look(&self, image: &RgbImage, candidates: &[Detection]) -> Result<Vec<Detection>, NetError> {
        let moved = recalibrate(self.nets.first_calibration.as_ref(), image, candidates)?;
        let distinct = suppress(moved, self.params.first_max_iou, 1.0);
        let probabilities = classify(self.nets.second.as_ref(), image, &distinct)?;
        let scored = distinct
            .iter()
            .zip(&probabilities)
            .map(|(candidate, probabilities)| Detection { bounds: candidate.bounds, score: probabilities[FACE_CLASS] });
        let faces: Vec<Detection> = scored.filter(|face| face.score >= self.params.second_threshold).collect();
        recalibrate(self.nets.second_calibration.as_ref(), image, &faces)
    }
}

fn check_outputs(net: &dyn Forward, expected: usize) -> Result<(), NetError> {
    let card = net.card();
    if card.labels.len() == expected {
        return Ok(());
    }
    Err(NetError::Weights(format!("{} has {} outputs, where the cascade needs {expected}", card.name, card.labels.len())))
}

/// What the first stage lets through: windows of `image` in falling order of score, at most as many as `params` says.
pub(crate) fn propose(net: &dyn Forward, image: &RgbImage, params: &DetectorParams) -> Result<Vec<Detection>, NetError> {
    let window = net.card().spec.input as u32;
    let mut proposals = Vec::new();
    for level in levels(image.width(), image.height(), window, params.min_side, params.pyramid_step) {
        proposals.extend(scan(net, image, level, params.first_threshold)?);
    }
    proposals.sort_by(|a, b| b.score.total_cmp(&a.score));
    proposals.truncate(params.max_candidates);
    Ok(proposals)
}

/// The windows of one level that score at least `threshold`.
fn scan(net: &dyn Forward, image: &RgbImage, level: Level, threshold: f32) -> Result<Vec<Detection>, NetError> {
    let resized = resize(image, level.width, level.height);
    let logits = net.forward(&to_batch(&[resized], net.card().normalization))?;
    let (window, stride) = (net.card().spec.input as f32, net.card().spec.stride() as f32);
    let cells = logits.width * logits.height;
    let (other, face) = logits.values.split_at(cells);
    let found = (0..cells).filter_map(|cell| {
        let score = 1.0 / (1.0 + (other[cell] - face[cell]).exp());
        let (x, y) = ((cell % logits.width) as f32 * stride, (cell / logits.width) as f32 * stride);
        (score >= threshold).then(|| Detection { bounds: level.to_picture(x, y, window), score })
    });
    Ok(found.collect())
}

/// Moves each window by what the calibration net says of it.
fn recalibrate(net: &dyn Forward, image: &RgbImage, windows: &[Detection]) -> Result<Vec<Detection>, NetError> {
    let probabilities = classify(net, image, windows)?;
    let moved = windows
        .iter()
        .zip(&probabilities)
        .map(|(window, probabilities)| Detection { bounds: calibrate(window.bounds, probabilities), score: window.score });
    Ok(moved.collect())
}

/// Probabilities of a net's classes for each window.
fn classify(net: &dyn Forward, image: &RgbImage, windows: &[Detection]) -> Result<Vec<Vec<f32>>, NetError> {
    if windows.is_empty() {
        return Ok(vec![]);
    }
    let batch = crops(net, image, windows);
    let logits = net.forward(&batch)?;
    Ok(logits.values.chunks_exact(logits.classes).map(|logits| softmax(logits, 1.0)).collect())
}

fn crops(net: &dyn Forward, image: &RgbImage, windows: &[Detection]) -> Batch {
    let size = net.card().spec.input as u32;
    let crops: Vec<RgbImage> = windows.iter().map(|window| crop_resize(image, window.bounds, size)).collect();
    to_batch(&crops, net.card().normalization)
}

#[cfg(test)]
mod tests {
    use smielfy_nets::{Block, Card, Logits, NetSpec, Padding};
    use smielfy_vision::BoundingBox;

    use super::*;
    use crate::testing::{FakeNet, card};

    /// Share of a window's side that a "face" of these tests takes: a bright square on black.
    const FILLED: f32 = 0.7;
    /// Step of the first stage's stand-in, in pixels.
    const STRIDE: usize = 2;

    /// A net that takes a bright square in the middle of a window for a face, at every [`STRIDE`]th pixel.
    struct TemplateNet(Card);

    impl TemplateNet {
        fn new(window: usize) -> Self {
            let conv = Block::Conv { kernel: 1, filters: 2, stride: STRIDE, padding: Padding::Valid };
            Self(card(NetSpec { input: window, blocks: vec![conv] }, 2))
        }

        /// Logit of "face" for the window at (`left`, `top`): by the share of pixels that are as they should be.
        fn face_logit(&self, batch: &Batch, picture: usize, left: usize, top: usize) -> f32 {
            let side = self.0.spec.input;
            let inside = |at: usize| (at as f32 + 0.5 - side as f32 / 2.0).abs() < FILLED * side as f32 / 2.0;
            let plane = picture * 3 * batch.height * batch.width;
            let right = (0..side * side).filter(|at| {
                let (x, y) = (at % side, at / side);
                let is_bright = batch.values[plane + (top + y) * batch.width + left + x] > 0.0;
                is_bright == (inside(x) && inside(y))
            });
            (right.count() as f32 / (side * side) as f32 - 0.7) * 100.0
        }
    }

    impl Forward for TemplateNet {
        fn card(&self) -> &Card {
            &self.0
        }

        fn forward(&self, batch: &Batch) -> Result<Logits, NetError> {
            let side = self.0.spec.input;
            let (height, width) = ((batch.height - side) / STRIDE + 1, (batch.width - side) / STRIDE + 1);
            let mut values = Vec::new();
            for picture in 0..batch.count {
                values.extend(vec![0.0; height * width]);
                let cell = |at: usize| self.face_logit(batch, picture, at % width * STRIDE, at / width * STRIDE);
                values.extend((0..height * width).map(cell));
            }
            Ok(Logits { count: batch.count, classes: 2, height, width, values })
        }
    }

    fn detector() -> Detector {
        let undecided = |input| Box::new(FakeNet::new(input, 45, |_| vec![0.0; 45]));
        let nets = DetectorNets {
            first: Box::new(TemplateNet::new(16)),
            first_calibration: undecided(16),
            second: Box::new(TemplateNet::new(48)),
            second_calibration: undecided(48),
        };
        Detector::new(nets, DetectorParams::default()).unwrap()
    }

    /// A black picture with bright squares.
    fn picture(width: u32, height: u32, squares: &[BoundingBox]) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let pixel = BoundingBox::new(x as f32, y as f32, 1.0);
            [if squares.iter().any(|square| square.intersection(&pixel) > 0.5) { 255 } else { 0 }; 3].into()
        })
    }

    #[test]
    fn each_face_gives_one_square_where_it_is() {
        let cases: [&[BoundingBox]; 4] = [
            &[],
            &[BoundingBox::new(60.0, 40.0, 70.0)],
            &[BoundingBox::new(20.0, 30.0, 28.0), BoundingBox::new(180.0, 90.0, 112.0)],
            &[BoundingBox::new(70.0, 40.0, 168.0)],
        ];
        for squares in cases {
            let found = detector().detect(&picture(320, 240, squares)).unwrap();
            assert_eq!(found.len(), squares.len(), "{squares:?}: {found:?}");
            for square in squares {
                let (x, y) = square.center();
                let window = BoundingBox::centered(x, y, square.side / FILLED);
                assert!(found.iter().any(|face| face.bounds.iou(&window) > 0.6), "{window:?} in {found:?}");
            }
        }
    }

    #[test]
    fn odd_pictures_are_searched() {
        for (width, height) in [(1, 1), (2, 700), (700, 3), (16, 16), (47, 33)] {
            assert_eq!(detector().detect(&picture(width, height, &[])).unwrap(), [], "{width}x{height}");
        }
    }

    #[test]
    fn nets_in_the_wrong_places_are_refused() {
        let net = |classes| Box::new(FakeNet::new(16, classes, move |_| vec![0.0; classes]));
        let nets = DetectorNets { first: net(2), first_calibration: net(45), second: net(17), second_calibration: net(45) };
        let error = Detector::new(nets, DetectorParams::default()).err().expect("a smile net is no face net");
        assert!(error.to_string().contains("has 17 outputs, where the cascade needs 2"), "{error}");
    }
}
