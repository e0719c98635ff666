//! Scenes in memory: the pictures and face squares that the detector's nets learn from.

use std::{
    collections::BTreeMap,
    iter::once,
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use smielfy_vision::{BoundingBox, RgbImage};

use super::{Provenance, TrainError, draw::WeightedChoice};
use crate::dataset::{Dataset, Scene, SceneDataset, Split};

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

/// Datasets of scenes, their training and validation pictures in memory.
pub(super) struct Scenes {
    pub train: Pictures,
    pub valid: Pictures,
    /// Picks a training face by the weight of its source.
    pub choice: WeightedChoice,
    pub provenance: Provenance,
}

impl Scenes {
    /// Reads the `train` and `valid` splits of the folder `data` and the `train` splits of the folders `further`, without the
    /// sources of weight 0.
    pub fn load(data: &Path, further: &[PathBuf], source_weights: &BTreeMap<String, f64>) -> Result<Self, TrainError> {
        let folders = || once(data).chain(further.iter().map(PathBuf::as_path));
        let load = |folder| Dataset::load(folder).map(SceneDataset::from);
        let datasets: Vec<SceneDataset> = folders().map(load).collect::<Result<_, _>>()?;
        let unsuitable = |data: &Path, why: &str| TrainError::Unsuitable { data: data.to_owned(), why: why.into() };
        if let Some((folder, _)) = folders().zip(&datasets).find(|(_, dataset)| dataset.of_split(Split::Train).count() == 0) {
            return Err(unsuitable(folder, "no pictures to train on"));
        }
        let train = Pictures::load(&datasets, Split::Train, source_weights)?;
        let valid = Pictures::load(&datasets[..1], Split::Valid, source_weights)?;
        for pictures in [&train, &valid] {
            if pictures.faces.is_empty() || pictures.backgrounds.is_empty() {
                let why = "each of train and valid needs pictures with faces and pictures without any";
                return Err(unsuitable(data, why));
            }
        }
        let mut provenance = Provenance::default();
        for (folder, dataset) in folders().zip(&datasets) {
            provenance.add_folder(folder, dataset.hash());
            let trained_on = used(dataset, Split::Train, source_weights);
            provenance.sources.extend(trained_on.map(|scene| scene.source.clone()));
        }
        Ok(Self { choice: WeightedChoice::new(&train.weights), train, valid, provenance })
    }
}

impl Pictures {
    fn load(datasets: &[SceneDataset], split: Split, source_weights: &BTreeMap<String, f64>) -> Result<Self, TrainError> {
        let of_dataset = |dataset| used(dataset, split, source_weights).map(move |scene| (SceneDataset::root(dataset), scene));
        let scenes: Vec<(&Path, &Scene)> = datasets.iter().flat_map(of_dataset).collect();
        let load = |(root, scene): &(&Path, &Scene)| Ok(Picture { image: scene.load(root)?, faces: scene.faces.clone() });
        let list: Vec<Picture> = scenes.par_iter().map(load).collect::<Result<_, TrainError>>()?;
        let of_picture = |(index, (_, scene)): (usize, &(&Path, &Scene))| {
            let weight = weight(source_weights, &scene.source);
            scene.faces.iter().map(move |face| ((index, *face), weight)).collect::<Vec<_>>()
        };
        let (faces, weights) = scenes.iter().enumerate().flat_map(of_picture).unzip();
        let backgrounds = (0..list.len()).filter(|index| list[*index].faces.is_empty()).collect();
        Ok(Self { list, faces, backgrounds, weights })
    }
}

/// The scenes of `split` whose source has a weight.
pub(super) fn used<'a>(
    dataset: &'a SceneDataset,
    split: Split,
    source_weights: &BTreeMap<String, f64>,
) -> impl Iterator<Item = &'a Scene> {
    dataset.of_split(split).filter(|scene| weight(source_weights, &scene.source) > 0.0)
}

/// The weight of `source`, 1 unless it is named.
pub(super) fn weight(source_weights: &BTreeMap<String, f64>, source: &str) -> f64 {
    source_weights.get(source).copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use smielfy_vision::RgbImage;

    use super::*;
    use crate::dataset::testing::{folder, message, png};

    const HEADER: &str = "file,split,source,width,height,x,y,side";

    /// A folder of scenes with these rows of `file, split, source, face or not`, all pictures in one gray.
    fn scenes(gray: u8, rows: &[(&str, &str, &str, bool)]) -> tempfile::TempDir {
        let row = |(file, split, source, face): &(&str, &str, &str, bool)| {
            format!("\n{file},{split},{source},40,40,{}", if *face { "4,4,30" } else { ",," })
        };
        let manifest = HEADER.to_owned() + &rows.iter().map(row).collect::<String>();
        let picture = png(&RgbImage::from_pixel(40, 40, [gray; 3].into()));
        folder(&manifest, &rows.iter().map(|(file, ..)| (*file, picture.clone())).collect::<Vec<_>>())
    }

    #[test]
    fn further_scenes_are_trained_on_and_not_validated_by() {
        let real = scenes(
            10,
            &[("a", "train", "web", true), ("b", "train", "bg", false), ("c", "valid", "web", true), ("d", "valid", "bg", false)],
        );
        let rendered =
            scenes(90, &[("a", "train", "rendered", true), ("e", "train", "other", true), ("c", "valid", "rendered", true)]);
        let weights = BTreeMap::from([("rendered".to_owned(), 3.0), ("other".to_owned(), 0.0)]);
        let further = [rendered.path().to_owned()];
        let scenes = Scenes::load(real.path(), &further, &weights).unwrap();
        assert_eq!((scenes.train.list.len(), scenes.valid.list.len()), (3, 2));
        assert_eq!(scenes.provenance.sources.iter().collect::<Vec<_>>(), ["bg", "rendered", "web"]);
        assert_eq!(scenes.provenance.data.len(), 2);
        let drawn = |seed| scenes.train.list[scenes.train.faces[scenes.choice.pick(seed)].0].image.get_pixel(0, 0)[0];
        let rendered = (0..4000).filter(|seed| drawn(*seed) == 90).count();
        assert!((2850..3150).contains(&rendered), "{rendered} of 4000 faces at three times the weight");
    }

    #[test]
    fn a_folder_without_training_pictures_is_refused() {
        let real = scenes(10, &[("a", "train", "web", true), ("b", "valid", "bg", false)]);
        let empty = scenes(90, &[("c", "valid", "rendered", true)]);
        let error = message(Scenes::load(real.path(), &[empty.path().to_owned()], &BTreeMap::new()).map(drop));
        assert!(error.contains("no pictures to train on"), "{error}");
    }
}
