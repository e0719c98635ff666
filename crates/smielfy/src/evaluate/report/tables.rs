//! Tables of a report.

use std::collections::BTreeMap;

use smielfy_nets::Card;

use super::{Prediction, SmileyFigures, html::escaped};
use crate::dataset::{SmileyDataset, SmileySample};

/// Rows are labels, columns what was named; the diagonal is right. Cells are colored by their share of the row.
pub(super) fn confusion(card: &Card, predictions: &[&Prediction]) -> String {
    let classes = card.labels.len();
    let mut counts = vec![vec![0usize; classes]; classes];
    for (label, named) in predictions.iter().filter_map(|prediction| Some((prediction.label?, prediction.vote.winner()))) {
        counts[label][named] += 1;
    }
    let head: String = card.labels.iter().map(|label| ["<th>", &escaped(label), "</th>"].concat()).collect();
    let row = |(label, counts): (&String, &Vec<usize>)| {
        let total = counts.iter().sum::<usize>().max(1) as f64;
        let cell = |count: &usize| match count {
            0 => "<td></td>".to_owned(),
            _ => format!("<td style=\"background:rgba(31,119,180,{:.2})\">{count}</td>", 0.12 + 0.8 * *count as f64 / total),
        };
        format!("<tr><th>{}</th>{}</tr>", escaped(label), counts.iter().map(cell).collect::<String>())
    };
    let rows: String = card.labels.iter().zip(&counts).map(row).collect();
    format!(
        "<p class=\"small\">Rows: what faces show. Columns: what they were taken for.</p>\
         <table class=\"matrix\"><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )
}

/// Count, recall as a bar, and precision of each class.
pub(super) fn classes(card: &Card, figures: &SmileyFigures) -> String {
    let percent = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{:.0} %", 100.0 * value));
    let row = |label: &String| {
        let class = figures.per_class.get(label)?;
        let (recall, precision) = (percent(class.recall), percent(class.precision));
        let bar = bar(class.recall.unwrap_or(0.0));
        Some(format!("<tr><th>{}</th><td>{}</td>{bar}<td>{recall}</td><td>{precision}</td></tr>", escaped(label), class.n))
    };
    let rows: String = card.labels.iter().filter_map(row).collect();
    format!("<table><tr><th></th><th>faces</th><th></th><th>recall</th><th>precision</th></tr>{rows}</table>")
}

/// Count and share of right answers of each group of faces.
pub(super) fn groups<K: ToString + Ord>(judged: &[(&SmileySample, &Prediction)], key: impl Fn(&SmileySample) -> K) -> String {
    let mut groups: BTreeMap<K, (usize, usize)> = BTreeMap::new();
    for (sample, prediction) in judged {
        let (count, right) = groups.entry(key(sample)).or_default();
        *count += 1;
        *right += usize::from(prediction.is_right());
    }
    let row = |(key, (count, right)): (&K, &(usize, usize))| {
        let share = *right as f64 / *count as f64;
        let key = escaped(&key.to_string());
        format!("<tr><th>{key}</th><td>{count}</td>{}<td>{:.0} %</td></tr>", bar(share), 100.0 * share)
    };
    format!(
        "<table><tr><th></th><th>faces</th><th></th><th>top-1</th></tr>{}</table>",
        groups.iter().map(row).collect::<String>()
    )
}

/// How many pictures the group of a sample has in its dataset.
pub(super) fn group_size(dataset: &SmileyDataset) -> impl Fn(&SmileySample) -> usize {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    dataset.samples().iter().for_each(|sample| *sizes.entry(sample.group.clone()).or_default() += 1);
    move |sample| sizes[&sample.group]
}

fn bar(share: f64) -> String {
    format!("<td class=\"bar\"><span style=\"width:{:.1}%\"></span></td>", 100.0 * share)
}
