//! A page for people about one evaluation: predictions in, one HTML file with its charts and pictures inside out.

mod html;
mod mistakes;
mod tables;

use std::collections::BTreeSet;

use smielfy_nets::Card;

use super::{
    EvaluateError, Prediction, SmileyFigures,
    confidence::{reliability, surest_first},
};
use crate::{
    dataset::{SmileyDataset, SmileySample},
    plot::{Chart, Line, svg},
};
use html::{escaped, page};

/// Mistakes that are shown, the surest ones.
const MISTAKES: usize = 60;

/// The page about `predictions`, in the order of `samples`, of the net with this card, and their `figures`.
///
/// # Errors
/// [`EvaluateError`] if a picture cannot be read.
pub fn report(
    card: &Card,
    dataset: &SmileyDataset,
    samples: &[&SmileySample],
    predictions: &[Prediction],
    figures: &SmileyFigures,
) -> Result<String, EvaluateError> {
    let judged: Vec<(&SmileySample, &Prediction)> =
        samples.iter().copied().zip(predictions).filter(|(_, prediction)| prediction.label.is_some()).collect();
    let named: Vec<&Prediction> = judged.iter().map(|(_, prediction)| *prediction).collect();
    let sections = [
        ("Right and wrong", tables::confusion(card, &named)),
        ("Each smiley", tables::classes(card, figures)),
        ("Shares", charts(&named)),
        ("By source", tables::groups(&judged, |sample| sample.source.clone())),
        ("By size of the group of look-alikes", tables::groups(&judged, tables::group_size(dataset))),
        ("The surest mistakes", mistakes::pictures(card, dataset, &judged, MISTAKES)?),
    ];
    let splits: BTreeSet<&str> = judged.iter().map(|(sample, _)| sample.split.name()).collect();
    let hash = &dataset.hash()[..12.min(dataset.hash().len())];
    let data = format!("{} of the dataset {hash}", Vec::from_iter(splits).join(" and "));
    let title = format!("{} on {} faces", card.name, figures.n);
    Ok(page(&title, &(headline(card, &data, figures) + &sections.map(|(title, body)| section(title, &body)).concat())))
}

fn section(title: &str, body: &str) -> String {
    format!("<section><h2>{title}</h2>{body}</section>")
}

/// `data` says which faces of which dataset they are.
fn headline(card: &Card, data: &str, figures: &SmileyFigures) -> String {
    let SmileyFigures { n, top1, top3, macro_top1, ece, top1_of_surest_80, none, .. } = figures;
    let tiles = [
        ("top-1", top1),
        ("macro top-1", macro_top1),
        ("top-3", top3),
        ("top-1 of the surest 80 %", top1_of_surest_80),
        ("calibration error", ece),
    ];
    let tile = |(name, value): (&str, &f64)| format!("<div class=\"tile\"><b>{value:.3}</b>{name}</div>");
    let none = none.as_ref().map_or(String::new(), |none| {
        let percent = 100.0 * none.cannot_tell;
        let floor = card.floor;
        format!("<p>{} more faces show no smiley: {percent:.1} % of the votes cannot tell (share below {floor:.2}).</p>", none.n)
    });
    format!(
        "<h1>{}</h1><p>{n} faces, {}, with the vote of 45 windows; temperature {:.3}. Seen in training: {}.</p>\
         <div class=\"tiles\">{}</div>{none}",
        escaped(&card.name),
        escaped(data),
        card.temperature,
        escaped(&card.sources.join(", ")),
        tiles.map(tile).concat(),
    )
}

/// The reliability diagram, and the accuracy of the surest answers by their number.
fn charts(predictions: &[&Prediction]) -> String {
    const COLOR: &str = "#1f77b4";
    let (bins, surest) = (reliability(predictions), surest_first(predictions));
    let ideal = Line { name: "ideal", color: "#999", points: vec![(0.0, 0.0), (1.0, 1.0)] };
    let found = Line { name: "found", color: COLOR, points: bins.iter().map(|bin| (bin.share, bin.accuracy)).collect() };
    let coverage =
        Line { name: "found", color: COLOR, points: surest.iter().map(|point| (point.coverage, point.accuracy)).collect() };
    let (reliability, accuracy) =
        ("how many are right (up) with that share (right)", "how many are right (up) of the surest (right)");
    let unit = (0.0, 1.0);
    let charts = svg(&[
        Chart { title: reliability, below: "share of the vote, 0 to 1", x: unit, y: unit, lines: vec![ideal, found] },
        Chart { title: accuracy, below: "part of the faces that is named, 0 to 1", x: unit, y: unit, lines: vec![coverage] },
    ]);
    let counts: Vec<String> = bins.iter().map(|bin| format!("{:.2}: {}", bin.share, bin.count)).collect();
    format!("{charts}<p class=\"small\">Faces by share: {}.</p>", counts.join(", "))
}

#[cfg(test)]
mod tests {
    use smielfy_vision::RgbImage;

    use super::*;
    use crate::{
        dataset::testing::{SMILEY_HEADER, folder, png},
        recognize::Vote,
        testing::card,
    };

    #[test]
    fn the_page_has_all_parts_and_no_link_outside() {
        let picture = png(&RgbImage::from_pixel(16, 16, [90; 3].into()));
        let rows = "a.png,x,g,test,web<b>,eye,16,16,2,2,12\nb.png,y,g,test,web<b>,eye,16,16,2,2,12\nc.png,none,h,test,film,eye,16,16,2,2,12\n";
        let files = ["a.png", "b.png", "c.png"].map(|name| (name, picture.clone()));
        let data = folder(&format!("{SMILEY_HEADER}\n{rows}"), &files);
        let dataset = SmileyDataset::load(data.path()).unwrap();
        let samples: Vec<&SmileySample> = dataset.samples().iter().collect();
        let mut card = card(smielfy_nets::NetSpec { input: 8, blocks: vec![] }, 2);
        card.labels = vec!["x".into(), "y".into()];
        let vote = || Vote { distribution: vec![0.9, 0.1] };
        let predictions = [Some(0), Some(1), None].map(|label| Prediction { vote: vote(), label });
        let figures = SmileyFigures::of(&predictions, &card.labels, card.floor).unwrap();
        let page = report(&card, &dataset, &samples, &predictions, &figures).unwrap();
        for part in [
            "<svg",
            "data:image/jpeg;base64,",
            "0.500",
            "web&lt;b&gt;",
            "1 more faces show no smiley",
            "y, taken for x",
            "2 faces, test of the dataset",
        ] {
            assert!(page.contains(part), "{part} is missing: {page}");
        }
        assert_eq!(page.matches("<figure>").count(), 1, "one mistake");
        assert!(!page.contains("src=\"http") && !page.contains("href"));
    }
}
