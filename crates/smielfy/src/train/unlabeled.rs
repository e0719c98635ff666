//! Faces without a label, to which an earlier net gives one where it is sure (self-training: Xie et al. 2020, arXiv 1911.04252).

use std::{collections::BTreeMap, path::PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use smielfy_nets::{Forward, Net, NetError};
use smielfy_vision::RgbImage;

use super::{Provenance, TrainError, files::read_weights, labeled::Face, scenes};
use crate::{
    dataset::{Scene, SceneDataset, Split},
    recognize::vote,
    smileys::Smileys,
};

/// Which faces without a label are learned from, and by which net.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnlabeledParams {
    /// Folder of a dataset of scenes, of which the training pictures are used.
    pub scenes: PathBuf,
    /// How often faces of a source are drawn, relative to 1 for sources that are not named; 0 leaves them out.
    #[serde(default)]
    pub source_weights: BTreeMap<String, f64>,
    /// Weight file of the net that gives them a label, by vote.
    pub by: PathBuf,
    /// Share of the vote from which its winner is taken for the label, `0..=1`; faces of which it is less sure are left out.
    pub above: f32,
}

impl UnlabeledParams {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.above) {
            return Err("`above` of unlabeled must lie between 0 and 1".into());
        }
        Ok(())
    }

    /// The faces with the labels that they get, and their weights.
    pub(super) fn load(&self, smileys: &Smileys, provenance: &mut Provenance) -> Result<(Vec<Face>, Vec<f64>), TrainError> {
        let unsuitable = |data: &PathBuf, why: &str| TrainError::Unsuitable { data: data.clone(), why: why.to_owned() };
        let weights = read_weights(&self.by)?;
        if weights.card.labels != smileys.ids() {
            return Err(unsuitable(&self.by, "its classes are not those of the list of smileys"));
        }
        let dataset = SceneDataset::load(&self.scenes)?;
        let with_faces = |scene: &&Scene| !scene.faces.is_empty();
        let scenes: Vec<&Scene> = scenes::used(&dataset, Split::Train, &self.source_weights).filter(with_faces).collect();
        let images: Vec<RgbImage> = scenes.par_iter().map(|scene| scene.load(dataset.root())).collect::<Result<_, _>>()?;
        let net = Net::new(&weights, None)?;
        let mut labeled = vec![];
        for (scene, image) in scenes.iter().zip(&images) {
            labeled.extend(self.label(&net, scene, image)?);
        }
        if labeled.is_empty() {
            return Err(unsuitable(&self.scenes, "no face gets a label; lower `above` of unlabeled"));
        }
        provenance.add_folder(&self.scenes, dataset.hash());
        provenance.sources.extend(scenes.iter().map(|scene| scene.source.clone()));
        provenance.data.insert(format!("labels {}", weights.card.name), weights.tensor_hash());
        provenance.sources.extend(weights.card.sources);
        Ok(labeled.into_iter().unzip())
    }

    /// The faces of a scene of which `net` is sure.
    fn label(&self, net: &dyn Forward, scene: &Scene, image: &RgbImage) -> Result<Vec<(Face, f64)>, NetError> {
        let weight = scenes::weight(&self.source_weights, &scene.source);
        let mut labeled = vec![];
        for square in &scene.faces {
            let vote = vote(net, image, *square)?;
            if vote.share() >= self.above {
                let face = Face { image: image.clone(), square: *square, class: Some(vote.winner()), truth: None };
                labeled.push((face, weight));
            }
        }
        Ok(labeled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dataset::testing::{folder, png},
        testing::FakeNet,
    };

    #[test]
    fn faces_get_a_label_where_the_net_is_sure() {
        let picture = |gray: u8| png(&RgbImage::from_pixel(40, 40, [gray; 3].into()));
        let rows = "a,train,web,40,40,4,4,30\na,train,web,40,40,8,8,20\nb,train,web,40,40,4,4,30\nc,train,bg,40,40,,,\n\
                    d,train,film,40,40,4,4,30\n";
        let pictures = [("a", picture(250)), ("b", picture(5)), ("c", picture(250)), ("d", picture(250))];
        let scenes = folder(&format!("file,split,source,width,height,x,y,side\n{rows}"), &pictures);
        let dataset = SceneDataset::load(scenes.path()).unwrap();
        let net = FakeNet::new(8, 2, |window| if window[0] > 0.0 { vec![0.0, 3f32.ln()] } else { vec![0.0, 0.0] });
        let source_weights = BTreeMap::from([("web".to_owned(), 0.5)]);
        let params = UnlabeledParams { scenes: scenes.path().to_owned(), source_weights, by: PathBuf::new(), above: 0.7 };
        let labels = |scene: &Scene| {
            let labeled = params.label(&net, scene, &scene.load(dataset.root()).unwrap()).unwrap();
            labeled.into_iter().map(|(face, weight)| (face.square.side, face.class, weight)).collect::<Vec<_>>()
        };
        let expected = [vec![(30.0, Some(1), 0.5), (20.0, Some(1), 0.5)], vec![], vec![], vec![(30.0, Some(1), 1.0)]];
        assert_eq!(dataset.scenes().iter().map(labels).collect::<Vec<_>>(), expected);
    }
}
