//! How well faces are found: detections matched with the squares of a dataset of scenes.

use std::collections::BTreeMap;

use serde::Serialize;
use smielfy_vision::{BoundingBox, Detection};

use super::{
    EvaluateError,
    stages::{StageFigures, StageTally},
};
use crate::{
    dataset::{Scene, SceneDataset},
    faces::{Detector, DetectorParams},
};

/// IoU from which a detection is the face, as in Pascal VOC.
const USUAL_IOU: f32 = 0.5;
/// A looser IoU, as detectors differ in what they take for the square of a face.
const LOOSE_IOU: f32 = 0.3;
/// Score from which detections count for the average precision.
const LOWEST_SCORE: f32 = 0.05;

/// Figures over some scenes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaceFigures {
    /// Pictures searched.
    pub images: usize,
    /// Faces in them that count.
    pub faces: usize,
    /// Share of the faces found, at an IoU of 0.5.
    pub recall: f64,
    /// Share of the detections that are faces, at an IoU of 0.5; 1 if there are none.
    pub precision: f64,
    /// Average precision at an IoU of 0.5: area below the curve of the best precision at each recall or more.
    pub ap: f64,
    /// `recall` at an IoU of 0.3.
    pub recall_iou30: f64,
    /// `precision` at an IoU of 0.3.
    pub precision_iou30: f64,
    /// Detections of nothing in a picture, on average, at an IoU of 0.3: what a user sees as false squares.
    pub false_per_image: f64,
    /// Median IoU of the faces found with their detections.
    pub median_iou: f64,
}

/// Figures over all scenes, and over those of each source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaceReport {
    /// Over all.
    #[serde(flatten)]
    pub all: FaceFigures,
    /// By the name of the source.
    pub by_source: BTreeMap<String, FaceFigures>,
    /// Behind each stage of the cascade.
    pub stages: Vec<StageFigures>,
}

/// What counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceScoring {
    /// Faces with a smaller side, in pixels, neither count when found nor when missed.
    pub min_side: f32,
}

impl Default for FaceScoring {
    /// The smallest faces that the detector looks for.
    fn default() -> Self {
        Self { min_side: DetectorParams::default().min_side }
    }
}

/// A detection in an evaluation: its score, and its IoU with the face that it found, if any.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Match {
    score: f32,
    iou: Option<f32>,
}

/// Figures on `scenes` with detections from `threshold`; `detector` must have the low `min_score` of
/// [`FaceScoring::detector_params`]. `on_scene` is called behind each.
///
/// # Errors
/// [`EvaluateError`] if a picture cannot be read or there is no scene.
pub fn evaluate_faces(
    detector: &Detector,
    threshold: f32,
    scoring: FaceScoring,
    dataset: &SceneDataset,
    scenes: &[&Scene],
    mut on_scene: impl FnMut(),
) -> Result<FaceReport, EvaluateError> {
    let (mut all, mut by_source) = (vec![], BTreeMap::<String, Vec<Searched<'_>>>::new());
    let mut tally = StageTally::default();
    for scene in scenes {
        let stages = detector.stages(&scene.load(dataset.root())?)?;
        tally.add(&stages, &scene.faces, scoring.min_side, threshold);
        let searched = (stages.found, scene.faces.as_slice());
        all.push(searched.clone());
        by_source.entry(scene.source.clone()).or_default().push(searched);
        on_scene();
    }
    if all.is_empty() {
        return Err(EvaluateError::Nothing);
    }
    let figures = |searched: &[Searched<'_>]| FaceFigures::of(searched, threshold, scoring);
    let by_source = by_source.into_iter().map(|(source, searched)| (source, figures(&searched))).collect();
    Ok(FaceReport { all: figures(&all), by_source, stages: tally.figures() })
}

/// What was found in a picture, and the faces in it.
type Searched<'a> = (Vec<Detection>, &'a [BoundingBox]);

impl FaceScoring {
    /// The parameters of a detector to evaluate: `params` with a score so low that the whole curve of precision and recall
    /// is seen.
    pub fn detector_params(params: &DetectorParams) -> DetectorParams {
        DetectorParams { min_score: LOWEST_SCORE.min(params.min_score), ..params.clone() }
    }
}

impl FaceFigures {
    fn of(searched: &[Searched<'_>], threshold: f32, scoring: FaceScoring) -> Self {
        let counts = |face: &&BoundingBox| face.side >= scoring.min_side;
        let faces = searched.iter().map(|(_, faces)| faces.iter().filter(counts).count()).sum();
        let matches = |min_iou: f32| -> Vec<Match> {
            let of_picture = |(found, faces): &Searched<'_>| match_faces(found, faces, min_iou, scoring);
            searched.iter().flat_map(of_picture).collect()
        };
        let (usual, loose) = (matches(USUAL_IOU), matches(LOOSE_IOU));
        let (recall, precision) = recall_and_precision(&usual, threshold, faces);
        let (recall_iou30, precision_iou30) = recall_and_precision(&loose, threshold, faces);
        let wrong = loose.iter().filter(|found| found.iou.is_none() && found.score >= threshold).count();
        let false_per_image = wrong as f64 / searched.len() as f64;
        let median_iou = median_iou(&loose, threshold);
        let ap = average_precision(usual, faces);
        let images = searched.len();
        Self { images, faces, recall, precision, ap, recall_iou30, precision_iou30, false_per_image, median_iou }
    }
}

/// Matches detections, which fall in score, with faces: each takes the free face that it overlaps most, if by `min_iou`.
/// Detections of faces too small to count, and small ones of nothing, are left out.
fn match_faces(found: &[Detection], faces: &[BoundingBox], min_iou: f32, scoring: FaceScoring) -> Vec<Match> {
    let mut free = vec![true; faces.len()];
    let mut matches = Vec::new();
    for detection in found {
        let overlap = |index: &usize| faces[*index].iou(&detection.bounds);
        let best = (0..faces.len()).filter(|index| free[*index]).max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
        let best = best.filter(|index| overlap(index) >= min_iou);
        if let Some(index) = best {
            free[index] = false;
        }
        let side = best.map_or(detection.bounds.side, |index| faces[index].side);
        if side >= scoring.min_side {
            matches.push(Match { score: detection.score, iou: best.map(|index| overlap(&index)) });
        }
    }
    matches
}

fn recall_and_precision(matches: &[Match], threshold: f32, faces: usize) -> (f64, f64) {
    let found = matches.iter().filter(|found| found.score >= threshold);
    let (right, all) = found.fold((0, 0), |(right, all), found| (right + usize::from(found.iou.is_some()), all + 1));
    let ratio = |part: usize, whole: usize| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
    (ratio(right, faces), ratio(right, all))
}

fn median_iou(matches: &[Match], threshold: f32) -> f64 {
    let found = matches.iter().filter(|found| found.score >= threshold);
    let mut ious: Vec<f32> = found.filter_map(|found| found.iou).collect();
    ious.sort_by(f32::total_cmp);
    ious.get(ious.len() / 2).copied().map_or(0.0, f64::from)
}

fn average_precision(mut matches: Vec<Match>, faces: usize) -> f64 {
    matches.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut right = 0;
    let mut precisions_of_right = Vec::new();
    for (index, found) in matches.iter().enumerate() {
        if found.iou.is_some() {
            right += 1;
            precisions_of_right.push(f64::from(right) / (index + 1) as f64);
        }
    }
    let mut best = 0.0;
    let area: f64 = precisions_of_right
        .iter()
        .rev()
        .map(|precision| {
            best = f64::max(best, *precision);
            best
        })
        .sum();
    if faces == 0 { 1.0 } else { area / faces as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detection(x: f32, side: f32, score: f32) -> Detection {
        Detection { bounds: BoundingBox::new(x, 0.0, side), score }
    }

    #[test]
    fn figures_of_known_detections() {
        let faces = [BoundingBox::new(0.0, 0.0, 100.0), BoundingBox::new(500.0, 0.0, 100.0), BoundingBox::new(900.0, 0.0, 10.0)];
        let found = vec![
            detection(0.0, 100.0, 0.9),   // the first face
            detection(5.0, 100.0, 0.8),   // the same face again: wrong
            detection(540.0, 100.0, 0.7), // the second face, at an IoU of .43
            detection(900.0, 10.0, 0.7),  // a face too small to count
            detection(950.0, 12.0, 0.7),  // nothing, and too small to count
            detection(300.0, 60.0, 0.2),  // nothing, below the threshold
        ];
        let figures = FaceFigures::of(&[(found, &faces)], 0.5, FaceScoring { min_side: 24.0 });
        assert_eq!((figures.images, figures.faces), (1, 2));
        assert_eq!((figures.recall, figures.recall_iou30), (0.5, 1.0));
        assert!((figures.precision - 1.0 / 3.0).abs() < 1e-9);
        assert!((figures.precision_iou30 - 2.0 / 3.0).abs() < 1e-9);
        assert!((figures.false_per_image - 1.0).abs() < 1e-9);
        assert!((figures.ap - 0.5).abs() < 1e-9, "half of the faces at a precision of 1: {}", figures.ap);
    }

    #[test]
    fn nothing_found_and_nothing_there() {
        let scoring = FaceScoring::default();
        let empty = FaceFigures::of(&[(vec![], &[])], 0.5, scoring);
        assert_eq!((empty.recall, empty.precision, empty.ap), (1.0, 1.0, 1.0));
        let face = [BoundingBox::new(0.0, 0.0, 100.0)];
        let missed = FaceFigures::of(&[(vec![], &face)], 0.5, scoring);
        assert_eq!((missed.recall, missed.precision, missed.ap), (0.0, 1.0, 0.0));
    }
}
