//! Scenes in memory: the pictures and face squares that the detector's nets learn from.

use std::{collections::BTreeMap, path::Path};

use rayon::prelude::*;
use smielfy_vision::{BoundingBox, RgbImage};

use super::{TrainError, draw::WeightedChoice};
use crate::dataset::{Scene, SceneDataset, Split};

/// A picture and all faces in it.
pub(super) struct Picture {
    pub image: RgbImage,
    pub faces: Vec<BoundingBox>,
}

/// The pictures of one split.
pub(super) struct Pictures {
    pub list: Vec<Picture>,
    /// Picture and square of each face.
    pub faces: Vec<(usize, BoundingBox)>,
    /// Numbers of the pictures without any face.
    pub backgrounds: Vec<usize>,
    /// Weight of each face's source.
    weights: Vec<f64>,
}

/// A dataset of scenes, its training and validation pictures in memory.
pub(super) struct Scenes {
    pub train: Pictures,
    pub valid: Pictures,
    /// Picks a training face by the weight of its source.
    pub choice: WeightedChoice,
    pub hash: BTreeMap<String, String>,
    pub sources: Vec<String>,
}

impl Scenes {
    /// Reads the `train` and `valid` splits of the folder `data`, without the sources of weight 0.
    pub fn load(data: &Path, source_weights: &BTreeMap<String, f64>) -> Result<Self, TrainError> {
        let dataset = SceneDataset::load(data)?;
        let unsuitable = |why: &str| TrainError::Unsuitable { data: data.to_owned(), why: why.into() };
        let train = Pictures::load(&dataset, Split::Train, source_weights)?;
        let valid = Pictures::load(&dataset, Split::Valid, source_weights)?;
        for pictures in [&train, &valid] {
            if pictures.faces.is_empty() || pictures.backgrounds.is_empty() {
                return Err(unsuitable("each of train and valid needs pictures with faces and pictures without any"));
            }
        }
        let used = |scene: &&Scene| scene.split == Split::Train && weight(source_weights, &scene.source) > 0.0;
        let mut sources: Vec<String> = dataset.scenes().iter().filter(used).map(|scene| scene.source.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        let name = data.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let hash = BTreeMap::from([(name, dataset.hash().to_owned())]);
        Ok(Self { choice: WeightedChoice::new(&train.weights), train, valid, hash, sources })
    }
}

impl Pictures {
    fn load(dataset: &SceneDataset, split: Split, source_weights: &BTreeMap<String, f64>) -> Result<Self, TrainError> {
        let used = |scene: &&Scene| scene.split == split && weight(source_weights, &scene.source) > 0.0;
        let scenes: Vec<&Scene> = dataset.scenes().iter().filter(used).collect();
        let load = |scene: &&Scene| Ok(Picture { image: scene.load(dataset.root())?, faces: scene.faces.clone() });
        let list: Vec<Picture> = scenes.par_iter().map(load).collect::<Result<_, TrainError>>()?;
        let of_picture = |(index, scene): (usize, &&Scene)| {
            let weight = weight(source_weights, &scene.source);
            scene.faces.iter().map(move |face| ((index, *face), weight)).collect::<Vec<_>>()
        };
        let (faces, weights) = scenes.iter().enumerate().flat_map(of_picture).unzip();
        let backgrounds = (0..list.len()).filter(|index| list[*index].faces.is_empty()).collect();
        Ok(Self { list, faces, backgrounds, weights })
    }
}

fn weight(source_weights: &BTreeMap<String, f64>, source: &str) -> f64 {
    source_weights.get(source).copied().unwrap_or(1.0)
}
