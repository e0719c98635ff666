//! The text of a table of poses: TOML goes in, its tables come out, names and numbers not yet checked.
//!
//! What the keys mean is told at the head of `poses.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A share by which left and right differ in most faces.
const USUAL_JITTER: f32 = 0.12;

/// The whole text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PosesTable {
    #[serde(default)]
    pub precedence: Vec<Vec<String>>,
    #[serde(default)]
    pub pose: Vec<PoseTable>,
    #[serde(default)]
    pub nuisance: NuisanceTable,
    pub none: Option<NoneTable>,
}

/// A smiley.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PoseTable {
    pub id: String,
    pub layers: Vec<LayerTable>,
    #[serde(default)]
    pub nuisance: BTreeMap<String, f32>,
    #[serde(default)]
    pub mixes: Vec<MixTable>,
}

/// Some shapes that move with each other, or alternatives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LayerTable {
    #[serde(default)]
    pub shapes: BTreeMap<String, Range>,
    #[serde(default)]
    pub one_of: Vec<LayerTable>,
    #[serde(default = "always")]
    pub chance: f32,
    #[serde(default = "usual_jitter")]
    pub jitter: f32,
    #[serde(default)]
    pub together: f32,
    #[serde(default)]
    pub side: Side,
}

/// What a weight is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged, expecting = "write a range as `[low, high]` or `{ mean = 0.0, deviation = 0.1 }`")]
pub(super) enum Range {
    /// Evenly, between a low and a high end.
    Even([f32; 2]),
    /// Normally distributed.
    Normal(NormalRange),
}

/// A normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NormalRange {
    pub mean: f32,
    pub deviation: f32,
}

/// Which half of the face a layer moves. What is near is drawn once a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Side {
    #[default]
    Both,
    Near,
    Far,
}

/// A share of the pictures in which parts of the face are those of another pose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MixTable {
    pub pose: String,
    pub parts: Vec<Part>,
    pub chance: f32,
}

/// A part of the face. Each shape belongs to one, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    Eyes,
    Brows,
    Mouth,
}

/// What every face does beside its pose.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NuisanceTable {
    pub layers: Vec<LayerTable>,
}

/// Faces without a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoneTable {
    pub half: HalfTable,
    pub between: BetweenTable,
    pub talking: TalkingTable,
}

/// A pose too weak to be named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HalfTable {
    pub chance: f32,
    pub strength: [f32; 2],
    #[serde(default)]
    pub except: Vec<String>,
}

/// A blend of two poses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BetweenTable {
    pub chance: f32,
    pub share: [f32; 2],
    pub strength: [f32; 2],
    #[serde(default)]
    pub except: Vec<String>,
}

/// Somebody who talks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TalkingTable {
    pub chance: f32,
    pub layers: Vec<LayerTable>,
}

fn always() -> f32 {
    1.0
}

fn usual_jitter() -> f32 {
    USUAL_JITTER
}
