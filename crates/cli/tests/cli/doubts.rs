//! `dataset doubts`: labels that were flipped on purpose are found, among the first of the list, and fixed by key on its page.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{
    page::Page,
    support::{Numbers, emoticon_dataset, smielfy},
};

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

/// The label of each picture, as the manifest says.
fn labels(folder: &Path) -> BTreeMap<String, String> {
    let manifest = fs::read_to_string(folder.join("manifest.csv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].to_owned(), cells[1].to_owned())
    };
    manifest.lines().skip(1).map(row).collect()
}

/// The page that fixes the labels of a drawn dataset.
fn fixing(folder: &Path) -> Page {
    let runs = folder.join("runs");
    let arguments = ["dataset", "doubts", folder.to_str().unwrap(), "--fix", "--folds", "3", "--runs", runs.to_str().unwrap()];
    Page::start(arguments, &folder.join("doubts"))
}

fn doubts(page: &Page) -> Vec<Value> {
    page.json("api/doubts")["doubts"].as_array().unwrap().clone()
}

fn say(page: &Page, doubt: usize, label: &str) {
    let answer = page.act(&json!({ "do": "label", "doubt": doubt, "label": label }));
    assert_eq!(answer.status(), StatusCode::OK);
}

#[cfg(unix)]
#[test]
fn flipped_labels_are_found_and_fixed_by_key() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    emoticon_dataset(folder, 16, 4);
    let found = found_in_the_first_tenth(folder, &["--folds", "3"]);
    assert!(found >= 0.8, "{found}");

    let page = fixing(folder);
    page.check_guards(&["", "/api/doubts", "/pictures/0"]);
    let listed = doubts(&page);
    assert_eq!(listed.len(), 340);
    assert!(listed.is_sorted_by(|a, b| a["share"].as_f64() <= b["share"].as_f64()), "the most doubtful first");
    let flipped: BTreeMap<String, String> = labels(folder);
    let file = |doubt: usize| listed[doubt]["file"].as_str().unwrap();
    let truth = |doubt: usize| file(doubt).rsplit_once('-').unwrap().0;
    let picture = page.client.get(format!("{}/pictures/0", page.address)).send().unwrap();
    assert!(smielfy_vision::decode(&picture.bytes().unwrap()).is_ok());
    for doubt in 0..34 {
        say(&page, doubt, truth(doubt));
    }
    drop(page); // by SIGKILL
    let fixed = labels(folder);
    assert!((0..34).all(|doubt| fixed[file(doubt)] == truth(doubt)), "each key is in the manifest at once");
    let wrong = |labels: &BTreeMap<String, String>| labels.iter().filter(|(file, label)| !file.starts_with(*label)).count();
    assert!(wrong(&flipped) == 17 && wrong(&fixed) <= 3, "{} of 17 are wrong", wrong(&fixed));

    fs::remove_dir_all(folder.join("runs")).unwrap();
    let page = fixing(folder);
    assert!(!folder.join("runs").exists(), "nothing is learned again");
    let again = doubts(&page);
    assert!(again.iter().zip(&listed).all(|(now, before)| now["file"] == before["file"] && now["share"] == before["share"]));
    assert!((0..34).all(|doubt| again[doubt]["answered"]["label"] == truth(doubt)));
    say(&page, 34, "unusable");
    say(&page, 35, "none");
    assert_eq!(page.act(&json!({ "do": "undo" })).status(), StatusCode::OK);
    let nonsense = [(json!({ "do": "label", "doubt": 340, "label": "grin" }), StatusCode::NOT_FOUND)];
    let nonsense = nonsense.into_iter().chain([
        (json!({ "do": "label", "doubt": 0, "label": "sneeze" }), StatusCode::NOT_FOUND),
        (json!({ "do": "dance" }), StatusCode::BAD_REQUEST),
    ]);
    nonsense.for_each(|(action, status)| assert_eq!(page.act(&action).status(), status, "{action}"));
    assert_eq!(page.client.get(format!("{}/pictures/340", page.address)).send().unwrap().status(), StatusCode::NOT_FOUND);
    let said = page.end();
    assert!(said.contains("1 pictures left out"), "{said}");
    assert_eq!(labels(folder).len(), 339);
    let stats = smielfy(["dataset", "stats", folder.to_str().unwrap()]);
    assert_eq!(stats.code, 0, "recipes can read it: {}", stats.stderr);

    let manifest = fs::read_to_string(folder.join("manifest.csv")).unwrap();
    fs::write(folder.join("manifest.csv"), manifest.replace("eye", "I")).unwrap();
    let changed = smielfy(["dataset", "doubts", folder.to_str().unwrap(), "--fix"]);
    assert!(changed.code == 2 && changed.stderr.contains("doubt them anew"), "{}", changed.stderr);
}

#[test]
fn labels_are_not_fixed_where_nothing_may_be_changed() {
    let folder = tempdir().unwrap();
    emoticon_dataset(folder.path(), 1, 0);
    let manifest = folder.path().join("manifest.csv");
    let mut permissions = fs::metadata(&manifest).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&manifest, permissions).unwrap();
    let run = smielfy(["dataset", "doubts", folder.path().to_str().unwrap(), "--fix"]);
    assert!(run.code == 2 && run.stderr.contains("smielfy dataset import"), "{}", run.stderr);
    let names: Vec<PathBuf> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(names.len(), 2, "nothing is written: {names:?}");
}

#[test]
fn flipped_labels_of_the_dataset_that_is_named_are_found() {
    let Some(data) = env::var_os(DATA_VARIABLE) else {
        eprintln!("skipped: {DATA_VARIABLE} names no dataset");
        return;
    };
    let recipe = env::var(RECIPE_VARIABLE).unwrap();
    // With and without coarse labels, which are wrong more often than one in twenty as it is.
    for left_out in [None, Some(",votes,")] {
        let folder = tempdir().unwrap();
        let manifest = fs::read_to_string(Path::new(&data).join("manifest.csv")).unwrap();
        let is_kept = |line: &&str| left_out.is_none_or(|origin| !line.contains(origin));
        let kept = manifest.lines().filter(is_kept).map(|line| format!("{line}\n"));
        fs::write(folder.path().join("manifest.csv"), kept.collect::<String>()).unwrap();
        let images = fs::canonicalize(Path::new(&data).join("images")).unwrap();
        std::os::unix::fs::symlink(images, folder.path().join("images")).unwrap();
        let found = found_in_the_first_tenth(folder.path(), &["--folds", "3", "--recipe", &recipe]);
        assert!(found >= 0.8, "{found} without {left_out:?}");
    }
}
