//! Several labellers of the same stretches compared: how often they agree, and where they do not.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Session;

/// Two labellers compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// The one.
    pub first: String,
    /// The other.
    pub second: String,
    /// Stretches that both labeled.
    pub stretches: usize,
    /// Share of these on which they agree, in `0..=1`.
    pub agreement: f64,
    /// Cohen's kappa (1960): agreement beyond that of two who answer at random as often as these do; 1 is perfect, 0 is chance.
    pub kappa: f64,
    /// Where they do not agree, in the order of the stretches.
    pub disagreements: Vec<Disagreement>,
}

/// A stretch that two labellers take for different things.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Disagreement {
    /// Id of the stretch.
    pub stretch: String,
    /// Name of its clip.
    pub clip: String,
    /// When it begins, in seconds.
    pub time_s: f64,
    /// What the first labeller says.
    pub first: String,
    /// What the second labeller says.
    pub second: String,
}

/// Each two labellers of a session who labeled a stretch in common.
pub fn agreement(session: &Session) -> Vec<Agreement> {
    let labels: Vec<BTreeMap<&str, &str>> =
        session.stretches().iter().map(|stretch| session.labels(&stretch.id).collect()).collect();
    let labellers: BTreeSet<&str> = labels.iter().flat_map(|labels| labels.keys().copied()).collect();
    let labellers: Vec<&str> = labellers.into_iter().collect();
    let mut found = Vec::new();
    for (index, first) in labellers.iter().enumerate() {
        for second in &labellers[index + 1..] {
            found.extend(compare(session, &labels, first, second));
        }
    }
    found
}

fn compare(session: &Session, labels: &[BTreeMap<&str, &str>], first: &str, second: &str) -> Option<Agreement> {
    let mut pairs = Vec::new();
    let mut disagreements = Vec::new();
    for (stretch, labels) in session.stretches().iter().zip(labels) {
        let (Some(&one), Some(&other)) = (labels.get(first), labels.get(second)) else { continue };
        pairs.push((one, other));
        if one != other {
            let clip = session.clips().iter().find(|clip| clip.id == stretch.clip);
            disagreements.push(Disagreement {
                stretch: stretch.id.clone(),
                clip: clip.map(|clip| clip.name.clone()).unwrap_or_default(),
                time_s: stretch.first.time_s,
                first: one.to_owned(),
                second: other.to_owned(),
            });
        }
    }
    let (agreement, kappa) = kappa(&pairs)?;
    Some(Agreement {
        first: first.to_owned(),
        second: second.to_owned(),
        stretches: pairs.len(),
        agreement,
        kappa,
        disagreements,
    })
}

/// Share of pairs that agree, and Cohen's kappa; `None` without pairs. Where all answers are one and the same, kappa is 1.
fn kappa(pairs: &[(&str, &str)]) -> Option<(f64, f64)> {
    let count = pairs.len() as f64;
    let mut answers: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (one, other) in pairs {
        answers.entry(one).or_default().0 += 1.0;
        answers.entry(other).or_default().1 += 1.0;
    }
    let observed = pairs.iter().filter(|(one, other)| one == other).count() as f64 / count;
    let expected: f64 = answers.values().map(|(first, second)| first / count * (second / count)).sum();
    let kappa = if expected < 1.0 { (observed - expected) / (1.0 - expected) } else { 1.0 };
    (!pairs.is_empty()).then_some((observed, kappa))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_of_known_tables() {
        let pairs = |counts: [(usize, &'static str, &'static str); 4]| -> Vec<(&str, &str)> {
            counts.into_iter().flat_map(|(count, one, other)| vec![(one, other); count]).collect()
        };
        // The example of Cohen's kappa in most textbooks: 50 proposals, of which 20 and 15 are agreed on.
        let (agreement, value) = kappa(&pairs([(20, "a", "a"), (5, "a", "b"), (10, "b", "a"), (15, "b", "b")])).unwrap();
        assert!((agreement - 0.7).abs() < 1e-9 && (value - 0.4).abs() < 1e-9, "{agreement} {value}");
        assert_eq!(kappa(&[("a", "a"), ("b", "b")]), Some((1.0, 1.0)));
        assert_eq!(kappa(&[("a", "a")]), Some((1.0, 1.0)));
        assert_eq!(kappa(&[("a", "b"), ("b", "a")]), Some((0.0, -1.0)));
        assert_eq!(kappa(&[]), None);
    }
}
