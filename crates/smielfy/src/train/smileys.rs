//! Examples of smileys: windows round labeled faces, on photos and in renders.

use std::{borrow::Cow, collections::BTreeSet};

use smielfy_nets::{AuxiliaryHead, Forward, NetError};
use smielfy_vision::crop_resize;

use super::{
    Provenance, Recipe, SmileysTask, TrainError, ValidateBy, auxiliary,
    doubts::Judge,
    examples::{Example, Examples},
    labeled::{Face, Faces, balanced, load_faces},
    renders::Renders,
    shares::Shares,
};
use crate::{
    augment::{AugmentParams, augment, sample_seed},
    dataset::{SmileyDataset, SmileySample, Split},
    recognize::vote,
    smileys::{NONE, Smileys},
};

/// Classes that are trained on less are adjusted as if by this share of the windows: the logarithm of nothing is infinite.
const LEAST_SHARE: f64 = 1e-4;

/// Labeled faces: photos, renders or both.
pub(super) struct SmileyExamples {
    smileys: Smileys,
    /// Photos to train on; `None` where all training windows are rendered.
    photos: Option<Faces>,
    renders: Option<Renders>,
    valid: Vec<Face>,
    augment: AugmentParams,
    /// Side of the net's input, and of the pictures that it learns from.
    input: u32,
    patch: u32,
    seed: u64,
    auxiliary: Option<AuxiliaryHead>,
    logit_adjustments: Vec<f32>,
    provenance: Provenance,
}

impl SmileyExamples {
    /// Reads all pictures of the `valid` split, those of the `train` split if there shall be photos, and opens the renders.
    pub(super) fn load(recipe: &Recipe, task: &SmileysTask, smileys: &Smileys) -> Result<Self, TrainError> {
        Self::of(&SmileyDataset::load(&task.data)?, recipe, task, smileys)
    }

    /// The same with the samples of `dataset`, which is the one of the task but for its splits.
    pub(super) fn of(
        dataset: &SmileyDataset,
        recipe: &Recipe,
        task: &SmileysTask,
        smileys: &Smileys,
    ) -> Result<Self, TrainError> {
        let mut provenance = Provenance::default();
        provenance.add_folder(&task.data, dataset.hash());
        let renders = task.renders.as_ref().filter(|renders| renders.share > 0.0);
        let (train, valid) = split(dataset, task.validate_by, recipe.seed);
        let photos = match renders {
            Some(renders) if renders.is_all() => None,
            _ => Some(load_photos(dataset, &train, task, smileys, &mut provenance)?),
        };
        let renders = renders.map(|renders| Renders::load(renders, smileys, &mut provenance)).transpose()?;
        let head = |weight| AuxiliaryHead { values: auxiliary::VALUES, weight };
        Ok(Self {
            auxiliary: task.auxiliary_weight().map(head),
            logit_adjustments: logit_adjustments(photos.as_ref(), renders.as_ref(), smileys.ids().len(), task.logit_adjustment),
            smileys: smileys.clone(),
            photos,
            renders,
            valid: load_valid(dataset, &valid, smileys)?,
            augment: recipe.augment.clone(),
            input: recipe.net.input as u32,
            patch: recipe.patch.unwrap_or(recipe.net.input) as u32,
            seed: recipe.seed,
            provenance,
        })
    }

    /// The face that the training sample `seed` shows.
    fn face(&self, seed: u64) -> Cow<'_, Face> {
        let rendered = self.renders.as_ref().and_then(|renders| renders.face(seed));
        let photo = || Cow::Borrowed(self.photos.as_ref().expect("photos but where all is rendered").pick(seed));
        rendered.unwrap_or_else(photo)
    }
}

/// `strength` times the logarithm of each class's share of the training windows; nothing where that is 0.
fn logit_adjustments(photos: Option<&Faces>, renders: Option<&Renders>, classes: usize, strength: f32) -> Vec<f32> {
    if strength == 0.0 {
        return vec![];
    }
    let (rendered, of_renders) = renders.map_or((0.0, vec![0.0; classes]), |renders| renders.class_shares(classes));
    let of_photos = photos.map_or(vec![0.0; classes], |photos| photos.class_shares(classes));
    let share = |(photo, render): (&f64, &f64)| (1.0 - rendered) * photo + rendered * render;
    let shares = of_photos.iter().zip(&of_renders).map(share);
    shares.map(|share| strength * share.max(LEAST_SHARE).ln() as f32).collect()
}

/// The samples to train on and those to validate by; the latter all show a smiley, as of the others no answer is right.
fn split(dataset: &SmileyDataset, by: ValidateBy, seed: u64) -> (Vec<&SmileySample>, Vec<&SmileySample>) {
    let of = |split| dataset.of_split(split).collect::<Vec<_>>();
    let (mut train, mut valid) = (of(Split::Train), of(Split::Valid));
    valid.retain(|sample| sample.smiley != NONE);
    if by == ValidateBy::Pictures {
        let count = valid.len();
        // Coarse labels would make another, harder set of them.
        let origins: BTreeSet<&str> = valid.iter().map(|sample| sample.origin.as_str()).collect();
        let may_validate = |sample: &&SmileySample| sample.smiley != NONE && origins.contains(sample.origin.as_str());
        let (pool, rest): (Vec<_>, Vec<_>) = train.into_iter().chain(valid).partition(may_validate);
        let mut numbers: Vec<usize> = (0..pool.len()).collect();
        numbers.sort_by_key(|number| sample_seed(seed, 0, *number as u64));
        let mut shuffled = numbers.into_iter().map(|number| pool[number]);
        valid = shuffled.by_ref().take(count).collect();
        train = shuffled.chain(rest).collect();
    }
    (train, valid)
}

/// The pictures of `samples` with the weights of `task`, and the faces without a label that it adds.
fn load_photos(
    dataset: &SmileyDataset,
    samples: &[&SmileySample],
    task: &SmileysTask,
    smileys: &Smileys,
    provenance: &mut Provenance,
) -> Result<Faces, TrainError> {
    let weight = |sample: &SmileySample| task.origin_weights.get(&sample.origin).copied().unwrap_or(1.0);
    let samples: Vec<&SmileySample> = samples.iter().copied().filter(|sample| weight(sample) > 0.0).collect();
    if samples.is_empty() {
        return Err(TrainError::Unsuitable { data: dataset.root().to_owned(), why: "no samples to train on".into() });
    }
    provenance.sources.extend(samples.iter().map(|sample| sample.source.clone()));
    let mut faces = load_faces(dataset, &samples, smileys)?;
    let judge = task.doubts.as_ref().map(|doubts| Judge::load(doubts, &smileys.ids())).transpose()?;
    let believed = |(sample, face): (&&SmileySample, &Face)| {
        let is_doubted = judge.as_ref().map_or(Ok(false), |judge| judge.doubts(face, &sample.origin))?;
        Ok(if is_doubted { 0.0 } else { weight(sample) })
    };
    let mut weights: Vec<f64> = samples.iter().zip(&faces).map(believed).collect::<Result<_, NetError>>()?;
    if weights.iter().sum::<f64>() <= 0.0 {
        let why = "no label is believed; lower `below` of its doubts".into();
        return Err(TrainError::Unsuitable { data: dataset.root().to_owned(), why });
    }
    if let Some(unlabeled) = &task.unlabeled {
        let (further, their_weights) = unlabeled.load(smileys, provenance)?;
        faces.extend(further);
        weights.extend(their_weights);
    }
    let weights = balanced(&weights, &faces, task.balance);
    Ok(Faces::new(faces, &weights))
}

fn load_valid(dataset: &SmileyDataset, samples: &[&SmileySample], smileys: &Smileys) -> Result<Vec<Face>, TrainError> {
    if samples.is_empty() {
        return Err(TrainError::Unsuitable { data: dataset.root().to_owned(), why: "no samples to validate by".into() });
    }
    load_faces(dataset, samples, smileys)
}

impl Examples for SmileyExamples {
    fn labels(&self) -> Vec<String> {
        self.smileys.ids()
    }

    fn training_len(&self) -> u64 {
        (self.photos.as_ref().map_or(0, Faces::len) + self.renders.as_ref().map_or(0, Renders::len)) as u64
    }

    fn training(&self, epoch: u64, index: u64) -> Example {
        let seed = sample_seed(self.seed, epoch, index);
        let face = self.face(seed);
        let context = self.patch as f32 / self.input as f32;
        let augmented = augment(&face.image, face.square, self.patch, context, &self.augment, seed);
        let seen = |class| if augmented.mirrored { self.smileys.mirror(class) } else { class };
        let known = face.truth.as_ref().map(|truth| auxiliary::values(truth, &augmented));
        Example { class: face.class.map(seen), auxiliary: known, window: augmented.image }
    }

    fn validation_len(&self) -> u64 {
        self.valid.len() as u64
    }

    fn validation(&self, index: u64) -> Example {
        let face = &self.valid[index as usize];
        Example { window: crop_resize(&face.image, face.square, self.input), class: face.class, auxiliary: None }
    }

    fn shares(&self, net: &dyn Forward) -> Result<Shares, NetError> {
        let voted = |face: &Face| {
            let label = face.class.expect("validation faces show a smiley");
            Ok((vote(net, &face.image, face.square)?, label))
        };
        Ok(Shares::fitted(&self.valid.iter().map(voted).collect::<Result<Vec<_>, NetError>>()?))
    }

    fn auxiliary(&self) -> Option<AuxiliaryHead> {
        self.auxiliary
    }

    fn logit_adjustments(&self) -> &[f32] {
        &self.logit_adjustments
    }

    fn provenance(&self) -> Provenance {
        self.provenance.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use smielfy_vision::RgbImage;
    use tempfile::TempDir;

    use super::*;
    use crate::{
        dataset::testing::{SMILEY_HEADER, folder, message, png},
        train::{RendersParams, RendersSource, Task},
    };

    /// Gray of the photos, and of the renders: it tells them apart.
    const PHOTO: u8 = 60;
    const RENDER: u8 = 180;

    /// A folder of pictures in one gray, with these rows of label, split and source.
    fn faces(gray: u8, rows: &[(&str, &str, &str)]) -> TempDir {
        let names: Vec<String> = (0..rows.len()).map(|number| format!("{number}.png")).collect();
        let row = |(name, (smiley, split, source)): (&String, &(&str, &str, &str))| {
            format!("\n{name},{smiley},{name},{split},{source},eye,16,16,2,2,12")
        };
        let manifest = SMILEY_HEADER.to_owned() + &names.iter().zip(rows).map(row).collect::<String>();
        let picture = png(&RgbImage::from_pixel(16, 16, [gray; 3].into()));
        folder(&manifest, &names.iter().map(|name| (name.as_str(), picture.clone())).collect::<Vec<_>>())
    }

    fn photos() -> TempDir {
        faces(PHOTO, &[("grin", "train", "web"), ("none", "train", "film"), ("wink", "valid", "web"), ("none", "valid", "web")])
    }

    fn renders() -> TempDir {
        let rows =
            [("grin", "train"), ("grin", "train"), ("grin", "train"), ("wink", "train"), ("none", "train"), ("kiss", "test")];
        faces(RENDER, &rows.map(|(smiley, split)| (smiley, split, "rendered")))
    }

    fn load(photos: &Path, renders: impl Into<Option<RendersParams>>) -> Result<SmileyExamples, TrainError> {
        let recipe = recipe(photos, renders.into());
        let Task::Smileys(task) = &recipe.task else { unreachable!("it is one of smileys") };
        SmileyExamples::load(&recipe, task, &Smileys::default())
    }

    /// A recipe that varies nothing.
    fn recipe(photos: &Path, renders: Option<RendersParams>) -> Recipe {
        let text = "
            name = \"test\"
            epochs = 1
            [task.smileys]
            data = \"\"
            [net]
            input = 8
            blocks = [{ dense = { units = 17 } }]";
        let mut recipe = Recipe::parse(text).unwrap().with_data(photos.to_owned());
        recipe.augment = AugmentParams::none();
        let Task::Smileys(task) = &mut recipe.task else { unreachable!("it is written above") };
        task.renders = renders;
        recipe
    }

    fn from_folder(share: f64, none_share: f64, folder: &Path) -> RendersParams {
        let from = RendersSource::Folder { folder: folder.to_owned() };
        RendersParams { share, none_share, smiley_weights: BTreeMap::new(), auxiliary_weight: 0.0, from }
    }

    /// How many of 4000 training windows hold.
    fn count(examples: &SmileyExamples, holds: impl Fn(&Example) -> bool) -> usize {
        (0..4000).filter(|index| holds(&examples.training(0, *index))).count()
    }

    fn is_render(example: &Example) -> bool {
        example.window.get_pixel(4, 4)[0] == RENDER
    }

    fn names(examples: &SmileyExamples) -> (Vec<String>, Vec<String>) {
        let Provenance { data, sources } = examples.provenance();
        (data.into_keys().collect(), sources.into_iter().collect())
    }

    fn name(folder: &TempDir) -> String {
        folder.path().file_name().unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn photos_and_renders_are_mixed_by_share() {
        let (photos, renders) = (photos(), renders());
        for (share, expected) in [(0.0, 0..=0), (0.5, 1850..=2150), (1.0, 4000..=4000)] {
            let examples = load(photos.path(), from_folder(share, 0.2, renders.path())).unwrap();
            let rendered = count(&examples, is_render);
            assert!(expected.contains(&rendered), "{rendered} of 4000 with a share of {share}");
        }
    }

    #[test]
    fn renders_leave_the_order_of_the_photos_as_it_was() {
        let (photos, renders) = (photos(), renders());
        let (alone, mixed) = (load(photos.path(), None), load(photos.path(), from_folder(0.5, 0.2, renders.path())));
        let (alone, mixed) = (alone.unwrap(), mixed.unwrap());
        let windows = (0..200).map(|index| mixed.training(3, index)).zip((0..200).map(|index| alone.training(3, index)));
        assert!(windows.filter(|(mixed, _)| !is_render(mixed)).all(|(mixed, alone)| mixed == alone));
    }

    #[test]
    fn rendered_smileys_are_drawn_by_weight_and_none_by_its_share() {
        let (photos, renders) = (photos(), renders());
        let smileys = Smileys::default();
        let cases = [
            (0.2, 1.0, [1600, 1600, 800]),
            (0.0, 1.0, [2000, 2000, 0]),
            (0.2, 3.0, [2400, 800, 800]),
            (0.2, 0.0, [0, 3200, 800]),
        ];
        for (none_share, grin, expected) in cases {
            let mut params = from_folder(1.0, none_share, renders.path());
            params.smiley_weights.insert("grin".to_owned(), grin);
            let examples = load(photos.path(), params).unwrap();
            for (class, expected) in [smileys.index_of("grin"), smileys.index_of("wink"), None].into_iter().zip(expected) {
                let drawn = count(&examples, |example| example.class == class);
                assert!(drawn.abs_diff(expected) <= expected.min(150), "{class:?}: {drawn} instead of {expected}");
            }
        }
    }

    #[test]
    fn logits_are_adjusted_by_what_is_drawn() {
        let (photos, renders) = (photos(), renders());
        for (share, expected) in [(0.0, [0.5, 0.0]), (0.5, [0.5 * 0.5 + 0.5 * 0.6, 0.5 * 0.2]), (1.0, [0.6, 0.2])] {
            let mut params = from_folder(share, 0.2, renders.path());
            params.smiley_weights.insert("grin".to_owned(), 3.0);
            let mut recipe = recipe(photos.path(), Some(params));
            let Task::Smileys(task) = &mut recipe.task else { unreachable!("it is one of smileys") };
            task.logit_adjustment = 2.0;
            let task = task.clone();
            let examples = SmileyExamples::load(&recipe, &task, &Smileys::default()).unwrap();
            let adjustments = examples.logit_adjustments();
            for (id, share) in ["grin", "wink"].into_iter().zip(expected) {
                let found = adjustments[Smileys::default().index_of(id).unwrap()];
                let expected = 2.0 * f64::max(share, LEAST_SHARE).ln() as f32;
                assert!((found - expected).abs() < 1e-5, "{id}: {found} instead of {expected}");
            }
        }
        assert!(load(photos.path(), None).unwrap().logit_adjustments().is_empty());
    }

    #[test]
    fn an_auxiliary_head_learns_what_is_known_of_renders() {
        let (photos, renders) = (photos(), renders());
        let params = || RendersParams { auxiliary_weight: 0.5, ..from_folder(0.5, 0.2, renders.path()) };
        let error = message(load(photos.path(), params()).map(drop));
        assert!(error.contains("learns what is known") && error.contains("truth.jsonl"), "{error}");

        let line = |number: usize| {
            let landmarks = vec![[8.0, 8.0]; 68];
            format!("{{\"file\":\"{number}.png\",\"blendshapes\":{{\"jawOpen\":0.5}},\"landmarks\":{landmarks:?}}}\n")
        };
        std::fs::write(renders.path().join("truth.jsonl"), (0..6).map(line).collect::<String>()).unwrap();
        let examples = load(photos.path(), params()).unwrap();
        assert_eq!(examples.auxiliary(), Some(AuxiliaryHead { values: auxiliary::VALUES, weight: 0.5 }));
        for example in (0..100).map(|index| examples.training(0, index)) {
            assert_eq!(example.auxiliary.is_some(), is_render(&example), "nothing is known of photos");
            if let Some(values) = example.auxiliary {
                assert_eq!((values.iter().filter(|value| **value != 0.0).count(), values.len()), (1, auxiliary::VALUES));
            }
        }
        assert_eq!(load(photos.path(), from_folder(0.5, 0.2, renders.path())).unwrap().auxiliary(), None);
    }

    #[test]
    fn photos_may_be_labeled_none() {
        let examples = load(photos().path(), None).unwrap();
        let none = count(&examples, |example| example.class.is_none());
        assert!((1850..=2150).contains(&none), "{none} of 4000");
        assert_eq!(examples.validation_len(), 1, "there, no answer to `none` is right");
    }

    #[test]
    fn pictures_at_random_are_as_many_and_none_is_on_both_sides() {
        let rows: Vec<(&str, &str, &str)> = (0..30)
            .map(|number| (["grin", "wink", "none"][number % 3], if number < 24 { "train" } else { "valid" }, "web"))
            .collect();
        let folder = faces(PHOTO, &rows);
        let dataset = SmileyDataset::load(folder.path()).unwrap();
        let files = |samples: &[&SmileySample]| samples.iter().map(|sample| sample.file.clone()).collect::<BTreeSet<_>>();
        let (_, fixed) = split(&dataset, ValidateBy::Groups, 1);
        let (train, valid) = split(&dataset, ValidateBy::Pictures, 1);
        assert_eq!((fixed.len(), valid.len(), train.len()), (4, 4, 24), "two of `valid` show no smiley");
        assert!(files(&train).is_disjoint(&files(&valid)));
        assert_ne!(files(&valid), files(&fixed));
        assert_ne!(files(&valid), files(&split(&dataset, ValidateBy::Pictures, 2).1), "another seed, other pictures");
        assert!(valid.iter().all(|sample| sample.smiley != NONE));
    }

    #[test]
    fn provenance_names_what_was_trained_on() {
        let (photos, renders) = (photos(), renders());
        let both = || {
            let mut both = vec![name(&photos), name(&renders)];
            both.sort();
            both
        };
        let cases = [
            (None, vec![name(&photos)], vec!["film", "web"]),
            (Some(from_folder(0.0, 0.2, renders.path())), vec![name(&photos)], vec!["film", "web"]),
            (Some(from_folder(0.5, 0.2, renders.path())), both(), vec!["film", "rendered", "web"]),
            (Some(from_folder(1.0, 0.2, renders.path())), both(), vec!["rendered"]),
        ];
        for (params, data, sources) in cases {
            let examples = load(photos.path(), params.clone()).unwrap();
            assert_eq!(names(&examples), (data, sources.into_iter().map(str::to_owned).collect()), "{params:?}");
        }
    }

    #[test]
    fn renders_alone_need_no_training_photos() {
        let (photos, renders) = (faces(PHOTO, &[("wink", "valid", "web")]), renders());
        assert_eq!(load(photos.path(), from_folder(1.0, 0.2, renders.path())).unwrap().training_len(), 5);
        let error = message(load(photos.path(), from_folder(0.5, 0.2, renders.path())).map(drop));
        assert!(error.contains("no samples to train on"), "{error}");
    }

    #[test]
    fn unsuitable_renders_are_refused() {
        let photos = photos();
        let kit = RendersSource::Kit { kit: "no/such.kit".into(), backgrounds: None };
        let cases = [
            (from_folder(0.5, 0.1, Path::new("no/such/folder")), "cannot read"),
            (RendersParams { from: kit, ..from_folder(0.5, 0.1, Path::new("")) }, "no head kit at `no/such.kit`"),
        ];
        for (params, expected) in cases {
            let error = message(load(photos.path(), params).map(drop));
            assert!(error.contains(expected), "{error}");
        }
        let cases = [
            ("none", "wink", "there are no renders of `wink`, which smiley_weights names"),
            ("wink", "wink", "no training picture is labeled `none`"),
        ];
        for (label, weighted, expected) in cases {
            let renders = faces(RENDER, &[(label, "train", "rendered")]);
            let mut params = from_folder(0.5, 0.1, renders.path());
            params.smiley_weights.insert(weighted.to_owned(), 2.0);
            let error = message(load(photos.path(), params).map(drop));
            assert!(error.contains(expected), "{error}");
        }
        for (rows, weight) in [
            (&[("none", "train", "rendered")][..], None),
            (&[("none", "train", "rendered"), ("wink", "train", "rendered")], Some(0.0)),
        ] {
            let renders = faces(RENDER, rows);
            let mut params = from_folder(0.5, 0.1, renders.path());
            params.smiley_weights.extend(weight.map(|weight| ("wink".to_owned(), weight)));
            let error = message(load(photos.path(), params).map(drop));
            assert!(error.contains("no training picture shows a smiley that weighs more than 0"), "{error}");
        }
    }
}
