//! Line charts as SVG: numbers in, a picture out.

use std::fmt::Write as _;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 260.0;
/// Room for the labels of the axes and the title.
const MARGIN: f64 = 44.0;
/// Lines across a chart, the axis included.
const GRID_LINES: u32 = 5;

/// A chart. Values out of the range of y are drawn at its edge.
pub(crate) struct Chart<'a> {
    pub title: &'a str,
    /// What is written below the axis of x, on its right.
    pub below: &'a str,
    /// Lowest and highest x and y.
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub lines: Vec<Line<'a>>,
}

/// A line of a chart.
pub(crate) struct Line<'a> {
    /// Name in the legend.
    pub name: &'a str,
    pub color: &'a str,
    pub points: Vec<(f64, f64)>,
}

/// A picture with `charts` side by side.
pub(crate) fn svg(charts: &[Chart<'_>]) -> String {
    let (width, height) = (charts.len() as f64 * (WIDTH + 2.0 * MARGIN), HEIGHT + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    );
    for (number, chart) in charts.iter().enumerate() {
        chart.draw(&mut svg, number as f64 * (WIDTH + 2.0 * MARGIN) + MARGIN, MARGIN);
    }
    svg + "</svg>\n"
}

impl Chart<'_> {
    /// Draws the chart with its axes crossing at (x, y + HEIGHT).
    fn draw(&self, svg: &mut String, x: f64, y: f64) {
        text(svg, x, y - 14.0, "start", "black", self.title);
        for line in 0..GRID_LINES {
            let share = f64::from(line) / f64::from(GRID_LINES - 1);
            let at = y + HEIGHT * (1.0 - share);
            let _ = write!(svg, "<path d=\"M{x} {at}h{WIDTH}\" stroke=\"#ddd\"/>");
            text(svg, x - 6.0, at + 4.0, "end", "#555", &format!("{:.2}", self.y.0 + (self.y.1 - self.y.0) * share));
        }
        text(svg, x + WIDTH, y + HEIGHT + 18.0, "end", "#555", self.below);
        let mut legend = x + 6.0;
        for line in &self.lines {
            self.line(svg, (x, y), line);
            text(svg, legend, y + HEIGHT + 18.0, "start", line.color, line.name);
            legend += 15.0 + 7.0 * line.name.len() as f64;
        }
    }

    fn line(&self, svg: &mut String, (left, top): (f64, f64), line: &Line<'_>) {
        let share =
            |value: f64, (low, high): (f64, f64)| if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        let point = |(x, y): &(f64, f64)| {
            format!("{:.1},{:.1}", left + WIDTH * share(*x, self.x), top + HEIGHT * (1.0 - share(*y, self.y)))
        };
        let points: Vec<String> = line.points.iter().map(point).collect();
        let points = points.join(" ");
        let _ = write!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>", line.color);
    }
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, color: &str, text: &str) {
    let _ = write!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"{color}\">{text}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_drawn_to_scale() {
        let chart = |title| {
            let points = vec![(1.0, 2.0), (2.0, 1.0), (3.0, 9.0)];
            Chart { title, below: "x", x: (1.0, 3.0), y: (0.0, 2.0), lines: vec![Line { name: "a", color: "red", points }] }
        };
        let svg = svg(&[chart("one"), chart("two")]);
        assert!(svg.contains("points=\"44.0,44.0 254.0,174.0 464.0,44.0\""), "from the top to half way and back: {svg}");
        assert!(svg.contains("points=\"552.0,44.0 762.0,174.0 972.0,44.0\""), "the second beside it: {svg}");
    }

    #[test]
    fn a_chart_of_nothing_is_one() {
        let chart = Chart { title: "", below: "", x: (1.0, 1.0), y: (0.0, 0.0), lines: vec![] };
        assert!(svg(&[chart]).ends_with("</svg>\n"));
    }
}
