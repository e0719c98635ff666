//! Faces followed through a video: frame by frame goes in, faces with ids that last come out.
//!
//! Between full scans only the places are looked at where faces were a frame before, which costs a fraction.

use smielfy_nets::NetError;
use smielfy_vision::{BoundingBox, Detection, RgbImage};

use super::Detector;

/// Frames from one full scan to the next at most: a face that enters is found within as many.
const SCAN_EVERY: u32 = 5;
/// Frames that a face may be out of sight and keep its id.
const MAX_UNSEEN: u32 = 2;
/// IoU from which a square is that of a face that was followed: faces that pass each other overlap by less when they are apart.
const MIN_IOU: f32 = 0.2;

/// A face of a video.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tracked {
    /// Its number, from 0, in the order in which faces came in sight; no number is given twice.
    pub id: u64,
    /// Where it is now.
    pub face: Detection,
}

/// The faces of one video so far.
#[derive(Debug, Default)]
pub struct Tracker {
    tracks: Vec<Track>,
    next_id: u64,
    since_scan: u32,
}

/// A face in sight, or out of it for a moment.
#[derive(Debug)]
struct Track {
    id: u64,
    bounds: BoundingBox,
    unseen: u32,
}

impl Detector {
    /// The faces in a picture with their ids, the surest first: followed by a `tracker` that knows the frames before, or searched for in
    /// this picture alone, without ids.
    ///
    /// # Errors
    /// [`NetError::Run`] if a net does not run.
    pub fn faces(&self, image: &RgbImage, tracker: Option<&mut Tracker>) -> Result<Vec<(Option<u64>, Detection)>, NetError> {
        Ok(match tracker {
            Some(tracker) => tracker.next(self, image)?.into_iter().map(|Tracked { id, face }| (Some(id), face)).collect(),
            None => self.detect(image)?.into_iter().map(|face| (None, face)).collect(),
        })
    }
}

impl Tracker {
    /// The faces in the next frame, the surest first.
    ///
    /// The whole frame is searched where no face is known or one was just lost, and at every fifth frame at least.
    ///
    /// # Errors
    /// [`NetError::Run`] if a net does not run.
    pub fn next(&mut self, detector: &Detector, frame: &RgbImage) -> Result<Vec<Tracked>, NetError> {
        self.since_scan += 1;
        let lost_one = self.tracks.iter().any(|track| track.unseen > 0);
        let found = if self.tracks.is_empty() || lost_one || self.since_scan >= SCAN_EVERY {
            self.since_scan = 0;
            detector.detect(frame)?
        } else {
            let squares: Vec<BoundingBox> = self.tracks.iter().map(|track| track.bounds).collect();
            detector.follow(frame, &squares)?
        };
        Ok(self.assign(found))
    }

    /// Gives each face that was found the id of the one that it was, or a new one, and forgets those long out of sight.
    fn assign(&mut self, found: Vec<Detection>) -> Vec<Tracked> {
        self.tracks.iter_mut().for_each(|track| track.unseen += 1);
        let mut pairs: Vec<(f32, usize, usize)> = vec![];
        for (face, detection) in found.iter().enumerate() {
            let overlaps = self.tracks.iter().map(|track| track.bounds.iou(&detection.bounds)).enumerate();
            pairs.extend(overlaps.filter(|(_, iou)| *iou >= MIN_IOU).map(|(track, iou)| (iou, face, track)));
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut ids = vec![None; found.len()];
        for (_, face, track) in pairs {
            let track = &mut self.tracks[track];
            if ids[face].is_none() && track.unseen > 0 {
                ids[face] = Some(track.id);
                (track.bounds, track.unseen) = (found[face].bounds, 0);
            }
        }
        self.tracks.retain(|track| track.unseen <= MAX_UNSEEN);
        let tracked = |(face, id): (Detection, Option<u64>)| Tracked { id: id.unwrap_or_else(|| self.enter(face.bounds)), face };
        found.into_iter().zip(ids).map(tracked).collect()
    }

    /// The id of a face that comes in sight.
    fn enter(&mut self, bounds: BoundingBox) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.tracks.push(Track { id, bounds, unseen: 0 });
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::testing::{detector, picture};

    /// What a tracker says of frames with these bright squares: the ids of each frame, from left to right.
    fn ids(frames: &[Vec<BoundingBox>]) -> Vec<Vec<u64>> {
        let (detector, mut tracker) = (detector(), Tracker::default());
        let of_frame = |squares: &Vec<BoundingBox>| {
            let mut faces = tracker.next(&detector, &picture(320, 160, squares)).unwrap();
            faces.sort_by(|a, b| a.face.bounds.x.total_cmp(&b.face.bounds.x));
            faces.iter().map(|face| face.id).collect()
        };
        frames.iter().map(of_frame).collect()
    }

    fn square(x: f32) -> BoundingBox {
        BoundingBox::new(x, 40.0, 56.0)
    }

    #[test]
    fn a_face_that_moves_keeps_its_id() {
        let frames: Vec<_> = (0..12).map(|number| vec![square(30.0 + 2.0 * number as f32)]).collect();
        assert_eq!(ids(&frames), vec![vec![0]; 12]);
    }

    #[test]
    fn a_face_that_enters_is_found_within_five_frames_and_one_that_leaves_dropped_within_three() {
        let frames: Vec<_> = (0..30)
            .map(|number| match number {
                0..=9 => vec![square(40.0)],
                10..=19 => vec![square(40.0), square(200.0)],
                _ => vec![square(200.0)],
            })
            .collect();
        let ids = ids(&frames);
        let entered = ids.iter().position(|ids| *ids == [0, 1]).unwrap();
        assert!((10..15).contains(&entered), "{ids:?}");
        let left = ids.iter().rposition(|ids| ids.contains(&0)).unwrap();
        assert!((19..22).contains(&left), "{ids:?}");
        assert_eq!(ids[29], [1]);
    }

    #[test]
    fn a_face_may_be_out_of_sight_for_two_frames() {
        let seen_again_after = |missing: usize| {
            let mut frames = vec![vec![square(40.0)]];
            frames.extend(vec![vec![]; missing]);
            frames.push(vec![square(44.0)]);
            ids(&frames).pop().unwrap()
        };
        assert_eq!([1, 2, 3].map(seen_again_after), [[0], [0], [1]]);
    }

    #[test]
    fn a_video_without_faces_has_none() {
        assert_eq!(ids(&vec![vec![]; 7]), vec![Vec::<u64>::new(); 7]);
    }
}
