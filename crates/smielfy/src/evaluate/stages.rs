//! What each stage of the cascade lets through, and what calibration gains.

use serde::Serialize;
use smielfy_vision::{BoundingBox, Detection};

use crate::faces::Stages;

/// What is left behind a stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageFigures {
    /// Name of the stage.
    pub stage: &'static str,
    /// Windows in a picture, on average.
    pub windows_per_image: f64,
    /// Share of the faces of which a window has an IoU of 0.5 at least.
    pub recall: f64,
    /// The same of 0.3.
    pub recall_iou30: f64,
    /// Median over those faces of the best window's IoU.
    pub median_iou: f64,
}

/// Sums over pictures.
#[derive(Debug, Default)]
pub(super) struct StageTally {
    images: usize,
    /// Windows of each stage.
    windows: [usize; 4],
    /// IoU of each face's best window, by stage.
    best: [Vec<f32>; 4],
}

impl StageTally {
    /// Adds a picture; faces below `min_side` pixels do not count, and squares of the last stage only from `threshold`.
    pub(super) fn add(&mut self, stages: &Stages, faces: &[BoundingBox], min_side: f32, threshold: f32) {
        let Stages { proposed, accepted, settled, found } = stages;
        self.images += 1;
        for (index, (windows, least)) in
            [(proposed, 0.0), (accepted, 0.0), (settled, 0.0), (found, threshold)].into_iter().enumerate()
        {
            let kept = || windows.iter().filter(move |window: &&Detection| window.score >= least);
            self.windows[index] += kept().count();
            let best = |face: &BoundingBox| kept().map(|window| window.bounds.iou(face)).fold(0.0, f32::max);
            self.best[index].extend(faces.iter().filter(|face| face.side >= min_side).map(best));
        }
    }

    /// The figures of each stage in turn.
    pub(super) fn figures(mut self) -> Vec<StageFigures> {
        let names = ["first stage", "second stage", "calibrated, one a face", "verified"];
        let figures = |(index, stage)| {
            let best: &mut Vec<f32> = &mut self.best[index];
            best.sort_by(f32::total_cmp);
            let found = |least: f32| &best[best.partition_point(|iou| *iou < least)..];
            let share = |least: f32| if best.is_empty() { 1.0 } else { found(least).len() as f64 / best.len() as f64 };
            let overlapping = found(0.3);
            StageFigures {
                stage,
                windows_per_image: self.windows[index] as f64 / self.images.max(1) as f64,
                recall: share(0.5),
                recall_iou30: share(0.3),
                median_iou: overlapping.get(overlapping.len() / 2).copied().map_or(0.0, f64::from),
            }
        };
        names.into_iter().enumerate().map(figures).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_is_counted_apart() {
        let window = |x: f32, score| Detection { bounds: BoundingBox::new(x, 0.0, 100.0), score };
        let stages = Stages {
            proposed: vec![window(50.0, 0.4), window(900.0, 0.3)],
            accepted: vec![window(20.0, 0.9)],
            settled: vec![window(0.0, 0.9)],
            found: vec![window(0.0, 0.9), window(900.0, 0.2)],
        };
        let mut tally = StageTally::default();
        tally.add(&stages, &[BoundingBox::new(0.0, 0.0, 100.0), BoundingBox::new(0.0, 0.0, 10.0)], 24.0, 0.5);
        tally.add(&Stages::default(), &[], 24.0, 0.5);
        let figures = tally.figures();
        let row = |figures: &StageFigures| {
            let StageFigures { windows_per_image, recall, recall_iou30, median_iou, .. } = figures;
            (*windows_per_image, *recall, *recall_iou30, (median_iou * 100.0).round())
        };
        let rows: Vec<_> = figures.iter().map(row).collect();
        assert_eq!(rows, [(1.0, 0.0, 1.0, 33.0), (0.5, 1.0, 1.0, 67.0), (0.5, 1.0, 1.0, 100.0), (0.5, 1.0, 1.0, 100.0)]);
    }
}
