//! A detector without trained nets, for tests: it finds bright squares.

use smielfy_nets::{Batch, Block, Card, Forward, Logits, NetError, NetSpec, Padding};
use smielfy_vision::{BoundingBox, RgbImage};

use super::{CORE, Detector, DetectorNets, DetectorParams, FACE_CONTEXT, PROPOSALS};
use crate::testing::{FakeNet, card};

/// Share of a window's side that a "face" of these tests takes: a bright square on black.
const FILLED: f32 = 0.7;
/// Step of the first stage's stand-in, in pixels.
const STRIDE: usize = 4;
/// Windows of the first stage's stand-in, in pixels.
const WINDOW: usize = 31;

/// Share of the pixels of a square part of `batch` that are as they should be if a bright square filled [`FILLED`] of `side` about its
/// middle, which lies at (`x`, `y`).
fn likeness(batch: &Batch, picture: usize, x: f32, y: f32, side: f32) -> f32 {
    let first = picture * batch.height;
    let places = || (0..side as usize).map(|at| at as f32 + 0.5 - side / 2.0);
    let is_right = |(dx, dy): &(f32, f32)| {
        let (column, row) = ((x + dx).max(0.0) as usize, (y + dy).max(0.0) as usize);
        let pixel = (first + row.min(batch.height - 1)) * batch.width + column.min(batch.width - 1);
        let is_bright = batch.values[3 * pixel] > 0.0;
        is_bright == (dx.abs().max(dy.abs()) < FILLED * side / 2.0)
    };
    let right = places().flat_map(|dy| places().map(move |dx| (dx, dy))).filter(is_right).count();
    right as f32 / (side as usize).pow(2) as f32
}

/// A first stage that says of each window how much it looks like each pattern.
struct TemplateProposals(Card);

impl TemplateProposals {
    fn new() -> Self {
        let conv = Block::Conv { kernel: 1, filters: 1 + PROPOSALS.len(), stride: STRIDE, padding: Padding::Valid };
        Self(card(NetSpec { input: WINDOW, blocks: vec![conv] }, 1 + PROPOSALS.len()))
    }
}

impl Forward for TemplateProposals {
    fn card(&self) -> &Card {
        &self.0
    }

    fn forward(&self, batch: &Batch) -> Result<Logits, NetError> {
        let (height, width) = ((batch.height - WINDOW) / STRIDE + 1, (batch.width - WINDOW) / STRIDE + 1);
        let middle = |at: usize| (at * STRIDE) as f32 + WINDOW as f32 / 2.0;
        let core = BoundingBox::centered(0.0, 0.0, CORE * WINDOW as f32);
        let mut values = vec![];
        for (x, y) in (0..height * width).map(|at| (middle(at % width), middle(at / width))) {
            let logit = |face: BoundingBox| {
                let (dx, dy) = face.center();
                (likeness(batch, 0, x + dx, y + dy, face.side) - 0.85) * 100.0
            };
            values.push(0.0);
            values.extend(PROPOSALS.iter().map(|pattern| logit(pattern.face(core))));
        }
        Ok(Logits { count: 1, classes: 1 + PROPOSALS.len(), height, width, values })
    }
}

/// A face net that takes a bright square in the middle of a window for a face.
struct TemplateFaces(Card);

impl Forward for TemplateFaces {
    fn card(&self) -> &Card {
        &self.0
    }

    fn forward(&self, batch: &Batch) -> Result<Logits, NetError> {
        let side = batch.height as f32;
        let logit = |picture: usize| (likeness(batch, picture, side / 2.0, side / 2.0, side / FACE_CONTEXT) - 0.7) * 100.0;
        let values = (0..batch.count).flat_map(|picture| [0.0, logit(picture)]).collect();
        Ok(Logits { count: batch.count, classes: 2, height: 1, width: 1, values })
    }
}

/// A detector of bright squares, whose windows [`window_of`] tells.
pub fn detector() -> Detector {
    let dense = NetSpec { input: 48, blocks: vec![Block::Dense { units: 2 }] };
    let nets = DetectorNets {
        proposals: Box::new(TemplateProposals::new()),
        faces: Box::new(TemplateFaces(card(dense.clone(), 2))),
        calibration: Box::new(FakeNet::new(48, 45, |_| vec![0.0; 45])),
        verification: Box::new(TemplateFaces(card(dense, 2))),
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
