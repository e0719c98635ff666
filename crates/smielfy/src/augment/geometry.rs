//! Scale, shift, rotation, aspect, slant and mirroring of the window.
//!
//! A picture and a face square go in, the window cut out of it comes out.

use super::{AugmentParams, Augmented};
use crate::draw::Draw;
use smielfy_vision::{Affine, BoundingBox, RgbImage, crop_resize, flip_horizontal, warp};

/// Cuts a window of `context` sides of `face`, varied as `params` says, to `size` x `size` pixels.
pub(super) fn cut(
    image: &RgbImage,
    face: BoundingBox,
    size: u32,
    context: f32,
    params: &AugmentParams,
    draw: &mut Draw,
) -> Augmented {
    let placement = Placement::drawn(face, context, params, draw);
    let mut window = placement.cut(image, size);
    let mut map = placement.map(size);
    let mirrored = draw.chance(params.mirror);
    if mirrored {
        window = flip_horizontal(&window);
        map = Affine::scaling(-1.0, 1.0).then(&Affine::translation(size as f32, 0.0)).then(&map);
    }
    Augmented { image: window, mirrored, map }
}

/// How the window lies in the picture.
struct Placement {
    /// The window before it is turned, stretched and slanted about its center, in pixels of the picture.
    bounds: BoundingBox,
    /// Clockwise turn of the window, in radians; what it shows turns the other way.
    rotation: f32,
    /// Width to height of what the window shows, as a factor.
    aspect: f32,
    /// Slant of the window: pixels to the right a pixel downwards.
    shear: f32,
}

impl Placement {
    fn drawn(face: BoundingBox, context: f32, params: &AugmentParams, draw: &mut Draw) -> Self {
        let side = face.side * context * draw.factor(params.scale);
        let (x, y) = face.center();
        let (dx, dy) = (face.side * draw.signed(params.shift), face.side * draw.signed(params.shift));
        Self {
            bounds: BoundingBox::centered(x + dx, y + dy, side),
            rotation: draw.signed(params.rotation_degrees).to_radians(),
            aspect: draw.factor(params.aspect),
            shear: draw.signed(params.shear),
        }
    }

    fn cut(&self, image: &RgbImage, size: u32) -> RgbImage {
        if (self.rotation, self.aspect, self.shear) == (0.0, 1.0, 0.0) {
            return crop_resize(image, self.bounds, size);
        }
        warp(image, &self.map(size), size)
    }

    /// The map from pixels of the window, once it is `size` pixels wide, to pixels of the picture.
    fn map(&self, size: u32) -> Affine {
        let middle = size as f32 / 2.0;
        let (step, stretch) = (self.bounds.side / size as f32, self.aspect.sqrt());
        let (x, y) = self.bounds.center();
        Affine::translation(-middle, -middle)
            .then(&Affine::scaling(step / stretch, step * stretch))
            .then(&Affine::shear(self.shear))
            .then(&Affine::rotation(self.rotation))
            .then(&Affine::translation(x, y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::Stage;

    /// Where the only bright spot of `image` is: its center of mass, in pixels from the top left corner.
    fn dot(image: &RgbImage) -> (f32, f32) {
        let (mut sum, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
        for (x, y, pixel) in image.enumerate_pixels() {
            let weight = f32::from(pixel[0]);
            sum += weight;
            sum_x += weight * (x as f32 + 0.5);
            sum_y += weight * (y as f32 + 0.5);
        }
        (sum_x / sum, sum_y / sum)
    }

    /// A black picture of 100 x 100 pixels with a white square of 4 x 4 pixels round (60, 40).
    fn dotted() -> RgbImage {
        let mut image = RgbImage::new(100, 100);
        for (x, y, pixel) in image.enumerate_pixels_mut() {
            if (58..62).contains(&x) && (38..42).contains(&y) {
                pixel.0 = [255; 3];
            }
        }
        image
    }

    fn placement(x: f32, y: f32, side: f32) -> Placement {
        Placement { bounds: BoundingBox::centered(x, y, side), rotation: 0.0, aspect: 1.0, shear: 0.0 }
    }

    #[test]
    fn a_dot_goes_where_the_window_puts_it() {
        let quarter = 90f32.to_radians();
        // The dot lies 10 right of and 10 above the middle; a window of 80 pixels is halved to 40, its middle is at 20.
        let cases = [
            ("as it is", placement(50.0, 50.0, 80.0), (25.0, 15.0)),
            ("shifted right", placement(58.0, 50.0, 80.0), (21.0, 15.0)),
            ("shifted by a fraction", placement(50.0, 50.5, 80.0), (25.0, 14.75)),
            ("closer", placement(50.0, 50.0, 40.0), (30.0, 10.0)),
            ("leaving the picture", placement(70.0, 50.0, 80.0), (15.0, 15.0)),
            ("turned", Placement { rotation: quarter, ..placement(50.0, 50.0, 80.0) }, (15.0, 15.0)),
            ("turned back", Placement { rotation: -quarter, ..placement(50.0, 50.0, 80.0) }, (25.0, 25.0)),
            ("wider", Placement { aspect: 4.0, ..placement(50.0, 50.0, 80.0) }, (30.0, 17.5)),
            ("slanted", Placement { shear: 0.5, ..placement(50.0, 50.0, 80.0) }, (27.5, 15.0)),
        ];
        for (name, placement, (x, y)) in cases {
            let (dot_x, dot_y) = dot(&placement.cut(&dotted(), 40));
            assert!((dot_x - x).abs() < 0.1 && (dot_y - y).abs() < 0.1, "{name}: ({dot_x}, {dot_y}), not ({x}, {y})");
        }
    }

    #[test]
    fn the_map_says_where_the_dot_went() {
        let face = BoundingBox::new(20.0, 20.0, 60.0);
        for seed in 0..40 {
            let cut = cut(&dotted(), face, 40, 1.5, &AugmentParams::default(), &mut Draw::new(seed, Stage::Geometry as u64));
            let (x, y) = cut.map.inverse().expect("windows have an area").apply(60.0, 40.0);
            let (dot_x, dot_y) = dot(&cut.image);
            assert!((dot_x - x).abs() < 0.2 && (dot_y - y).abs() < 0.2, "seed {seed}: ({dot_x}, {dot_y}), not ({x}, {y})");
        }
    }

    #[test]
    fn draws_stay_within_their_ranges_and_use_them() {
        let params = AugmentParams::default();
        let face = BoundingBox::new(10.0, 20.0, 50.0);
        let placements = (0..2000).map(|seed| Placement::drawn(face, 1.5, &params, &mut Draw::new(seed, Stage::Geometry as u64)));
        let (mut widest, mut farthest, mut most_turned) = (0.0f32, 0.0f32, 0.0f32);
        for placement in placements {
            let (x, y) = placement.bounds.center();
            widest = widest.max(placement.bounds.side);
            farthest = farthest.max((x - 35.0).abs()).max((y - 45.0).abs());
            most_turned = most_turned.max(placement.rotation.abs().to_degrees());
        }
        assert!((89.0..=90.001).contains(&widest), "{widest}");
        assert!((4.9..=5.001).contains(&farthest), "{farthest}");
        assert!((19.5..=20.001).contains(&most_turned), "{most_turned}");
    }

    #[test]
    fn mirroring_twice_changes_nothing() {
        let params = AugmentParams { mirror: 1.0, ..AugmentParams::none() };
        let cut = |image: &RgbImage, params| {
            cut(image, BoundingBox::new(0.0, 0.0, 100.0), 100, 1.0, params, &mut Draw::new(1, Stage::Geometry as u64))
        };
        let once = cut(&dotted(), &params);
        assert!(once.mirrored);
        assert_eq!(dot(&once.image), (40.0, 40.0));
        assert_eq!(cut(&once.image, &params).image, dotted());
        assert!(!cut(&dotted(), &AugmentParams::none()).mirrored);
    }
}
