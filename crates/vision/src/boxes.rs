//! Square bounding boxes: overlap, containment and non-maximum suppression.
//!
//! Coordinates are pixels with the origin at the top left corner of a picture; a box is half-open, so a box with `x = 0`
//! and `side = 2` covers pixels 0 and 1. Boxes may leave the picture.

/// A square bounding box: every box in smielfy is a square, as a face square is defined by one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Left edge, in pixels.
    pub x: f32,
    /// Top edge, in pixels.
    pub y: f32,
    /// Length of each side, in pixels; a box without area has `side <= 0`.
    pub side: f32,
}

impl BoundingBox {
    /// A box from its left and top edges and its side, in pixels.
    pub const fn new(x: f32, y: f32, side: f32) -> Self {
        Self { x, y, side }
    }

    /// A box of `side` pixels round the point (`center_x`, `center_y`).
    pub fn centered(center_x: f32, center_y: f32, side: f32) -> Self {
        Self::new(center_x - side / 2.0, center_y - side / 2.0, side)
    }

    /// The middle of the box, `(x, y)` in pixels.
    pub fn center(&self) -> (f32, f32) {
        (self.x + self.side / 2.0, self.y + self.side / 2.0)
    }

    /// Area in square pixels, 0 for a box without area.
    pub fn area(&self) -> f32 {
        self.side.max(0.0).powi(2)
    }

    /// This box with its side multiplied by `scale` about its center, then moved by (`dx`, `dy`) of its *new* sides.
    #[must_use]
    pub fn jittered(&self, scale: f32, dx: f32, dy: f32) -> Self {
        let (center_x, center_y) = self.center();
        let side = self.side * scale;
        Self::centered(center_x + dx * side, center_y + dy * side, side)
    }

    /// This box with all its coordinates multiplied by `factor`, as when its picture is resized.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor, self.side * factor)
    }

    /// Area shared with `other`, in square pixels.
    pub fn intersection(&self, other: &Self) -> f32 {
        let width = (self.x + self.side).min(other.x + other.side) - self.x.max(other.x);
        let height = (self.y + self.side).min(other.y + other.side) - self.y.max(other.y);
        width.max(0.0) * height.max(0.0)
    }

    /// Intersection over union, in `0..=1`; 0 where neither box has an area.
    pub fn iou(&self, other: &Self) -> f32 {
        let shared = self.intersection(other);
        let union = self.area() + other.area() - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }

    /// Share of the smaller box that lies inside the other, in `0..=1`; 0 where the smaller one has no area.
    pub fn containment(&self, other: &Self) -> f32 {
        let smaller = self.area().min(other.area());
        if smaller > 0.0 { self.intersection(other) / smaller } else { 0.0 }
    }
}

/// A box that a detector proposes, with its confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Where the face is.
    pub bounds: BoundingBox,
    /// Confidence that it is a face, in `0..=1`.
    pub score: f32,
}

/// Non-maximum suppression: keeps detections in falling order of score and drops each that overlaps a kept one by an IoU of
/// more than `max_iou`, or of which (or of the kept one) more than `max_containment` lies inside the other.
///
/// Containment is what leaves one square on one face: a small square inside a large one has a low IoU. Equal scores keep
/// their order, so the result depends on nothing but the input.
pub fn suppress(mut detections: Vec<Detection>, max_iou: f32, max_containment: f32) -> Vec<Detection> {
    detections.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Detection> = Vec::new();
    for candidate in detections {
        let redundant = kept.iter().any(|better| {
            candidate.bounds.iou(&better.bounds) > max_iou || candidate.bounds.containment(&better.bounds) > max_containment
        });
        if !redundant {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(x: f32, y: f32, side: f32) -> BoundingBox {
        BoundingBox::new(x, y, side)
    }

    #[test]
    fn iou_table() {
        let cases = [
            (unit(0.0, 0.0, 2.0), unit(0.0, 0.0, 2.0), 1.0),
            (unit(0.0, 0.0, 2.0), unit(2.0, 0.0, 2.0), 0.0),
            (unit(0.0, 0.0, 2.0), unit(1.0, 0.0, 2.0), 2.0 / 6.0),
            (unit(0.0, 0.0, 2.0), unit(1.0, 1.0, 2.0), 1.0 / 7.0),
            (unit(0.0, 0.0, 4.0), unit(1.0, 1.0, 2.0), 4.0 / 16.0),
            (unit(-3.0, -3.0, 2.0), unit(3.0, 3.0, 2.0), 0.0),
            (unit(0.0, 0.0, 0.0), unit(0.0, 0.0, 0.0), 0.0),
            (unit(0.0, 0.0, -2.0), unit(0.0, 0.0, 2.0), 0.0),
        ];
        for (a, b, expected) in cases {
            assert!((a.iou(&b) - expected).abs() < 1e-6, "{a:?} {b:?}: {} is not {expected}", a.iou(&b));
        }
    }

    #[test]
    fn containment_table() {
        let cases = [
            (unit(0.0, 0.0, 4.0), unit(1.0, 1.0, 2.0), 1.0),
            (unit(1.0, 1.0, 2.0), unit(0.0, 0.0, 4.0), 1.0),
            (unit(0.0, 0.0, 4.0), unit(3.0, 0.0, 2.0), 0.5),
            (unit(0.0, 0.0, 4.0), unit(5.0, 0.0, 2.0), 0.0),
            (unit(0.0, 0.0, 0.0), unit(0.0, 0.0, 4.0), 0.0),
        ];
        for (a, b, expected) in cases {
            assert!((a.containment(&b) - expected).abs() < 1e-6, "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_jittered_box_moves_by_its_new_side() {
        assert_eq!(unit(0.0, 0.0, 48.0).jittered(1.0, 1.0 / 6.0, -1.0 / 6.0), unit(8.0, -8.0, 48.0));
        assert_eq!(unit(0.0, 0.0, 10.0).jittered(2.0, 0.0, 0.5), unit(-5.0, 5.0, 20.0));
    }

    #[test]
    fn suppression_leaves_one_square_a_face() {
        let detection = |x, y, side, score| Detection { bounds: unit(x, y, side), score };
        let best = detection(10.0, 10.0, 40.0, 0.9);
        let shifted = detection(14.0, 10.0, 40.0, 0.8);
        let nested = detection(20.0, 20.0, 16.0, 0.85);
        let elsewhere = detection(100.0, 10.0, 40.0, 0.3);
        assert_eq!(suppress(vec![elsewhere, shifted, nested, best], 0.3, 0.7), [best, elsewhere]);
        assert_eq!(suppress(vec![nested, best], 0.3, 1.0), [best, nested], "without containment both stay");
        assert_eq!(suppress(vec![], 0.3, 0.7), []);
    }

    #[test]
    fn suppression_survives_scores_that_are_not_numbers() {
        let detection = |score| Detection { bounds: unit(0.0, 0.0, 1.0), score };
        assert_eq!(suppress(vec![detection(f32::NAN), detection(0.5)], 0.3, 0.7).len(), 1);
    }

    proptest! {
        #[test]
        fn iou_is_symmetric_and_bounded(ax in -50f32..50., ay in -50f32..50., a in 0.1f32..60.,
                                        bx in -50f32..50., by in -50f32..50., b in 0.1f32..60.) {
            let (a, b) = (unit(ax, ay, a), unit(bx, by, b));
            let iou = a.iou(&b);
            prop_assert!((0.0..=1.0 + 1e-5).contains(&iou));
            prop_assert!((iou - b.iou(&a)).abs() < 1e-6);
            prop_assert!(a.containment(&b) + 1e-4 >= iou);
        }
    }
}
