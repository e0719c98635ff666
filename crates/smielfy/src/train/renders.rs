//! Rendered faces among the training windows: rendered on the fly, or read from a folder.
//!
//! The seed of a training sample goes in; a rendered face comes out, or nothing where the sample shows a photo. Which it is,
//! is drawn from a random stream of its own, so that photos are drawn as without renders.

use std::{borrow::Cow, fs, path::Path};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use smielfy_vision::RgbImage;

use super::{
    Provenance, RendersParams, RendersSource, TrainError,
    labeled::{Face, Faces, balanced, load_faces},
};
use crate::{
    augment::sample_seed,
    dataset::{Scene, SceneDataset, SmileyDataset, SmileySample, Split},
    draw::Draw,
    smileys::Smileys,
    synth::{EMBEDDED_POSES, Kit, Picture, Poses, Synth, SynthParams},
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
    Synth { synth: Box<Synth>, smileys: Smileys },
}

impl Renders {
    /// Opens the source of the faces and notes it in `provenance`.
    pub(super) fn load(params: &RendersParams, smileys: &Smileys, provenance: &mut Provenance) -> Result<Self, TrainError> {
        provenance.sources.insert(SOURCE.to_owned());
        let source = match &params.from {
            RendersSource::Folder { folder } => Source::Folder(load_folder(folder, params.none_share, smileys, provenance)?),
            RendersSource::Kit { kit, backgrounds } => {
                let behind = backgrounds.as_deref().map_or(Ok(vec![]), |folder| load_backgrounds(folder, provenance))?;
                let synth = Box::new(open_synth(kit, behind, params.none_share)?);
                provenance.data.insert(DATA.to_owned(), fingerprint(kit)?);
                Source::Synth { synth, smileys: smileys.clone() }
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
            Source::Synth { synth, smileys } => Cow::Owned(labeled(synth.picture(sample_seed(seed, STREAM, 0)), smileys)),
        })
    }

    /// Number of faces that are drawn from again and again: 0 if each is rendered for its window.
    pub(super) fn len(&self) -> usize {
        match &self.source {
            Source::Folder(faces) => faces.len(),
            Source::Synth { .. } => 0,
        }
    }
}

/// A renderer of all smileys equally often, and of faces that show none in particular by `none_share`, before `backgrounds` or,
/// where there are none, drawn ones.
fn open_synth(kit: &Path, backgrounds: Vec<RgbImage>, none_share: f64) -> Result<Synth, TrainError> {
    let params = SynthParams { none_share: none_share as f32, ..SynthParams::default() };
    Ok(Synth::new(Kit::load(kit)?, Poses::default(), backgrounds, params))
}

/// What stands for renders on the fly in a card: the SHA-256 of the head kit and the poses, as 64 hexadecimal digits. The
/// renderer itself is that of the card's commit.
fn fingerprint(kit: &Path) -> Result<String, TrainError> {
    let bytes = fs::read(kit).map_err(|source| TrainError::File { path: kit.to_owned(), source })?;
    Ok(Sha256::new()
        .chain_update(bytes)
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

/// A rendered face with the index of its smiley. One that is not in the list is none of the classes, as `none` is.
fn labeled(picture: Picture, smileys: &Smileys) -> Face {
    Face { class: smileys.index_of(&picture.smiley), image: picture.image, square: picture.face }
}

/// The training pictures of a folder of renders.
fn load_folder(folder: &Path, none_share: f64, smileys: &Smileys, provenance: &mut Provenance) -> Result<Faces, TrainError> {
    let dataset = SmileyDataset::load(folder)?;
    let samples: Vec<&SmileySample> = dataset.of_split(Split::Train).collect();
    let faces = load_faces(&dataset, &samples, smileys)?;
    let unsuitable = |why: &str| TrainError::Unsuitable { data: folder.to_owned(), why: why.to_owned() };
    if faces.iter().all(|face| face.class.is_none()) {
        return Err(unsuitable("no training picture shows a smiley"));
    }
    if none_share > 0.0 && faces.iter().all(|face| face.class.is_some()) {
        return Err(unsuitable("no training picture is labeled `none`; render some, or set none_share = 0"));
    }
    provenance.add_folder(folder, dataset.hash());
    let weights = fair_weights(&faces, none_share);
    Ok(Faces::new(faces, &weights))
}

/// Weights that draw each smiley that occurs equally often, and faces without one by their share.
fn fair_weights(faces: &[Face], none_share: f64) -> Vec<f64> {
    let fair = balanced(&vec![1.0; faces.len()], faces, 1.0);
    let of_smileys: f64 = fair.iter().zip(faces).filter(|(_, face)| face.class.is_some()).map(|(weight, _)| weight).sum();
    let weight = |(weight, face): (&f64, &Face)| match face.class {
        Some(_) => weight * (1.0 - none_share) / of_smileys,
        None => weight * none_share,
    };
    fair.iter().zip(faces).map(weight).collect()
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
