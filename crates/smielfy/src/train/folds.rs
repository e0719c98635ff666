//! Labels that are probably wrong: nets judge pictures of groups that they never saw ("out of fold"), and what they disagree with most
//! comes first (confident learning, Northcutt et al. 2021, arXiv 1911.00068).

use std::{collections::BTreeMap, path::PathBuf, sync::atomic::AtomicBool};

use smielfy_nets::Net;

use super::{
    Event, Outcome, Recipe, RunFolder, Task, TrainError, TrainOptions, files::read_weights, run::train_on,
    smileys::SmileyExamples,
};
use crate::{
    augment::sample_seed,
    dataset::{Doubt, SmileyDataset, SmileySample, Split},
    recognize::vote,
    smileys::{NONE, Smileys},
};

/// The recipe that is used where none is given.
const RECIPE: &str = include_str!("../../../../recipes/doubts.toml");

/// How labels are doubted.
#[derive(Debug, Clone)]
pub struct FoldsParams {
    /// In how many parts the groups are divided; each is judged by a net that learned from the others. 2 at least.
    pub folds: u64,
    /// How the nets are trained; its data are not used.
    pub recipe: Recipe,
    /// Folder for the runs, one for each fold: what was interrupted goes on from there.
    pub runs: PathBuf,
}

impl FoldsParams {
    /// Parameters with the built-in recipe: a small net from random weights, a minute a thousand pictures.
    pub fn new(runs: PathBuf) -> Self {
        Self { folds: 4, recipe: Recipe::parse(RECIPE).expect("the embedded recipe is valid, as a test shows"), runs }
    }
}

/// All labels of a dataset, the most doubtful first; `None` if it was interrupted. Labels of `none` are not judged, nor learned from in
/// what they are not.
///
/// # Errors
/// [`TrainError`] if the dataset or the recipe is unfit, or nets cannot be trained.
pub fn doubts(
    dataset: &SmileyDataset,
    smileys: &Smileys,
    params: &FoldsParams,
    stop: &AtomicBool,
    on_event: &mut dyn FnMut(u64, Event<'_>),
) -> Result<Option<Vec<Doubt>>, TrainError> {
    let unfit = |why: &str| TrainError::Unsuitable { data: dataset.root().to_owned(), why: why.to_owned() };
    let Task::Smileys(task) = &params.recipe.task else { return Err(unfit("the recipe is not one for smileys")) };
    let fold_of =
        folds(dataset, params.folds.max(2), params.recipe.seed).ok_or_else(|| unfit("it has fewer groups than folds"))?;
    let mut found = Vec::new();
    for fold in 0..params.folds.max(2) {
        let recipe = Recipe { name: format!("{}-{fold}", params.recipe.name), ..params.recipe.clone() };
        let samples = dataset.samples().iter().map(|sample| sample_for(sample, fold_of[sample.group.as_str()] == fold)).collect();
        let part = SmileyDataset::new(dataset.root().to_owned(), dataset.hash().to_owned(), samples)?;
        let examples = SmileyExamples::of(&part, &recipe, task, smileys)?;
        let options = TrainOptions { runs: params.runs.clone(), ..TrainOptions::default() };
        if train_on(&examples, &recipe, &options, stop, &mut |event| on_event(fold, event))? == Outcome::Interrupted {
            return Ok(None);
        }
        let weights = read_weights(&RunFolder::new(&params.runs, &recipe.name).weights())?;
        found.extend(judged(&Net::new(&weights, None)?, &part, smileys)?);
    }
    // By the share of the label alone: where two smileys look alike, the lead of one over the other doubts labels that are right.
    found.sort_by(|a, b| a.share.total_cmp(&b.share));
    Ok(Some(found))
}

/// A sample of the fold that is judged, or of the others.
fn sample_for(sample: &SmileySample, is_judged: bool) -> SmileySample {
    SmileySample { split: if is_judged { Split::Valid } else { Split::Train }, ..sample.clone() }
}

/// The fold of each group: groups in an order by lot, each into the fold that has the fewest pictures. `None` if a fold would be empty.
fn folds(dataset: &SmileyDataset, count: u64, seed: u64) -> Option<BTreeMap<&str, u64>> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in dataset.samples() {
        *sizes.entry(&sample.group).or_default() += usize::from(sample.smiley != NONE);
    }
    let mut order: Vec<(u64, &str, usize)> =
        sizes.iter().enumerate().map(|(number, (group, size))| (sample_seed(seed, 0, number as u64), *group, *size)).collect();
    order.sort_unstable();
    let mut filled = vec![0; count as usize];
    let mut fold_of = BTreeMap::new();
    for (_, group, size) in order {
        let fold = (0..filled.len()).min_by_key(|fold| filled[*fold])?;
        filled[fold] += size;
        fold_of.insert(group, fold as u64);
    }
    filled.iter().all(|size| *size > 0).then_some(fold_of)
}

/// What `net` says of the labels of the fold that it did not see.
fn judged(net: &Net, part: &SmileyDataset, smileys: &Smileys) -> Result<Vec<Doubt>, TrainError> {
    let judge = |sample: &SmileySample| -> Result<Option<Doubt>, TrainError> {
        let Some(label) = smileys.index_of(&sample.smiley) else { return Ok(None) };
        let image = sample.load(part.root())?;
        let shares = vote(net, &image, sample.face)?.distribution;
        let others = (0..shares.len()).filter(|class| *class != label);
        let rather = others.max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(label);
        Ok(Some(Doubt {
            file: sample.file.clone(),
            smiley: sample.smiley.clone(),
            rather: smileys.get(rather).id.clone(),
            share: shares[label],
            rather_share: shares[rather],
            face_x: sample.face.x,
            face_y: sample.face.y,
            face_side: sample.face.side,
        }))
    };
    part.of_split(Split::Valid).filter_map(|sample| judge(sample).transpose()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use smielfy_vision::BoundingBox;

    #[test]
    fn the_embedded_recipe_can_be_read() {
        assert_eq!(FoldsParams::new("runs".into()).recipe.name, "doubts");
    }

    #[test]
    fn groups_stay_together_and_folds_are_of_a_size() {
        let sample = |index: usize| SmileySample {
            file: format!("{index}.png"),
            smiley: "wink".into(),
            group: format!("g{}", index / 3),
            split: Split::Train,
            source: "web".into(),
            origin: "eye".into(),
            width: 8,
            height: 8,
            face: BoundingBox::new(0.0, 0.0, 8.0),
        };
        let dataset = |count| SmileyDataset::new("nowhere".into(), String::new(), (0..count).map(sample).collect()).unwrap();
        let dataset_of_60 = dataset(60);
        let fold_of = folds(&dataset_of_60, 4, 7).unwrap();
        let sizes: Vec<usize> = (0..4).map(|fold| fold_of.values().filter(|other| **other == fold).count()).collect();
        assert_eq!(sizes, [5; 4]);
        assert_ne!(fold_of, folds(&dataset_of_60, 4, 8).unwrap());
        assert!(folds(&dataset(6), 4, 7).is_none(), "two groups are no four folds");
    }
}
