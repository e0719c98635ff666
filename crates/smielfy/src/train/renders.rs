//! Rendered faces among the training windows: rendered on the fly, or read from a folder.
//!
//! The seed of a training sample goes in; a rendered face comes out, or nothing where the sample shows a photo. Which it is,
//! is drawn from a random stream of its own, so that photos are drawn as without renders.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use smielfy_vision::RgbImage;

use super::{
    Provenance, RendersParams, RendersSource, TrainError,
    draw::WeightedChoice,
    files,
    labeled::{Face, Faces, load_faces},
};
use crate::{
    augment::sample_seed,
    dataset::{Scene, SceneDataset, SmileyDataset, SmileySample, Split},
    draw::Draw,
    smileys::{NONE, Smileys},
    synth::{EMBEDDED_POSES, FaceTruth, Kit, Poses, Synth, SynthParams, read_truth},
};

/// Name of rendered pictures among the sources of a card.
const SOURCE: &str = "rendered";
/// Name of renders on the fly among the data of a card.
const DATA: &str = "renders";
/// Random stream that decides which samples are rendered, and from which the seeds of their pictures follow.
const STREAM: u64 = 0x7265_6e64;

/// Rendered faces to learn from.
pub(super) struct Renders {
    share: f32,
    source: Source,
}

enum Source {
    Folder(Faces),
    Synth(Box<Rendering>),
}

/// Rendering on the fly.
struct Rendering {
    synth: Synth,
    /// What is rendered, and how often.
    labels: Vec<String>,
    choice: WeightedChoice,
    smileys: Smileys,
    /// Whether faces come with what is known of them.
    with_truth: bool,
}

impl Renders {
    /// Opens the source of the faces and notes it in `provenance`.
    pub(super) fn load(params: &RendersParams, smileys: &Smileys, provenance: &mut Provenance) -> Result<Self, TrainError> {
        provenance.sources.insert(SOURCE.to_owned());
        let source = match &params.from {
            RendersSource::Folder { folder } => Source::Folder(load_folder(folder, params, smileys, provenance)?),
            RendersSource::Kit { kit, backgrounds } => {
                let behind = backgrounds.as_deref().map_or(Ok(vec![]), |folder| load_backgrounds(folder, provenance))?;
                let synth = Synth::new(Kit::load(kit)?, Poses::default(), behind, SynthParams::default());
                provenance.data.insert(DATA.to_owned(), fingerprint(kit)?);
                let unsuitable = |why| TrainError::Unsuitable { data: kit.clone(), why };
                Source::Synth(Box::new(Rendering::new(synth, params, smileys).map_err(unsuitable)?))
            }
        };
        Ok(Self { share: params.share as f32, source })
    }

    /// The rendered face that the training sample `seed` shows, or `None` if it shows a photo.
    pub(super) fn face(&self, seed: u64) -> Option<Cow<'_, Face>> {
        if !Draw::new(seed, STREAM).chance(self.share) {
            return None;
        }
        Some(match &self.source {
            Source::Folder(faces) => Cow::Borrowed(faces.pick(seed)),
            Source::Synth(rendering) => Cow::Owned(rendering.face(seed)),
        })
    }

    /// The share of the training windows that is rendered, and in it those of `classes`.
    pub(super) fn class_shares(&self, classes: usize) -> (f64, Vec<f64>) {
        let shares = match &self.source {
            Source::Folder(faces) => faces.class_shares(classes),
            Source::Synth(rendering) => rendering.class_shares(classes),
        };
        (f64::from(self.share), shares)
    }

    /// Number of faces that are drawn from again and again: 0 if each is rendered for its window.
    pub(super) fn len(&self) -> usize {
        match &self.source {
            Source::Folder(faces) => faces.len(),
            Source::Synth(_) => 0,
        }
    }
}

impl Rendering {
    fn new(synth: Synth, params: &RendersParams, smileys: &Smileys) -> Result<Self, String> {
        let none = synth.poses().has(NONE).then_some(NONE);
        let labels: Vec<&str> = synth.poses().ids().chain(none).collect();
        let (labels, weights): (Vec<_>, Vec<_>) = shares(&labels, params)?.into_iter().unzip();
        let (choice, with_truth) = (WeightedChoice::new(&weights), params.auxiliary_weight > 0.0);
        Ok(Self { synth, labels, choice, smileys: smileys.clone(), with_truth })
    }

    /// The face that the training sample `seed` shows. A label that is not in the list is none of the classes, as `none` is.
    fn face(&self, seed: u64) -> Face {
        let label = &self.labels[self.choice.pick(seed)];
        let picture = self.synth.picture_of(label, sample_seed(seed, STREAM, 0)).expect("a pose of the renderer");
        let truth = || Box::new(FaceTruth { expression: picture.expression, landmarks: picture.landmarks });
        let truth = self.with_truth.then(truth);
        Face { class: self.smileys.index_of(label), image: picture.image, square: picture.face, truth }
    }

    /// As [`Faces::class_shares`].
    fn class_shares(&self, classes: usize) -> Vec<f64> {
        self.choice.class_shares(self.labels.iter().map(|label| self.smileys.index_of(label)), classes)
    }
}

/// Which share of the renders each of `labels` has: `none` that of `params`, the others what is left, by their weights.
fn shares(labels: &[&str], params: &RendersParams) -> Result<BTreeMap<String, f64>, String> {
    let smileys = || labels.iter().filter(|label| **label != NONE);
    if let Some(unknown) = params.smiley_weights.keys().find(|id| smileys().all(|label| label != id)) {
        return Err(format!("there are no renders of `{unknown}`, which smiley_weights names"));
    }
    if params.none_share > 0.0 && !labels.contains(&NONE) {
        return Err("no training picture is labeled `none`; render some, or set none_share = 0".into());
    }
    let weight = |label: &&str| params.smiley_weights.get(*label).copied().unwrap_or(1.0);
    let sum: f64 = smileys().map(weight).sum();
    if sum <= 0.0 {
        return Err("no training picture shows a smiley that weighs more than 0".into());
    }
    let share = |label: &&str| (label.to_string(), (1.0 - params.none_share) * weight(label) / sum);
    let none = (NONE.to_owned(), params.none_share);
    Ok(smileys().map(share).chain([none]).collect())
}

/// What stands for renders on the fly in a card: the SHA-256 of the head kit and the poses, as 64 hexadecimal digits. The
/// renderer itself is that of the card's commit.
fn fingerprint(kit: &Path) -> Result<String, TrainError> {
    Ok(Sha256::new()
        .chain_update(files::read(kit)?)
        .chain_update(EMBEDDED_POSES)
        .finalize()
        .iter()
        .fold(String::new(), |digits, byte| digits + &format!("{byte:02x}")))
}

/// The training pictures without faces of a dataset of scenes: they are seen behind the rendered heads, and noted as such.
fn load_backgrounds(folder: &Path, provenance: &mut Provenance) -> Result<Vec<RgbImage>, TrainError> {
    let dataset = SceneDataset::load(folder)?;
    let scenes: Vec<&Scene> = dataset.of_split(Split::Train).filter(|scene| scene.faces.is_empty()).collect();
    if scenes.is_empty() {
        return Err(TrainError::Unsuitable { data: folder.to_owned(), why: "no training pictures without faces".into() });
    }
    provenance.add_folder(folder, dataset.hash());
    provenance.sources.extend(scenes.iter().map(|scene| scene.source.clone()));
    Ok(scenes.par_iter().map(|scene| scene.load(dataset.root())).collect::<Result<_, _>>()?)
}

/// The training pictures of a folder of renders.
fn load_folder(
    folder: &Path,
    params: &RendersParams,
    smileys: &Smileys,
    provenance: &mut Provenance,
) -> Result<Faces, TrainError> {
    let dataset = SmileyDataset::load(folder)?;
    let samples: Vec<&SmileySample> = dataset.of_split(Split::Train).collect();
    let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
    samples.iter().for_each(|sample| *counts.entry(&sample.smiley).or_default() += 1.0);
    let labels: Vec<&str> = counts.keys().copied().collect();
    let shares = shares(&labels, params).map_err(|why| TrainError::Unsuitable { data: folder.to_owned(), why })?;
    provenance.add_folder(folder, dataset.hash());
    let weight = |sample: &&SmileySample| shares[sample.smiley.as_str()] / counts[sample.smiley.as_str()];
    let weights: Vec<f64> = samples.iter().map(weight).collect();
    let mut faces = load_faces(&dataset, &samples, smileys)?;
    if params.auxiliary_weight > 0.0 {
        add_truth(&mut faces, &samples, folder)?;
    }
    Ok(Faces::new(faces, &weights))
}

/// Gives the faces of `samples` what the folder of renders says of them.
fn add_truth(faces: &mut [Face], samples: &[&SmileySample], folder: &Path) -> Result<(), TrainError> {
    let unsuitable = |why: String| TrainError::Unsuitable { data: folder.to_owned(), why };
    let mut truth =
        read_truth(folder).map_err(|error| unsuitable(format!("the auxiliary head learns what is known: {error}")))?;
    for (face, sample) in faces.iter_mut().zip(samples) {
        let known = truth.remove(&sample.file).ok_or_else(|| unsuitable(format!("nothing is known of `{}`", sample.file)))?;
        face.truth = Some(Box::new(known));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::testing::{folder, message, png};

    #[test]
    fn backgrounds_are_training_pictures_without_faces_and_noted() {
        let rows = "a,train,bg,4,4,,,\nb,train,web,4,4,1,1,2\nc,valid,other,4,4,,,\n";
        let picture = png(&RgbImage::new(4, 4));
        let scenes = folder(&format!("file,split,source,width,height,x,y,side\n{rows}"), &[("a", picture)]);
        let mut provenance = Provenance::default();
        assert_eq!(load_backgrounds(scenes.path(), &mut provenance).unwrap().len(), 1);
        assert_eq!((provenance.data.len(), provenance.sources), (1, ["bg".to_owned()].into()));
        let faces = folder("file,split,source,width,height,x,y,side\nb,train,web,4,4,1,1,2\n", &[]);
        let error = message(load_backgrounds(faces.path(), &mut Provenance::default()));
        assert!(error.contains("no training pictures without faces"), "{error}");
    }
}
