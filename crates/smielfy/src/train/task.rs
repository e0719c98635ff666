//! Tasks of recipes: what is learned, and from which pictures, real or rendered.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{DoubtsParams, UnlabeledParams};

/// What is learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Which smiley a face shows.
    Smileys(SmileysTask),
    /// Whether a face is in a window and how it lies: the first stage of the detector.
    Proposals(FacesTask),
    /// Whether a window shows a face: the second stage.
    Faces(FacesTask),
    /// By which of the 45 patterns a window misses a face.
    Calibration(CalibrationTask),
}

/// Learning smileys from a dataset of labeled faces, from rendered ones, or from both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmileysTask {
    /// Folder of the dataset, relative to the folder that the program runs in; always that of the validation pictures.
    pub data: PathBuf,
    /// How strongly rare smileys are shown more often: 0 shows each as often as it occurs, 1 all equally often.
    #[serde(default = "default_balance")]
    pub balance: f64,
    /// How often samples of an origin are drawn, relative to 1 for origins that are not named; 0 leaves them out.
    #[serde(default)]
    pub origin_weights: BTreeMap<String, f64>,
    /// Coarse labels that are not believed; all are where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubts: Option<DoubtsParams>,
    /// Faces without a label that are learned from beside the photos; none where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlabeled: Option<UnlabeledParams>,
    /// Makes up for smileys that are trained on more often than others: their logits are raised in the loss by this times the
    /// logarithm of their share of the training windows, so that a net answers without it as if all were as frequent (Menon et al.
    /// 2021, arXiv 2007.07314). 1 does so fully, 0 not at all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub logit_adjustment: f32,
    /// Which pictures validate.
    #[serde(default, skip_serializing_if = "is_default")]
    pub validate_by: ValidateBy,
    /// Rendered faces among the training windows; none where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renders: Option<RendersParams>,
}

/// Which pictures a training of smileys holds out to validate by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidateBy {
    /// Those of the `valid` split: nobody in them is trained on.
    #[default]
    Groups,
    /// As many of `train` and `valid` together, at random, so that there are look-alikes on both sides. It flatters, as the article's
    /// split did, and is there to show by how much.
    Pictures,
}

/// How rendered faces are mixed into a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RendersParams {
    /// Share of the training windows that are rendered, `0..=1`. With 1 no training picture of the task's `data` is seen.
    pub share: f64,
    /// Share of the rendered windows whose face shows no smiley in particular, `0..1`.
    #[serde(default = "default_none_share")]
    pub none_share: f64,
    /// How often each smiley is shown in the others, relative to 1 for smileys that are not named; 0 leaves one out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub smiley_weights: BTreeMap<String, f64>,
    /// How much an auxiliary head counts in the loss that regresses what is known of the renders: the weights of their blendshapes
    /// and the places of their landmarks; 0 for no such head. It is no part of the weights that come out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub auxiliary_weight: f32,
    /// Where they come from.
    pub from: RendersSource,
}

/// Where rendered faces come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "RendersKeys")]
pub enum RendersSource {
    /// Rendered while the net learns, no picture twice.
    Kit {
        /// File of the head kit.
        kit: PathBuf,
        /// Folder of a dataset of scenes whose training pictures without faces stand behind the heads; drawn backgrounds
        /// where absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        backgrounds: Option<PathBuf>,
    },
    /// The training pictures of a dataset of labeled faces, as `smielfy synth` writes it.
    Folder {
        /// Folder of the dataset.
        folder: PathBuf,
    },
}

/// The keys of a [`RendersSource`], before it is known whether they go together.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RendersKeys {
    kit: Option<PathBuf>,
    backgrounds: Option<PathBuf>,
    folder: Option<PathBuf>,
}

impl TryFrom<RendersKeys> for RendersSource {
    type Error = &'static str;

    fn try_from(keys: RendersKeys) -> Result<Self, Self::Error> {
        match keys {
            RendersKeys { kit: Some(kit), backgrounds, folder: None } => Ok(Self::Kit { kit, backgrounds }),
            RendersKeys { kit: None, backgrounds: None, folder: Some(folder) } => Ok(Self::Folder { folder }),
            RendersKeys { kit: None, backgrounds: Some(_), .. } => Err("`backgrounds` go with a `kit` alone"),
            _ => Err("renders come either from a `kit` or from a `folder`: give one of them"),
        }
    }
}

/// Learning to tell windows with a face from others, on datasets of scenes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacesTask {
    /// Folder of the dataset, relative to the folder that the program runs in; also that of the validation pictures.
    pub data: PathBuf,
    /// Folders of further datasets whose training pictures are learned from too, such as rendered scenes or labeled faces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenes: Vec<PathBuf>,
    /// Share of the windows that show a face, `0..1`.
    #[serde(default = "default_face_share")]
    pub face_share: f64,
    /// How often faces of a source are drawn, relative to 1 for sources that are not named; 0 leaves them out.
    #[serde(default)]
    pub source_weights: BTreeMap<String, f64>,
    /// Where the windows that are hard to tell come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hard_negatives: Option<HardNegatives>,
}

/// Mining of windows without a face that an earlier net takes for one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardNegatives {
    /// Weight file of a first stage that proposes them.
    pub proposed_by: PathBuf,
    /// Probability from which it does.
    pub threshold: f32,
    /// Proposals taken from a picture at most, the surest of them.
    pub per_picture: usize,
    /// Share of the windows without a face that are such proposals; the others are cut at random.
    pub share: f64,
    /// Only those that an earlier second stage takes for faces as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
}

/// Mistakes of a second stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Weight file of the second stage.
    pub by: PathBuf,
    /// Probability of a face from which it mistakes a window: a low one finds also what it nearly mistakes.
    pub above: f32,
}

/// Learning to move windows onto faces, on datasets of scenes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationTask {
    /// Folder of the dataset, relative to the folder that the program runs in; also that of the validation pictures.
    pub data: PathBuf,
    /// Folders of further datasets whose training pictures are learned from too, such as rendered scenes or labeled faces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenes: Vec<PathBuf>,
    /// How often faces of a source are drawn, relative to 1 for sources that are not named; 0 leaves them out.
    #[serde(default)]
    pub source_weights: BTreeMap<String, f64>,
}

/// More of the rest than of faces, as there is more of it and it is more varied.
fn default_face_share() -> f64 {
    0.4
}

/// The square root of the counts: between what occurs and what is fair (Mahajan et al. 2018).
fn default_balance() -> f64 {
    0.5
}

/// Somewhat more than a smiley's share of the windows, as such faces differ more from each other; not tuned.
fn default_none_share() -> f64 {
    0.1
}

impl Task {
    pub(super) fn check(&self) -> Result<(), String> {
        check_weights(match self {
            Self::Smileys(task) => &task.origin_weights,
            Self::Proposals(task) | Self::Faces(task) => &task.source_weights,
            Self::Calibration(task) => &task.source_weights,
        })?;
        match self {
            Self::Proposals(FacesTask { face_share, .. }) | Self::Faces(FacesTask { face_share, .. })
                if !(*face_share > 0.0 && *face_share < 1.0) =>
            {
                Err("face_share must lie between 0 and 1".into())
            }
            Self::Smileys(SmileysTask { logit_adjustment, .. }) if !(0.0..=2.0).contains(logit_adjustment) => {
                Err("logit_adjustment must lie between 0 and 2".into())
            }
            Self::Smileys(SmileysTask { doubts, unlabeled, renders, .. }) => {
                doubts.as_ref().map_or(Ok(()), DoubtsParams::check)?;
                unlabeled.as_ref().map_or(Ok(()), UnlabeledParams::check)?;
                renders.as_ref().map_or(Ok(()), RendersParams::check)
            }
            _ => Ok(()),
        }
    }

    /// Whether there are training samples to count: all but where each window is rendered on the fly.
    pub(super) fn is_countable(&self) -> bool {
        let endless = |renders: &RendersParams| renders.is_all() && matches!(renders.from, RendersSource::Kit { .. });
        !matches!(self, Self::Smileys(SmileysTask { renders: Some(renders), .. }) if endless(renders))
    }
}

impl SmileysTask {
    /// The weight of the auxiliary head that learns what is known of the renders, if there is one.
    pub(super) fn auxiliary_weight(&self) -> Option<f32> {
        let renders = self.renders.as_ref().filter(|renders| renders.share > 0.0)?;
        (renders.auxiliary_weight > 0.0).then_some(renders.auxiliary_weight)
    }
}

impl RendersParams {
    fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.share) {
            return Err("the share of renders must lie between 0 and 1".into());
        }
        if !(0.0..1.0).contains(&self.none_share) {
            return Err("none_share must be at least 0 and below 1".into());
        }
        if !(0.0..=1000.0).contains(&self.auxiliary_weight) {
            return Err("auxiliary_weight must lie between 0 and 1000".into());
        }
        check_weights(&self.smiley_weights)
    }

    /// Whether all training windows are rendered.
    pub(super) fn is_all(&self) -> bool {
        self.share >= 1.0
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn check_weights(weights: &BTreeMap<String, f64>) -> Result<(), String> {
    match weights.iter().find(|(_, weight)| !weight.is_finite() || **weight < 0.0) {
        Some((name, weight)) => Err(format!("the weight of `{name}` is {weight}: it must be a number from 0")),
        None => Ok(()),
    }
}
