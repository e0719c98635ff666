//! `dataset doubts`: labels that were flipped on purpose are found, among the first of the list.

use std::{collections::BTreeSet, env, fs, path::Path};

use tempfile::tempdir;

use crate::support::{Numbers, emoticon_dataset, smielfy};

/// Folder of a dataset to measure with beside the drawn one, for the figures in `results/label.csv`, and the recipe to do it with.
const DATA_VARIABLE: &str = "SMIELFY_DOUBTS_DATA";
const RECIPE_VARIABLE: &str = "SMIELFY_DOUBTS_RECIPE";

/// Gives 5 % of the labels in a manifest another smiley; gives the files of these.
fn flip(folder: &Path) -> BTreeSet<String> {
    let path = folder.join("manifest.csv");
    let manifest = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<Vec<String>> = manifest.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let column = |name: &str| lines[0].iter().position(|column| column == name).unwrap();
    let (file, smiley) = (column("file"), column("smiley"));
    let labels: BTreeSet<String> = lines[1..].iter().map(|line| line[smiley].clone()).collect();
    let mut numbers = Numbers(11);
    let mut flipped = BTreeSet::new();
    while flipped.len() < (lines.len() - 1) / 20 {
        let count = lines.len() as u32 - 1;
        let line = &mut lines[1 + numbers.below(count) as usize];
        if flipped.insert(line[file].clone()) {
            let others: Vec<&String> = labels.iter().filter(|label| **label != line[smiley]).collect();
            line[smiley].clone_from(others[numbers.below(others.len() as u32) as usize]);
        }
    }
    fs::write(path, lines.iter().map(|line| line.join(",") + "\n").collect::<String>()).unwrap();
    flipped
}

/// Share of the labels flipped in a dataset that are found in the first tenth of the list.
fn found_in_the_first_tenth(folder: &Path, more: &[&str]) -> f64 {
    let flipped = flip(folder);
    let runs = folder.join("runs");
    let arguments = ["dataset", "doubts", folder.to_str().unwrap(), "--json", "--runs", runs.to_str().unwrap()];
    let run = smielfy(arguments.into_iter().chain(more.iter().copied()));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let doubts = run.json();
    let first = &doubts[..doubts.len() / 10];
    let found = first.iter().filter(|doubt| flipped.contains(doubt["file"].as_str().unwrap())).count();
    eprintln!("{} labels, {} flipped, {found} of them in the first {}", doubts.len(), flipped.len(), first.len());
    found as f64 / flipped.len() as f64
}

#[test]
fn flipped_labels_are_among_the_most_doubtful() {
    let folder = tempdir().unwrap();
    emoticon_dataset(folder.path(), 16, 4);
    let found = found_in_the_first_tenth(folder.path(), &["--folds", "3"]);
    assert!(found >= 0.8, "{found}");
}

#[test]
fn flipped_labels_of_the_dataset_that_is_named_are_found() {
    let Some(data) = env::var_os(DATA_VARIABLE) else {
        eprintln!("skipped: {DATA_VARIABLE} names no dataset");
        return;
    };
    let folder = tempdir().unwrap();
    let manifest = fs::read_to_string(Path::new(&data).join("manifest.csv")).unwrap();
    // Coarse labels are wrong more often than one in twenty as it is.
    let is_kept = |(number, line): &(usize, &str)| *number == 0 || !line.contains(",votes,");
    let kept = manifest.lines().enumerate().filter(is_kept).map(|(_, line)| format!("{line}\n"));
    fs::write(folder.path().join("manifest.csv"), kept.collect::<String>()).unwrap();
    std::os::unix::fs::symlink(fs::canonicalize(Path::new(&data).join("images")).unwrap(), folder.path().join("images")).unwrap();
    let recipe = env::var(RECIPE_VARIABLE).unwrap();
    let found = found_in_the_first_tenth(folder.path(), &["--folds", "3", "--recipe", &recipe]);
    assert!(found >= 0.8, "{found}");
}
