//! How well smileys are named, faces being given by their squares.

use std::collections::BTreeMap;

use serde::Serialize;
use smielfy_nets::Forward;

use super::{
    EvaluateError, JitterFigures, LiteralFigures,
    confidence::{calibration_error, surest_first},
};
use crate::{
    dataset::{SmileyDataset, SmileySample},
    recognize::{Vote, vote},
    smileys::NONE,
};

/// A vote with the label of its face.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// What the windows say.
    pub vote: Vote,
    /// Index of the right class; `None` for a face that shows no smiley in particular.
    pub label: Option<usize>,
}

/// Figures over some labeled faces. Faces labeled `none` count in [`SmileyFigures::none`] alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SmileyFigures {
    /// How many faces with a smiley there are.
    pub n: usize,
    /// Share whose winner is right.
    pub top1: f64,
    /// Share whose label is among the three highest.
    pub top3: f64,
    /// Mean of the recall of each class that occurs.
    pub macro_top1: f64,
    /// Expected calibration error: mean distance of share and accuracy over 15 bins, weighted by their counts.
    pub ece: f64,
    /// Share whose winner is right of the 80 % with the highest shares: what is named if a fifth "cannot tell".
    pub top1_of_surest_80: f64,
    /// Lowest share among those: the floor below which a fifth "cannot tell".
    pub floor_of_surest_80: f64,
    /// Figures of each class by id.
    pub per_class: BTreeMap<String, ClassFigures>,
    /// Figures of faces that show no smiley in particular, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<NoneFigures>,
    /// Answers to moved squares, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<JitterFigures>,
    /// How near the vote comes to the literal one, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub literal: Option<LiteralFigures>,
}

/// Figures of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassFigures {
    /// Faces with this label.
    pub n: usize,
    /// Share of them that are named so; `None` if there are none.
    pub recall: Option<f64>,
    /// Share of the faces named so that are so; `None` if none is named so.
    pub precision: Option<f64>,
}

/// Figures of faces that show no smiley in particular.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoneFigures {
    /// How many there are.
    pub n: usize,
    /// Share of them whose vote is "cannot tell", as it shall be, at the floor of the net's card.
    pub cannot_tell: f64,
}

/// Figures of `net` on `samples` with the vote, and the predictions behind them; `on_sample` is called behind each.
///
/// # Errors
/// [`EvaluateError`] if a picture cannot be read, a label is unknown to the net, or there is no sample with a smiley.
pub fn evaluate_smileys(
    net: &dyn Forward,
    dataset: &SmileyDataset,
    samples: &[&SmileySample],
    mut on_sample: impl FnMut(),
) -> Result<(SmileyFigures, Vec<Prediction>), EvaluateError> {
    let labels = &net.card().labels;
    let mut predictions = Vec::with_capacity(samples.len());
    for sample in samples {
        let label = labels.iter().position(|label| *label == sample.smiley);
        if label.is_none() && sample.smiley != NONE {
            let (file, label) = (sample.file.clone(), sample.smiley.clone());
            return Err(EvaluateError::UnknownLabel { file, label, weights: net.card().name.clone() });
        }
        let image = sample.load(dataset.root())?;
        predictions.push(Prediction { vote: vote(net, &image, sample.face)?, label });
        on_sample();
    }
    Ok((SmileyFigures::of(&predictions, labels, net.card().floor).ok_or(EvaluateError::Nothing)?, predictions))
}

impl SmileyFigures {
    /// Figures of predictions about these classes, which "cannot tell" below the share `floor`; `None` if there are no predictions of
    /// faces with a smiley.
    pub fn of(predictions: &[Prediction], labels: &[String], floor: f32) -> Option<Self> {
        let (predictions, none): (Vec<&Prediction>, Vec<_>) =
            predictions.iter().partition(|prediction| prediction.label.is_some());
        if predictions.is_empty() {
            return None;
        }
        let share = |holds: &dyn Fn(&Prediction) -> bool| {
            predictions.iter().filter(|prediction| holds(prediction)).count() as f64 / predictions.len() as f64
        };
        let per_class: BTreeMap<String, ClassFigures> =
            labels.iter().enumerate().map(|(class, id)| (id.clone(), ClassFigures::of(class, &predictions))).collect();
        let recalls: Vec<f64> = per_class.values().filter_map(|class| class.recall).collect();
        let surest = surest_first(&predictions)[(predictions.len() * 4).div_ceil(5) - 1];
        Some(Self {
            n: predictions.len(),
            top1: share(&Prediction::is_right),
            top3: share(&|prediction| prediction.rank() < 3),
            macro_top1: recalls.iter().sum::<f64>() / recalls.len() as f64,
            ece: calibration_error(&predictions),
            top1_of_surest_80: surest.accuracy,
            floor_of_surest_80: surest.floor,
            per_class,
            none: NoneFigures::of(&none, floor),
            jitter: None,
            literal: None,
        })
    }
}

impl ClassFigures {
    fn of(class: usize, predictions: &[&Prediction]) -> Self {
        let count = |holds: &dyn Fn(&Prediction) -> bool| predictions.iter().filter(|prediction| holds(prediction)).count();
        let labeled = count(&|prediction| prediction.label == Some(class));
        let named = count(&|prediction| prediction.vote.winner() == class);
        let right = count(&|prediction| prediction.label == Some(class) && prediction.is_right());
        let of = |total: usize| (total > 0).then(|| right as f64 / total as f64);
        Self { n: labeled, recall: of(labeled), precision: of(named) }
    }
}

impl NoneFigures {
    fn of(predictions: &[&Prediction], floor: f32) -> Option<Self> {
        let cannot_tell = predictions.iter().filter(|prediction| prediction.vote.share() < floor).count();
        let n = predictions.len();
        (n > 0).then(|| Self { n, cannot_tell: cannot_tell as f64 / n as f64 })
    }
}

impl Prediction {
    pub(super) fn is_right(&self) -> bool {
        self.label == Some(self.vote.winner())
    }

    /// How many classes have a higher share than the right one, of which there is one.
    fn rank(&self) -> usize {
        let distribution = &self.vote.distribution;
        let right = self.label.map_or(0.0, |label| distribution[label]);
        distribution.iter().filter(|share| **share > right).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction(distribution: &[f32], label: impl Into<Option<usize>>) -> Prediction {
        Prediction { vote: Vote { distribution: distribution.to_vec() }, label: label.into() }
    }

    #[test]
    fn figures_of_known_predictions() {
        let predictions = [
            prediction(&[0.7, 0.1, 0.1, 0.1], 0),
            prediction(&[0.7, 0.2, 0.06, 0.04], 3),
            prediction(&[0.1, 0.7, 0.1, 0.1], 1),
            prediction(&[0.7, 0.1, 0.1, 0.1], 1),
        ];
        let labels = ["a", "b", "c", "d"].map(String::from);
        let figures = SmileyFigures::of(&predictions, &labels, 0.5).unwrap();
        assert_eq!((figures.n, figures.top1, figures.top3), (4, 0.5, 0.75));
        assert!((figures.macro_top1 - (1.0 + 0.5 + 0.0) / 3.0).abs() < 1e-9);
        assert!((figures.floor_of_surest_80 - 0.7).abs() < 1e-6);
        assert_eq!(figures.top1_of_surest_80, 0.5, "all four, as 3.2 are rounded up");
        assert!((figures.ece - 0.2).abs() < 1e-6, "shares of .7 that are right half of the time: {}", figures.ece);
        let expected = ClassFigures { n: 1, recall: Some(1.0), precision: Some(1.0 / 3.0) };
        assert_eq!(figures.per_class["a"], expected);
        assert_eq!(figures.per_class["c"], ClassFigures { n: 0, recall: None, precision: None });
        assert_eq!(figures.none, None);
        assert_eq!(SmileyFigures::of(&[], &labels, 0.5), None);
    }

    #[test]
    fn faces_without_a_smiley_are_counted_apart() {
        let labels = ["a", "b", "c", "d"].map(String::from);
        let named = prediction(&[0.7, 0.1, 0.1, 0.1], 0);
        let others = [prediction(&[0.25; 4], None), prediction(&[0.7, 0.1, 0.1, 0.1], None)];
        let mixed = [std::slice::from_ref(&named), &others].concat();
        let figures = SmileyFigures::of(&mixed, &labels, 0.5).unwrap();
        assert_eq!(figures.none, Some(NoneFigures { n: 2, cannot_tell: 0.5 }));
        let alone = SmileyFigures::of(&[named], &labels, 0.5).unwrap();
        assert_eq!(SmileyFigures { none: None, ..figures }, alone);
        assert!(!serde_json::to_string(&alone).unwrap().contains("none"));
        assert_eq!(SmileyFigures::of(&others, &labels, 0.5), None);
    }
}
