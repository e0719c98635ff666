//! Counts of a dataset: what it holds of which smiley, from which source, for which split, and how large the faces are.
//!
//! A dataset goes in; [`Stats`] come out, as a value for JSON and as tables of plain text.

use super::table::{pivot, table};
use super::{Dataset, Scene, SceneDataset, SmileyDataset, SmileySample, Split};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Shares of faces that are smaller than the sides which [`Sides::quantiles_px`] gives.
pub const SIDE_QUANTILES: [f32; 5] = [0.0, 0.1, 0.5, 0.9, 1.0];

/// What a dataset holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stats {
    /// Hash of the manifest, as in weight cards.
    pub hash: String,
    /// Number of pictures.
    pub pictures: usize,
    /// Number of faces.
    pub faces: usize,
    /// Number of groups; nothing for scenes.
    pub groups: Option<usize>,
    /// Counts by split, smiley, source and origin; those that are 0 are left out.
    pub counts: Vec<Count>,
    /// Sides of the face squares, by source.
    pub sides: Vec<Sides>,
}

/// How many samples have the same split, smiley, source and origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Their split.
    pub split: Split,
    /// Their label; nothing for scenes.
    pub smiley: Option<String>,
    /// Their source.
    pub source: String,
    /// How they were labeled; nothing for scenes.
    pub origin: Option<String>,
    /// Number of pictures.
    pub pictures: usize,
    /// Number of faces in them.
    pub faces: usize,
}

/// How large the faces of a source are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sides {
    /// The source.
    pub source: String,
    /// Number of faces.
    pub faces: usize,
    /// Sides in pixels at the quantiles [`SIDE_QUANTILES`]: the least, 10 %, the median, 90 %, the greatest.
    pub quantiles_px: [f32; 5],
}

impl Stats {
    /// Counts `dataset`.
    pub fn new(dataset: &Dataset) -> Self {
        match dataset {
            Dataset::Smileys(dataset) => Self::of_smileys(dataset),
            Dataset::Scenes(dataset) => Self::of_scenes(dataset),
        }
    }

    fn of_smileys(dataset: &SmileyDataset) -> Self {
        let samples = dataset.samples();
        let key = |sample: &SmileySample| {
            let SmileySample { split, smiley, source, origin, .. } = sample.clone();
            ((split, Some(smiley), source, Some(origin)), 1)
        };
        let groups: BTreeSet<&str> = samples.iter().map(|sample| sample.group.as_str()).collect();
        Self {
            hash: dataset.hash().to_owned(),
            pictures: samples.len(),
            faces: samples.len(),
            groups: Some(groups.len()),
            counts: counts(samples.iter().map(key)),
            sides: sides(samples.iter().map(|sample| (sample.source.as_str(), sample.face.side))),
        }
    }

    fn of_scenes(dataset: &SceneDataset) -> Self {
        let scenes = dataset.scenes();
        let key = |scene: &Scene| ((scene.split, None, scene.source.clone(), None), scene.faces.len());
        let side = |scene| {
            let Scene { source, faces, .. }: &Scene = scene;
            faces.iter().map(|face| (source.as_str(), face.side))
        };
        Self {
            hash: dataset.hash().to_owned(),
            pictures: scenes.len(),
            faces: scenes.iter().map(|scene| scene.faces.len()).sum(),
            groups: None,
            counts: counts(scenes.iter().map(key)),
            sides: sides(scenes.iter().flat_map(side)),
        }
    }

    /// The counts as tables of plain text.
    pub fn to_text(&self) -> String {
        let groups = self.groups.map(|groups| format!(", {groups} groups")).unwrap_or_default();
        let mut text = format!("{} pictures, {} faces{groups}; manifest {}\n", self.pictures, self.faces, self.hash);
        if self.groups.is_some() {
            let column = |count: &Count| format!("{} {}", count.split, count.origin.as_deref().unwrap_or_default());
            text += &self.pivot("smiley", |count| (count.smiley.clone().unwrap_or_default(), column(count), count.faces));
        }
        text += &self.pivot("pictures", |count| (count.source.clone(), count.split.to_string(), count.pictures));
        if self.groups.is_none() {
            text += &self.pivot("faces", |count| (count.source.clone(), count.split.to_string(), count.faces));
        }
        text + "\n" + &self.sides_text()
    }

    fn pivot(&self, title: &str, item: impl Fn(&Count) -> (String, String, usize)) -> String {
        let items: Vec<_> = self.counts.iter().map(item).collect();
        format!("\n{}", pivot(title, &items))
    }

    fn sides_text(&self) -> String {
        let head = ["side px", "faces", "least", "10 %", "median", "90 %", "greatest"].map(str::to_owned);
        let row = |sides: &Sides| {
            let quantiles = sides.quantiles_px.iter().map(|side| format!("{side:.0}"));
            [sides.source.clone(), sides.faces.to_string()].into_iter().chain(quantiles).collect()
        };
        table(&head, &self.sides.iter().map(row).collect::<Vec<_>>())
    }
}

type Key = (Split, Option<String>, String, Option<String>);

/// Counts pictures, given the key and the number of faces of each.
fn counts(pictures: impl Iterator<Item = (Key, usize)>) -> Vec<Count> {
    let mut counts: BTreeMap<Key, (usize, usize)> = BTreeMap::new();
    for (key, faces) in pictures {
        let count = counts.entry(key).or_default();
        *count = (count.0 + 1, count.1 + faces);
    }
    let count = |((split, smiley, source, origin), (pictures, faces))| Count { split, smiley, source, origin, pictures, faces };
    counts.into_iter().map(count).collect()
}

/// Quantiles of sides, given the source and the side of each face.
fn sides<'a>(faces: impl Iterator<Item = (&'a str, f32)>) -> Vec<Sides> {
    let mut sides_of_source: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    for (source, side) in faces {
        sides_of_source.entry(source).or_default().push(side);
    }
    let quantiles = |(source, mut sides): (&str, Vec<f32>)| {
        sides.sort_by(f32::total_cmp);
        let at = |quantile: f32| sides[((sides.len() - 1) as f32 * quantile).round() as usize];
        Sides { source: source.to_owned(), faces: sides.len(), quantiles_px: SIDE_QUANTILES.map(at) }
    };
    sides_of_source.into_iter().map(quantiles).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::testing::folder;

    #[test]
    fn smileys_are_counted() {
        let manifest = "\
file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side
a,wink,g,train,web,eye,9,9,0,0,10
b,grin,g,train,web,votes,9,9,0,0,30
c,wink,h,test,web,eye,9,9,0,0,20
d,none,i,train,film,eye,9,9,0,0,7
";
        let stats = Stats::new(&Dataset::load(folder(manifest, &[]).path()).unwrap());
        let expected = format!(
            "\
4 pictures, 4 faces, 3 groups; manifest {}

smiley  train votes  train eye  test eye  all
grin              1          -         -    1
none              -          1         -    1
wink              -          1         1    2
all               1          2         1    4

pictures  train  test  all
web           2     1    3
film          1     -    1
all           3     1    4

side px  faces  least  10 %  median  90 %  greatest
film         1      7     7       7     7         7
web          3     10    10      20    30        30
",
            stats.hash
        );
        assert_eq!(stats.to_text(), expected);
        assert_eq!(stats.counts.iter().map(|count| count.faces).sum::<usize>(), 4);
    }

    #[test]
    fn scenes_are_counted() {
        let manifest =
            "file,split,source,width,height,x,y,side\na,train,web,9,9,0,0,5\na,train,web,9,9,3,3,6\nb,valid,bg,9,9,,,\n";
        let stats = Stats::new(&Dataset::load(folder(manifest, &[]).path()).unwrap());
        assert_eq!((stats.pictures, stats.faces, stats.groups), (2, 2, None));
        assert_eq!(stats.sides, [Sides { source: "web".to_owned(), faces: 2, quantiles_px: [5.0, 5.0, 6.0, 6.0, 6.0] }]);
        assert!(stats.to_text().contains("faces  train  valid  all\nweb        2      -    2\nbg         -      -    -\n"));
        assert!(serde_json::to_string(&stats).unwrap().contains("\"split\":\"valid\",\"smiley\":null,\"source\":\"bg\""));
    }
}
