//! The cascade of nets that finds faces.

use smielfy_nets::{Forward, NetError, softmax};
use smielfy_vision::{BoundingBox, Detection, RgbImage, crop_resize, flip_horizontal, suppress};

use super::{
    calibration::{CALIBRATION, Pattern, calibrate},
    proposals::{PROPOSALS, Pyramid, propose, pyramid},
};
use crate::windows::to_batch;

/// Index of the class "face" of the nets that tell faces from the rest.
pub(crate) const FACE_CLASS: usize = 1;

/// Side of what face nets see of a square, in sides of the square: what lies round a small, blurred face tells most about it.
pub(crate) const FACE_CONTEXT: f32 = 1.5;

/// How the verification net looks at a square before it is called a face: moved a little, and mirrored every other time, so that what was
/// taken for a face by chance is not taken for one in most looks.
const LOOKS: [Pattern; 2] = [Pattern { scale: 0.95, dx: 0.03, dy: 0.03 }, Pattern { scale: 1.05, dx: -0.03, dy: -0.03 }];

/// Probability from which what was a face a moment ago is one still.
const FOLLOWED_SCORE: f32 = 0.5;

/// How a picture is searched.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorParams {
    /// Side of the smallest faces looked for, in pixels.
    pub min_side: f32,
    /// Probability from which the first stage lets a window through: low, as the second stage decides.
    pub first_threshold: f32,
    /// Probability from which the second stage lets a window through: one face gives one square of those.
    pub second_threshold: f32,
    /// Probability from which a square is taken for a face: what the verification net says of it in several looks, on average.
    pub min_score: f32,
    /// IoU above which of two windows behind the first stage only the better one stays.
    pub first_max_iou: f32,
    /// IoU above which of two windows behind the second stage only the better one stays: those of one face would be moved to the same place.
    pub second_max_iou: f32,
    /// IoU above which of two squares only the better one stays.
    pub max_iou: f32,
    /// Share of the smaller square inside a better one above which it goes, so that one face gives one square.
    pub max_containment: f32,
    /// Windows that the first stage hands on at most, the best of them: bounds the time that a crowded picture takes.
    pub max_candidates: usize,
}

impl Default for DetectorParams {
    /// The lowest score was chosen between 0.6 and 0.98 by `eval faces` on the `valid` pictures of `p1` and `background` and on
    /// rendered ones (`smielfy synth --stress`), the IoU behind the second stage among 0.3, 0.4 and 0.5 on those of `p1` and `wider`; the
    /// other values are first guesses that were not tuned.
    fn default() -> Self {
        Self {
            min_side: 24.0,
            first_threshold: 0.3,
            second_threshold: 0.5,
            min_score: 0.9,
            first_max_iou: 0.6,
            second_max_iou: 0.4,
            max_iou: 0.3,
            max_containment: 0.35,
            max_candidates: 300,
        }
    }
}

/// The nets of the cascade.
pub struct DetectorNets {
    /// Fully convolutional net of the first stage: whether a face is there, and how it lies.
    pub proposals: Box<dyn Forward>,
    /// Face net of the second stage.
    pub faces: Box<dyn Forward>,
    /// Calibration net behind it.
    pub calibration: Box<dyn Forward>,
    /// Face net that has the last word; it is larger, as few squares come so far.
    pub verification: Box<dyn Forward>,
}

/// What is left behind each stage of the cascade, the last being the faces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stages {
    /// Squares that the first stage proposes.
    pub proposed: Vec<Detection>,
    /// Those that the second stage takes for faces.
    pub accepted: Vec<Detection>,
    /// The same, calibrated, one a face.
    pub settled: Vec<Detection>,
    /// Those that the verification net takes for faces as well; the surest first.
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
        check_outputs(nets.proposals.as_ref(), 1 + PROPOSALS.len())?;
        check_outputs(nets.faces.as_ref(), 2)?;
        check_outputs(nets.calibration.as_ref(), CALIBRATION.len())?;
        check_outputs(nets.verification.as_ref(), 2)?;
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
        let proposed = self.propose(&self.pyramid(image))?;
        let accepted = self.accept(image, &proposed)?;
        let settled = self.settle(image, &accepted)?;
        let found = self.verify(image, &settled)?;
        Ok(Stages { proposed, accepted, settled, found })
    }

    /// The faces at `squares`, where they were a moment ago, the surest first. Each may have moved by a sixth of its side and its size
    /// have changed by a fifth, as far as a calibration net sees. What was a face a moment ago need not be proven one in several looks:
    /// the score is that of one.
    ///
    /// # Errors
    /// [`NetError::Run`] if a net does not run.
    pub fn follow(&self, image: &RgbImage, squares: &[BoundingBox]) -> Result<Vec<Detection>, NetError> {
        let candidates: Vec<Detection> = squares.iter().map(|square| Detection { bounds: *square, score: 1.0 }).collect();
        let moved = recalibrate(self.nets.calibration.as_ref(), image, &candidates)?;
        let mut faces = score(self.nets.verification.as_ref(), image, &moved)?;
        faces.retain(|face| face.score >= FOLLOWED_SCORE);
        self.settle(image, &faces)
    }

    /// Its nets.
    pub(crate) fn nets(&self) -> &DetectorNets {
        &self.nets
    }

    /// In how many windows the verification net looks at a square.
    pub(crate) const fn looks() -> usize {
        LOOKS.len()
    }

    /// The sizes at which the first stage looks at a picture.
    pub(crate) fn pyramid(&self, image: &RgbImage) -> Pyramid {
        pyramid(self.nets.proposals.as_ref(), image, &self.params)
    }

    /// The squares that the first stage proposes.
    pub(crate) fn propose(&self, pyramid: &Pyramid) -> Result<Vec<Detection>, NetError> {
        propose(self.nets.proposals.as_ref(), pyramid, &self.params)
    }

    /// The windows that the second stage takes for faces, of those that overlap much the best.
    pub(crate) fn accept(&self, image: &RgbImage, windows: &[Detection]) -> Result<Vec<Detection>, NetError> {
        let scored = score(self.nets.faces.as_ref(), image, windows)?;
        let faces = scored.into_iter().filter(|face| face.score >= self.params.second_threshold).collect();
        Ok(suppress(faces, self.params.second_max_iou, 1.0))
    }

    /// The windows of faces moved to where those are, one a face.
    pub(crate) fn settle(&self, image: &RgbImage, windows: &[Detection]) -> Result<Vec<Detection>, NetError> {
        let moved = recalibrate(self.nets.calibration.as_ref(), image, windows)?;
        Ok(suppress(moved, self.params.max_iou, self.params.max_containment))
    }

    /// The squares that are faces in several looks, each with the mean of what the verification net says in them, the surest first.
    pub(crate) fn verify(&self, image: &RgbImage, squares: &[Detection]) -> Result<Vec<Detection>, NetError> {
        let net = self.nets.verification.as_ref();
        let (size, looks) = (net.card().spec.input as u32, Self::looks());
        let look = |(number, window): (usize, BoundingBox)| {
            let crop = crop_resize(image, window, size);
            if number % looks % 2 == 1 { flip_horizontal(&crop) } else { crop }
        };
        let windows = squares.iter().flat_map(|square| LOOKS.map(|look| in_context(look.window(square.bounds))));
        let windows: Vec<RgbImage> = windows.enumerate().map(look).collect();
        let odds: Vec<f32> = logits(net, &windows)?.iter().map(|answers| answers[FACE_CLASS] - answers[1 - FACE_CLASS]).collect();
        let scored = squares.iter().zip(odds.chunks_exact(looks)).map(|(square, odds)| {
            let mean = odds.iter().sum::<f32>() / looks as f32;
            Detection { score: 1.0 / (1.0 + (-mean).exp()), ..*square }
        });
        let mut faces: Vec<Detection> = scored.filter(|face| face.score >= self.params.min_score).collect();
        faces.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(faces)
    }
}

fn check_outputs(net: &dyn Forward, expected: usize) -> Result<(), NetError> {
    let card = net.card();
    if card.labels.len() == expected {
        return Ok(());
    }
    Err(NetError::Weights(format!("{} has {} outputs, where the cascade needs {expected}", card.name, card.labels.len())))
}

/// Moves each window by what the calibration net says of it.
fn recalibrate(net: &dyn Forward, image: &RgbImage, windows: &[Detection]) -> Result<Vec<Detection>, NetError> {
    let probabilities = classify(net, image, windows.iter().map(|window| window.bounds))?;
    let moved = windows.iter().zip(&probabilities).map(|(window, probabilities)| Detection {
        bounds: calibrate(window.bounds, &CALIBRATION, probabilities),
        score: window.score,
    });
    Ok(moved.collect())
}

/// The windows with the probability that a face net gives each to be a face.
pub(crate) fn score(net: &dyn Forward, image: &RgbImage, windows: &[Detection]) -> Result<Vec<Detection>, NetError> {
    let probabilities = classify(net, image, windows.iter().map(|window| in_context(window.bounds)))?;
    let scored = windows.iter().zip(&probabilities);
    Ok(scored.map(|(window, probabilities)| Detection { score: probabilities[FACE_CLASS], ..*window }).collect())
}

/// What face nets see of a square.
fn in_context(square: BoundingBox) -> BoundingBox {
    square.jittered(FACE_CONTEXT, 0.0, 0.0)
}

/// Probabilities of a net's classes for each window.
fn classify(net: &dyn Forward, image: &RgbImage, windows: impl Iterator<Item = BoundingBox>) -> Result<Vec<Vec<f32>>, NetError> {
    let size = net.card().spec.input as u32;
    let crops: Vec<RgbImage> = windows.map(|window| crop_resize(image, window, size)).collect();
    Ok(logits(net, &crops)?.iter().map(|logits| softmax(logits, 1.0)).collect())
}

/// Logits of a net's classes for each picture; the net does not run where there is none.
fn logits(net: &dyn Forward, pictures: &[RgbImage]) -> Result<Vec<Vec<f32>>, NetError> {
    if pictures.is_empty() {
        return Ok(vec![]);
    }
    let logits = net.forward(&to_batch(pictures, net.card().normalization))?;
    Ok(logits.values.chunks_exact(logits.classes).map(<[f32]>::to_vec).collect())
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
        let nets = DetectorNets { proposals: net(46), faces: net(17), calibration: net(45), verification: net(2) };
        let error = Detector::new(nets, DetectorParams::default()).err().expect("a smile net is no face net");
        assert!(error.to_string().contains("has 17 outputs, where the cascade needs 2"), "{error}");
    }
}
