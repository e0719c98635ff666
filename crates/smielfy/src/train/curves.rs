//! Curves of a training as SVG: error and accuracy over the epochs, on training and on validation windows.

use super::EpochRow;
use crate::plot::{Chart, Line, svg};

const TRAIN_COLOR: &str = "#1f77b4";
const VALID_COLOR: &str = "#d62728";

/// An SVG picture with a chart of the error (cross entropy) and one of the accuracy (top-1).
pub(super) fn draw(title: &str, rows: &[EpochRow]) -> String {
    let line = |name, color, value: fn(&EpochRow) -> f64| Line {
        name,
        color,
        points: rows.iter().map(|row| (row.epoch as f64, value(row))).collect(),
    };
    let highest = rows.iter().flat_map(|row| [row.train.loss, row.valid.loss]).fold(0.1, f64::max);
    let epochs = rows.len().max(2);
    let (error, accuracy) = (format!("{title}: error (cross entropy)"), format!("{title}: accuracy (top-1)"));
    let (below, x) = (format!("epoch {}", rows.len()), (1.0, epochs as f64));
    let of_error = [line("train", TRAIN_COLOR, |row| row.train.loss), line("valid", VALID_COLOR, |row| row.valid.loss)];
    let of_accuracy = [line("train", TRAIN_COLOR, |row| row.train.top1), line("valid", VALID_COLOR, |row| row.valid.top1)];
    svg(&[
        Chart { title: &error, below: &below, x, y: (0.0, highest), lines: of_error.into() },
        Chart { title: &accuracy, below: &below, x, y: (0.0, 1.0), lines: of_accuracy.into() },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Figures;

    #[test]
    fn both_curves_are_drawn_to_scale() {
        let row = |epoch, loss, top1| {
            let figures = Figures { loss, top1, macro_top1: top1 };
            EpochRow { epoch, learning_rate: 0.0, train: figures, valid: figures, minutes: 0.0 }
        };
        let svg = draw("test", &[row(1, 2.0, 0.25), row(2, 1.0, 1.0)]);
        assert!(svg.contains("points=\"44.0,44.0 464.0,174.0\""), "the error falls from the top to half way: {svg}");
        assert!(svg.contains("points=\"552.0,239.0 972.0,44.0\""), "the accuracy rises to the top: {svg}");
        assert!(draw("empty", &[]).ends_with("</svg>\n"));
    }
}
