//! Curves of a training as SVG: error and accuracy over the epochs, on training and on validation windows.

use std::fmt::Write as _;

use super::EpochRow;

const CHART_WIDTH: f64 = 420.0;
const CHART_HEIGHT: f64 = 260.0;
/// Room for the labels of the axes and the title.
const MARGIN: f64 = 44.0;
const TRAIN_COLOR: &str = "#1f77b4";
const VALID_COLOR: &str = "#d62728";
/// Lines across a chart, the axis included.
const GRID_LINES: u32 = 5;

/// An SVG picture with a chart of the error (cross entropy) and one of the accuracy (top-1).
pub(super) fn draw(title: &str, rows: &[EpochRow]) -> String {
    let (width, height) = (2.0 * (CHART_WIDTH + 2.0 * MARGIN), CHART_HEIGHT + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    );
    let series = |value: fn(&EpochRow) -> f64| rows.iter().map(value).collect::<Vec<f64>>();
    let highest = rows.iter().flat_map(|row| [row.train.loss, row.valid.loss]).fold(0.1, f64::max);
    let error = format!("{title}: error (cross entropy)");
    chart(&mut svg, 0.0, &error, highest, [series(|row| row.train.loss), series(|row| row.valid.loss)]);
    let accuracy = format!("{title}: accuracy (top-1)");
    let lines = [series(|row| row.train.top1), series(|row| row.valid.top1)];
    chart(&mut svg, CHART_WIDTH + 2.0 * MARGIN, &accuracy, 1.0, lines);
    svg + "</svg>\n"
}

fn chart(svg: &mut String, left: f64, title: &str, highest: f64, [train, valid]: [Vec<f64>; 2]) {
    let (x, y) = (left + MARGIN, MARGIN);
    text(svg, x, y - 14.0, "start", "black", title);
    for line in 0..GRID_LINES {
        let share = f64::from(line) / f64::from(GRID_LINES - 1);
        let at = y + CHART_HEIGHT * (1.0 - share);
        let _ = write!(svg, "<path d=\"M{x} {at}h{CHART_WIDTH}\" stroke=\"#ddd\"/>");
        text(svg, x - 6.0, at + 4.0, "end", "#555", &format!("{:.2}", highest * share));
    }
    text(svg, x + CHART_WIDTH, y + CHART_HEIGHT + 18.0, "end", "#555", &format!("epoch {}", train.len()));
    for (values, color, name, row) in [(train, TRAIN_COLOR, "train", 0.0), (valid, VALID_COLOR, "valid", 1.0)] {
        line(svg, (x, y), highest, &values, color);
        text(svg, x + 6.0 + 50.0 * row, y + CHART_HEIGHT + 18.0, "start", color, name);
    }
}

fn line(svg: &mut String, (x, y): (f64, f64), highest: f64, values: &[f64], color: &str) {
    let step = CHART_WIDTH / (values.len().max(2) - 1) as f64;
    let point = |(index, value): (usize, &f64)| {
        format!("{:.1},{:.1}", x + step * index as f64, y + CHART_HEIGHT * (1.0 - (value / highest).clamp(0.0, 1.0)))
    };
    let points: Vec<String> = values.iter().enumerate().map(point).collect();
    let points = points.join(" ");
    let _ = write!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>");
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, color: &str, text: &str) {
    let _ = write!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"{color}\">{text}</text>");
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
