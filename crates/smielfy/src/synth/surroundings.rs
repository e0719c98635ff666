//! Light and background of a picture: random numbers in.

use glam::{EulerRot, Mat3, Vec3};
use smielfy_vision::{BoundingBox, RgbImage, crop_resize, gaussian_blur};

use super::light::{Lamp, Lighting};
use crate::{augment::made_up, draw::Draw};

/// One to three lamps, and the light of the surroundings.
pub(super) fn lighting(draw: &mut Draw) -> Lighting {
    let warmth = draw.normal(0.0, 0.12).clamp(-0.3, 0.3);
    let tint = |warmth: f32| Vec3::new(1.0 + warmth, 1.0, 1.0 - warmth);
    let towards =
        |azimuth: f32, height: f32| Mat3::from_euler(EulerRot::YXZ, azimuth.to_radians(), -height.to_radians(), 0.0) * Vec3::Z;
    let azimuth = draw.normal(0.0, 32.0).clamp(-85.0, 85.0);
    let key = Lamp {
        direction: towards(azimuth, draw.normal(34.0, 18.0).clamp(-10.0, 70.0)),
        color: tint(warmth) * draw.between(0.5, 1.2),
    };
    let mut lamps = vec![key];
    if draw.chance(0.55) {
        let color = tint(-warmth + draw.signed(0.1)) * draw.between(0.1, 0.5);
        lamps.push(Lamp { direction: towards(-azimuth.signum() * draw.between(20.0, 80.0), draw.between(-10.0, 40.0)), color });
    }
    if draw.chance(0.3) {
        let color = tint(draw.signed(0.2)) * draw.between(0.3, 1.0);
        lamps.push(Lamp { direction: towards(draw.between(120.0, 240.0), draw.between(10.0, 50.0)), color });
    }
    let sky = tint(-0.6 * warmth) * draw.between(0.25, 0.8);
    let ground = tint(warmth) * sky * draw.between(0.3, 0.8);
    Lighting { lamps, sky, ground }
}

/// A background of `width` x `height` pixels: a part of one of `pictures`, out of focus more or less, or a made-up one.
pub(super) fn background(pictures: &[RgbImage], width: u32, height: u32, draw: &mut Draw) -> RgbImage {
    /// Share of made-up backgrounds where there are pictures.
    const MADE_UP: f32 = 0.3;
    let (is_made_up, which) = (draw.chance(MADE_UP), draw.unit());
    if pictures.is_empty() || is_made_up {
        return made_up(width, height, draw);
    }
    let picture = &pictures[((which * pictures.len() as f32) as usize).min(pictures.len() - 1)];
    let longest = width.max(height);
    let room = picture.width().min(picture.height()) as f32;
    let side = room * draw.between(0.45, 1.0);
    let x = draw.unit() * (picture.width() as f32 - side).max(0.0);
    let y = draw.unit() * (picture.height() as f32 - side).max(0.0);
    let square = crop_resize(picture, BoundingBox::new(x, y, side), longest);
    let part = if width == height {
        square
    } else {
        let (left, top) = ((longest - width) / 2, (longest - height) / 2);
        RgbImage::from_fn(width, height, |x, y| *square.get_pixel(x + left, y + top))
    };
    let blur = draw.between(-0.02, 0.035).max(0.0) * longest as f32;
    if blur > 0.3 { gaussian_blur(&part, blur) } else { part }
}
