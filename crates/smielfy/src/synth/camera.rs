//! The camera, and where heads stand before it.
//!
//! Camera space has x to the right of the picture, y up and z towards the viewer, in centimeters; the camera is at 0 and looks
//! along -z. Somebody who looks into the camera has the axes of the camera.

use glam::{EulerRot, Mat3, Vec3};

use super::raster::{SAMPLES, ScreenVertex};
use crate::draw::Draw;

/// What heads turn about: the top of the neck, in centimeters of the head at rest.
const PIVOT: Vec3 = Vec3::new(0.0, -3.0, 0.0);

/// Side of a head's face square, in centimeters: of the mean head.
const FACE_CM: f32 = 16.0;

/// A pinhole camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Camera {
    /// Focal length in pixels.
    pub focal_px: f32,
    /// Where the optical axis meets the picture, in pixels.
    pub center: (f32, f32),
}

impl Camera {
    /// A camera with an angle of view of 45 to 75 degrees across, for pictures of `width` x `height` pixels.
    pub(super) fn ordinary(width: u32, height: u32, draw: &mut Draw) -> Self {
        let half = draw.between(22.5, 37.5).to_radians();
        Self { focal_px: width as f32 / 2.0 / half.tan(), center: (width as f32 / 2.0, height as f32 / 2.0) }
    }

    /// Place of a point in the picture, in pixels; meaningless behind the camera.
    pub(super) fn project(&self, place: Vec3) -> (f32, f32) {
        let scale = self.focal_px / -place.z;
        (self.center.0 + place.x * scale, self.center.1 - place.y * scale)
    }

    /// A point as the rasterizer wants it, in samples.
    pub(super) fn screen(&self, place: Vec3) -> ScreenVertex {
        let ((x, y), samples) = (self.project(place), SAMPLES as f32);
        ScreenVertex::new(x * samples, y * samples, -1.0 / place.z)
    }

    /// The point in camera space that is seen at (x, y) samples with this depth (1 / distance).
    pub(super) fn place(&self, x: f32, y: f32, depth: f32) -> Vec3 {
        let (samples, distance) = (SAMPLES as f32, 1.0 / depth);
        let scale = distance / self.focal_px;
        Vec3::new((x / samples - self.center.0) * scale, (self.center.1 - y / samples) * scale, -distance)
    }
}

/// How somebody holds the head: angles in radians.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Attitude {
    /// Turned to the person's left.
    pub yaw: f32,
    /// Bent forward, chin down.
    pub pitch: f32,
    /// Tilted towards the right of the picture.
    pub roll: f32,
}

/// Where a head is and how it is held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placement {
    pub attitude: Attitude,
    /// Where the top of the neck is, in camera space.
    pub position: Vec3,
}

/// Share of the head's turn that the shoulders follow.
const SHOULDERS_FOLLOW: f32 = 0.3;

impl Placement {
    /// A place where `camera` sees the face about `side` pixels large at about `middle`, in pixels.
    pub(super) fn seen(camera: &Camera, side: f32, middle: (f32, f32), attitude: Attitude) -> Self {
        let distance = camera.focal_px * FACE_CM / side;
        let at = |pixels: f32, center: f32| (pixels - center) * distance / camera.focal_px;
        let (x, y) = (at(middle.0, camera.center.0), at(middle.1, camera.center.1));
        // The face lies some centimeters above the top of the neck and before it.
        Self { attitude, position: Vec3::new(x, -y - 5.0, -distance - 8.0) }
    }

    /// The turn of the head.
    pub(super) fn head(&self) -> Mat3 {
        let Attitude { yaw, pitch, roll } = self.attitude;
        Mat3::from_euler(EulerRot::ZYX, -roll, yaw, pitch)
    }

    /// The turn of the shoulders.
    pub(super) fn shoulders(&self) -> Mat3 {
        Mat3::from_rotation_y(self.attitude.yaw * SHOULDERS_FOLLOW)
    }

    /// The place in camera space of a point at rest that turns by `turn`.
    pub(super) fn place(&self, turn: &Mat3, point: Vec3) -> Vec3 {
        *turn * (point - PIVOT) + self.position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: Camera = Camera { focal_px: 100.0, center: (48.0, 40.0) };

    #[test]
    fn points_come_back_from_the_screen() {
        for place in [Vec3::new(0.0, 0.0, -50.0), Vec3::new(7.0, -3.0, -30.0)] {
            let seen = CAMERA.screen(place);
            assert!((CAMERA.place(seen.x, seen.y, seen.depth) - place).length() < 1e-3, "{place}");
        }
        assert_eq!(CAMERA.project(Vec3::new(5.0, 10.0, -50.0)), (58.0, 20.0));
    }

    #[test]
    fn turns_go_where_their_names_say() {
        let turned = |attitude: Attitude| Placement { attitude, position: Vec3::ZERO }.head();
        let nose = Vec3::Z;
        assert!((turned(Attitude { yaw: 0.5, ..Attitude::default() }) * nose).x > 0.4, "to the person's left");
        assert!((turned(Attitude { pitch: 0.5, ..Attitude::default() }) * nose).y < -0.4, "down");
        assert!((turned(Attitude { roll: 0.5, ..Attitude::default() }) * Vec3::Y).x > 0.4, "to the right of the picture");
    }
}
