//! Rendered faces: an endless crowd that pulls faces.
//!
//! A head kit (a mesh with blendshapes), pose tables and a seed go in; a picture of somebody who does not exist comes out,
//! with everything that is known about it. Everything is a pure function of the seed.
//!
//! The way of a picture, a file each: `poses` draw an expression and `person` a person; `head` bends the kit's mesh into that
//! shape and `parts` add what the kit lacks; `scene` puts both before a `camera`; `render` finds what is seen (`raster`), what
//! it is made of (`material`, `skin`) and the light that comes from it (`light`); `develop` makes pixels of it.

mod anatomy;
mod camera;
mod clip;
mod crowd;
mod curves;
mod develop;
mod folder;
mod head;
mod kit;
mod light;
mod material;
mod mesh;
mod noise;
mod parts;
mod person;
mod picture;
mod poses;
mod raster;
mod render;
mod scene;
mod scenes;
mod shapes;
mod sheet;
mod skin;
mod stress;
mod surroundings;
#[cfg(test)]
mod tests;
mod timeline;
mod truth;
mod wrinkles;

pub use clip::{ClipParams, write_clip};
pub use folder::{FolderParams, FolderSummary, SynthError, write_folder};
pub use kit::{KIT_FILES, KIT_SOURCE, Kit, KitError, PackSummary, pack_kit};
pub use picture::Picture;
pub use poses::{EMBEDDED_POSES, Poses, PosesError};
pub use scenes::{write_scenes, write_stress};
pub use shapes::{Expression, KIT_SHAPES, SHAPES, shape_index};
pub use sheet::contact_sheet;
pub use truth::{FaceTruth, read_truth};

use smielfy_vision::RgbImage;

use crate::{
    augment::{AugmentParams, Effect},
    draw::Draw,
    smileys::NONE,
};
use anatomy::Anatomy;

/// What can be chosen about renders.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthParams {
    /// Side of the square pictures of one face, in pixels.
    pub size_px: u32,
    /// Width and height of clips and scenes, in pixels.
    pub frame_px: (u32, u32),
    /// Side of a picture in sides of its face square: room for shifts and scales of the vote and of augmentation.
    pub context: f32,
    /// Share of pictures that show no smiley in particular, 0..=1.
    pub none_share: f32,
    /// Share of pictures whose face is cut out on black along an oval, 0..=1, as some collections of photographs have them.
    pub cut_out_share: f32,
    /// What the camera does to pictures; nothing that moves them is used.
    pub camera: AugmentParams,
}

impl Default for SynthParams {
    fn default() -> Self {
        Self { size_px: 96, frame_px: (640, 480), context: 1.6, none_share: 0.0, cut_out_share: 0.0, camera: ordinary_camera() }
    }
}

/// An ordinary camera: a bit off in color, noisy, at times out of focus, compressed.
fn ordinary_camera() -> AugmentParams {
    AugmentParams {
        tint: Effect::new(0.5, 0.08),
        contrast: Effect::new(0.4, 0.15),
        saturation: Effect::new(0.4, 0.3),
        grey: 0.3,
        gaussian_blur: Effect::new(0.25, 0.4),
        noise: Effect::new(0.4, 3.0),
        jpeg: Effect::new(0.2, 0.3),
        ..AugmentParams::none()
    }
}

/// Renders people.
pub struct Synth {
    kit: Kit,
    anatomy: Anatomy,
    poses: Poses,
    backgrounds: Vec<RgbImage>,
    params: SynthParams,
}

impl Synth {
    /// A renderer of heads of `kit` in `poses`, before parts of `backgrounds` or, where there are none, made-up ones.
    pub fn new(kit: Kit, poses: Poses, backgrounds: Vec<RgbImage>, params: SynthParams) -> Self {
        Self { anatomy: Anatomy::new(&kit), kit, poses, backgrounds, params }
    }

    /// The poses that are rendered.
    pub fn poses(&self) -> &Poses {
        &self.poses
    }

    /// One of the poses, all equally often, or none with its share.
    fn smiley(&self, draw: &mut Draw) -> String {
        if draw.chance(self.params.none_share) && self.poses.has(NONE) {
            return NONE.to_owned();
        }
        let which = draw.below(self.poses.ids().count() as u32);
        self.poses.ids().nth(which as usize).expect("below their number").to_owned()
    }
}
