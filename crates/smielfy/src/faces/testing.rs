//! A detector without trained nets, for tests: it finds bright squares.

use smielfy_nets::{Batch, Block, Card, Forward, Logits, NetError, NetSpec, Padding};
use smielfy_vision::{BoundingBox, RgbImage};

use super::{Detector, DetectorNets, DetectorParams};
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

/// A detector of bright squares, whose windows [`window_of`] tells.
pub fn detector() -> Detector {
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
pub fn picture(width: u32, height: u32, squares: &[BoundingBox]) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let pixel = BoundingBox::new(x as f32, y as f32, 1.0);
        [if squares.iter().any(|square| square.intersection(&pixel) > 0.5) { 255 } else { 0 }; 3].into()
    })
}

/// The window that a detector of bright squares puts round one of them.
pub fn window_of(square: BoundingBox) -> BoundingBox {
    let (x, y) = square.center();
    BoundingBox::centered(x, y, square.side / FILLED)
}
