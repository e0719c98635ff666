//! Pictures of a stretch: a few, evenly spread over it however long it becomes.

use smielfy_vision::{BoundingBox, PictureFormat, RgbImage, encode};

use super::{LabelError, Moment, Square};

/// Side of a picture in sides of its face square: room for the square to be corrected, and for training to vary it.
const CONTEXT: f32 = 2.4;

/// Most pictures of a stretch: it plays like a flip book, and an hour of faces takes some hundred megabytes.
const MAX_PICTURES: usize = 12;

/// The part of a frame round a face.
#[derive(Debug, Clone)]
pub(super) struct Crop {
    pub image: RgbImage,
    /// Left and top edge in the frame, in pixels.
    pub corner: (u32, u32),
}

/// A picture that was chosen.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub moment: Moment,
    pub square: Square,
    pub corner: (u32, u32),
    pub size: (u32, u32),
    pub distribution: Vec<f32>,
    pub jpeg: Vec<u8>,
}

/// Keeps every n-th of the frames that it is shown; n doubles whenever there are too many.
#[derive(Debug)]
pub(super) struct Sampler {
    every: u64,
    shown: u64,
    chosen: Vec<Chosen>,
}

impl Crop {
    /// The part of `frame` round `square`, as large as is in the frame; `None` if the square lies outside of it.
    pub(super) fn of(frame: &RgbImage, square: BoundingBox) -> Option<Self> {
        let room = square.jittered(CONTEXT, 0.0, 0.0);
        let span = |start: f32, length: u32| {
            let first = start.floor().clamp(0.0, length as f32) as u32;
            let end = (start + room.side).ceil().clamp(0.0, length as f32) as u32;
            (first, end - first)
        };
        let ((left, width), (top, height)) = (span(room.x, frame.width()), span(room.y, frame.height()));
        let image = RgbImage::from_fn(width, height, |x, y| *frame.get_pixel(left + x, top + y));
        (!image.is_empty()).then_some(Self { image, corner: (left, top) })
    }
}

impl Default for Sampler {
    fn default() -> Self {
        Self { every: 1, shown: 0, chosen: Vec::new() }
    }
}

impl Sampler {
    /// Shows it the next frame; `crop` is `None` where there is nothing to see.
    pub(super) fn show(
        &mut self,
        moment: Moment,
        square: BoundingBox,
        distribution: &[f32],
        crop: Option<&Crop>,
    ) -> Result<(), LabelError> {
        let is_wanted = self.shown.is_multiple_of(self.every);
        self.shown += 1;
        let Some(crop) = crop.filter(|_| is_wanted) else { return Ok(()) };
        self.chosen.push(Chosen {
            moment,
            square: square.into(),
            corner: crop.corner,
            size: crop.image.dimensions(),
            distribution: distribution.to_vec(),
            jpeg: encode(&crop.image, PictureFormat::Jpeg)?,
        });
        if self.chosen.len() > MAX_PICTURES {
            let mut number = 0;
            self.chosen.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.every *= 2;
        }
        Ok(())
    }

    /// What was chosen, in the order of time.
    pub(super) fn finish(self) -> Vec<Chosen> {
        self.chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_spread_over_a_stretch_of_any_length() {
        let frame = RgbImage::new(60, 60);
        let square = BoundingBox::new(20.0, 20.0, 20.0);
        for length in [1, 5, 12, 13, 100, 5000] {
            let mut sampler = Sampler::default();
            for number in 0..length {
                let moment = Moment { frame: number, time_s: number as f64 };
                sampler.show(moment, square, &[1.0], Crop::of(&frame, square).as_ref()).unwrap();
            }
            let frames: Vec<u64> = sampler.finish().iter().map(|chosen| chosen.moment.frame).collect();
            assert!(
                frames.len() >= MAX_PICTURES.min(length as usize) / 2 && frames.len() <= MAX_PICTURES,
                "{length}: {frames:?}"
            );
            let step = frames.get(1).copied().unwrap_or(1);
            assert_eq!(frames, (0..length).step_by(step as usize).collect::<Vec<_>>());
        }
    }

    #[test]
    fn crops_end_where_the_frame_ends() {
        let frame = RgbImage::new(100, 80);
        let crop = |x, y| Crop::of(&frame, BoundingBox::new(x, y, 20.0)).map(|crop| (crop.corner, crop.image.dimensions()));
        assert_eq!(crop(40.0, 30.0), Some(((26, 16), (48, 48))));
        assert_eq!(crop(-5.0, 70.0), Some(((0, 56), (29, 24))));
        assert_eq!(crop(300.0, 0.0), None);
    }
}
