//! `train` on pictures that the test draws.

use std::{fs, io::Read, process::Stdio, time::Duration};

use smielfy_nets::Weights;
use tempfile::tempdir;

use crate::support::{command, emoticon_dataset, root, smielfy};

/// Epochs of the short recipe.
const EPOCHS: usize = 3;

fn short_recipe() -> String {
    let tiny = fs::read_to_string(root().join("recipes/tiny.toml")).unwrap();
    tiny.replace("epochs = 24", &format!("epochs = {EPOCHS}")).replace("windows_per_epoch = 3072", "windows_per_epoch = 512")
}

#[test]
fn the_tiny_recipe_learns_to_read_emoticons() {
    let folder = tempdir().unwrap();
    let (data, runs) = (folder.path().join("data"), folder.path().join("runs"));
    emoticon_dataset(&data, 12, 4);
    let recipe = root().join("recipes/tiny.toml");
    let arguments =
        ["train".as_ref(), recipe.as_os_str(), "--data".as_ref(), data.as_os_str(), "--runs".as_ref(), runs.as_os_str()];
    let run = smielfy(arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);

    let weights = Weights::from_bytes(&fs::read(runs.join("tiny/tiny.safetensors")).unwrap()).unwrap();
    assert_eq!(weights.card.labels.len(), 17);
    assert!(weights.card.metrics["valid.top1"] > 0.6, "{:?}", weights.card.metrics);
    assert_eq!(weights.card.sources, ["drawn"]);
    let log = fs::read_to_string(runs.join("tiny/epochs.csv")).unwrap();
    assert!(log.starts_with("epoch,learning_rate,train_loss") && log.lines().count() > 2, "{log}");
    assert!(fs::read_to_string(runs.join("tiny/curves.svg")).unwrap().contains("<polyline"));

    let file = runs.join("tiny/tiny.safetensors");
    let arguments =
        ["eval", "smileys", data.to_str().unwrap(), "--weights", file.to_str().unwrap(), "--split", "valid", "--json"];
    let figures = &smielfy(arguments).json()[0];
    assert!(figures["top1"].as_f64().unwrap() > 0.4, "the shipped form names them too: {figures}");
}

#[test]
fn an_interrupted_run_ends_as_an_uninterrupted_one() {
    let folder = tempdir().unwrap();
    let (data, recipe) = (folder.path().join("data"), folder.path().join("short.toml"));
    emoticon_dataset(&data, 3, 2);
    fs::write(&recipe, short_recipe()).unwrap();
    let arguments = |runs: &str| {
        let runs = folder.path().join(runs);
        ["train".into(), recipe.clone(), "--data".into(), data.clone(), "--runs".into(), runs]
    };
    assert_eq!(smielfy(arguments("whole")).code, 0);

    // Killed once it has ended its first epoch, as its log tells.
    let mut child = command(arguments("cut")).stderr(Stdio::piped()).spawn().unwrap();
    let log = folder.path().join("cut/tiny/epochs.csv");
    while !log.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    child.wait().unwrap();
    assert!(log.exists(), "{told}");
    let resumed = smielfy(arguments("cut"));
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);

    let weights = |runs: &str| {
        let file = folder.path().join(runs).join("tiny/tiny.safetensors");
        Weights::from_bytes(&fs::read(file).unwrap()).unwrap().tensor_hash()
    };
    assert_eq!(weights("whole"), weights("cut"));
    let rows = |runs: &str| {
        let log = fs::read_to_string(folder.path().join(runs).join("tiny/epochs.csv")).unwrap();
        log.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rows("whole"), rows("cut"), "all but the minutes");
}

#[test]
fn a_running_mean_is_that_of_the_last_epoch() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    emoticon_dataset(&at("data"), 3, 2);
    fs::write(at("short.toml"), short_recipe()).unwrap();
    let paths = ["train".into(), at("short.toml"), "--data".into(), at("data"), "--runs".into(), at("runs")];
    // Steps so large that the net gets worse as well as better.
    let changes = ["--set", "optimizer.average=0.1", "--set", "schedule.learning_rate=0.3", "--set", "schedule.final_share=1"];
    let run = smielfy(paths.into_iter().chain(changes.map(Into::into)));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let weights = Weights::from_bytes(&fs::read(at("runs/tiny/tiny.safetensors")).unwrap()).unwrap();
    let log = fs::read_to_string(at("runs/tiny/epochs.csv")).unwrap();
    let last: Vec<f64> = log.lines().last().unwrap().split(',').map(|value| value.parse().unwrap()).collect();
    for (name, column) in [("valid.loss", 5), ("valid.top1", 6), ("valid.macro_top1", 7)] {
        assert!((weights.card.metrics[name] - last[column]).abs() < 1e-4, "{name}: {log}");
    }
}

#[test]
fn another_recipe_does_not_go_on_from_a_checkpoint() {
    let folder = tempdir().unwrap();
    let (data, recipe, runs) = (folder.path().join("data"), folder.path().join("short.toml"), folder.path().join("runs"));
    emoticon_dataset(&data, 1, 1);
    fs::write(&recipe, short_recipe().replace("epochs = 3", "epochs = 1")).unwrap();
    let arguments = ["train".into(), recipe.clone(), "--data".into(), data, "--runs".into(), runs];
    assert_eq!(smielfy(&arguments).code, 0);
    fs::write(&recipe, short_recipe().replace("seed = 1", "seed = 2")).unwrap();
    let run = smielfy(&arguments);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("another recipe"), "{}", run.stderr);
}

#[test]
fn a_recipe_goes_on_from_what_another_made() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    emoticon_dataset(&at("data"), 2, 2);
    let first = short_recipe();
    let start = format!("name = \"second\"\nstart = {:?}", at("runs/tiny/tiny.safetensors"));
    fs::write(at("first.toml"), &first).unwrap();
    fs::write(at("second.toml"), first.replace("name = \"tiny\"", &start)).unwrap();
    let arguments = |change: &str| {
        let paths = [at("first.toml"), at("second.toml"), "--data".into(), at("data"), "--runs".into(), at("runs")];
        ["train".into()].into_iter().chain(paths).chain(["--set".into(), change.into()]).collect::<Vec<_>>()
    };
    let run = smielfy(arguments("epochs = 1"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let weights = |name: &str| Weights::from_bytes(&fs::read(at(&format!("runs/{name}/{name}.safetensors"))).unwrap()).unwrap();
    assert_eq!(weights("second").card.data["start tiny"], weights("tiny").tensor_hash());
    assert!(weights("second").card.recipe.contains("epochs = 1"), "what --set changed is in the card");

    let run = smielfy(arguments("net.input = 24"));
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("another recipe"), "{}", run.stderr);
    fs::remove_dir_all(at("runs/second")).unwrap();
    for (filters, code) in [("filters = 8", 2), ("filters = 20", 0)] {
        fs::write(at("second.toml"), first.replace("name = \"tiny\"", &start).replace("filters = 16", filters)).unwrap();
        let run = smielfy(arguments("epochs = 1"));
        assert_eq!(run.code, code, "{}", run.stderr);
        assert_eq!(run.stderr.contains("`tiny` to start from are of another net"), code == 2, "{}", run.stderr);
    }
}
