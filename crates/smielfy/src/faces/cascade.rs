//! The cascade of nets that finds faces.

use smielfy_nets::{Batch, Forward, NetError, softmax};
use smielfy_vision::{BoundingBox, Detection, RgbImage, crop_resize, resize, suppress};

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

/// What is left behind each stage of the cascade, the last being the faces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stages {
    /// Windows that the first stage lets through.
    pub proposed: Vec<Detection>,
    /// The same, calibrated and thinned out.
    pub moved: Vec<Detection>,
    /// Those that the second stage takes for faces.
    pub accepted: Vec<Detection>,
    /// The same, calibrated, one a face; the surest first.
    pub found: Vec<Detection>,
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
        Ok(self.stages(image)?.found)
    }

    /// What each stage of the cascade makes of a picture.
    ///
    /// # Errors
    /// [`NetError::Run`] if a net does not run.
    pub fn stages(&self, image: &RgbImage) -> Result<Stages, NetError> {
        let proposed = propose(self.nets.first.as_ref(), image, &self.params)?;
        let moved = recalibrate(self.nets.first_calibration.as_ref(), image, &proposed)?;
        let moved = suppress(moved, self.params.first_max_iou, 1.0);
        let accepted = self.accept(image, &moved)?;
        let found = self.settle(image, &accepted)?;
        Ok(Stages { proposed, moved, accepted, found })
    }

    /// The faces at `squares`, where they were a moment ago, the surest first. Each may have moved by a sixth of its side and its size
    /// have changed by a fifth, as far as a calibration net sees.
    ///
    /// # Errors
    /// [`NetError::Run`] if a net does not run.
    pub fn follow(&self, image: &RgbImage, squares: &[BoundingBox]) -> Result<Vec<Detection>, NetError> {
        let candidates: Vec<Detection> = squares.iter().map(|square| Detection { bounds: *square, score: 1.0 }).collect();
        let moved = recalibrate(self.nets.second_calibration.as_ref(), image, &candidates)?;
        self.settle(image, &self.accept(image, &moved)?)
    }

    /// The windows that the second stage takes for faces.
    fn accept(&self, image: &RgbImage, windows: &[Detection]) -> Result<Vec<Detection>, NetError> {
        let probabilities = classify(self.nets.second.as_ref(), image, windows)?;
        let scored = windows
            .iter()
            .zip(&probabilities)
            .map(|(window, probabilities)| Detection { bounds: window.bounds, score: probabilities[FACE_CLASS] });
        Ok(scored.filter(|face| face.score >= self.params.second_threshold).collect())
    }

    /// The windows of faces moved to where those are, one a face.
    fn settle(&self, image: &RgbImage, windows: &[Detection]) -> Result<Vec<Detection>, NetError> {
        let moved = recalibrate(self.nets.second_calibration.as_ref(), image, windows)?;
        Ok(suppress(moved, self.params.max_iou, self.params.max_containment))
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
    use super::*;
    use crate::{
        faces::testing::{detector, picture, window_of},
        testing::FakeNet,
    };

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
                let window = window_of(*square);
                assert!(found.iter().any(|face| face.bounds.iou(&window) > 0.6), "{window:?} in {found:?}");
            }
        }
    }

    #[test]
    fn faces_are_followed_as_far_as_a_net_sees() {
        let window = window_of(BoundingBox::new(100.0, 60.0, 70.0));
        for (dx, expected) in [(0.0, 1), (0.02, 1), (1.5, 0)] {
            let image = picture(400, 240, &[BoundingBox::new(100.0 + dx * window.side, 60.0, 70.0)]);
            let found = detector().follow(&image, &[window]).unwrap();
            assert_eq!(found.len(), expected, "moved by {dx} of its side: {found:?}");
        }
        assert_eq!(detector().follow(&picture(400, 240, &[]), &[]).unwrap(), []);
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
