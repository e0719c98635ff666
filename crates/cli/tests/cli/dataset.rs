//! `dataset` and `eval` on datasets that the tests make.

use std::{ffi::OsStr, fmt::Write, fs, path::Path};

use tempfile::tempdir;

use crate::support::{demo, emoticon_dataset, read_picture, smielfy};

#[test]
fn stats_verify_and_preview_of_a_sound_dataset() {
    let folder = tempdir().unwrap();
    emoticon_dataset(folder.path(), 2, 1);
    let dir = folder.path().to_str().unwrap();

    let stats = smielfy(["dataset", "stats", dir, "--json"]);
    assert_eq!(stats.code, 0, "{}", stats.stderr);
    assert_eq!(stats.json()[0]["pictures"], 51);

    let verify = smielfy(["dataset", "verify", dir, "--json"]);
    assert_eq!(verify.json()[0]["pictures"], 51, "{}", verify.stderr);

    let (plain, varied) = (folder.path().join("plain.png"), folder.path().join("varied.png"));
    for (out, augment) in [(&plain, None), (&varied, Some("--augment"))] {
        let arguments = ["dataset", "preview", dir, "--per-class", "3", "-o", out.to_str().unwrap()];
        assert_eq!(smielfy(arguments.into_iter().chain(augment)).code, 0);
    }
    assert_eq!(read_picture(&plain).dimensions(), read_picture(&varied).dimensions());
    assert_ne!(read_picture(&plain), read_picture(&varied));
}

#[test]
fn groups_that_straddle_splits_are_refused() {
    let folder = tempdir().unwrap();
    emoticon_dataset(folder.path(), 1, 1);
    let manifest = fs::read_to_string(folder.path().join("manifest.csv")).unwrap();
    fs::write(folder.path().join("manifest.csv"), manifest.replace("wink-0.png,train", "wink-1.png,train")).unwrap();
    let run = smielfy(["dataset", "stats", folder.path().to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("straddle") && run.stderr.contains("wink-1.png"), "{}", run.stderr);
}

#[test]
fn several_datasets_become_one_unless_a_group_would_straddle_splits() {
    let folder = tempdir().unwrap();
    let [one, two, other, out] = ["one", "two", "other", "out"].map(|name| folder.path().join(name));
    emoticon_dataset(&one, 1, 1);
    emoticon_dataset(&two, 1, 1);
    emoticon_dataset(&other, 2, 1);
    let import = |second: &Path| {
        let folders = [one.as_os_str(), second.as_os_str(), "-o".as_ref(), out.as_os_str()];
        smielfy(["dataset", "import"].map(OsStr::new).into_iter().chain(folders))
    };
    let refused = import(&other);
    assert!(refused.code == 2 && refused.stderr.contains("17 groups straddle splits"), "{}", refused.stderr);
    let imported = import(&two);
    assert!(imported.code == 0 && imported.stdout.starts_with("68 pictures"), "{}{}", imported.stdout, imported.stderr);
    assert!(imported.stdout.contains("34 of them renamed"), "{}", imported.stdout);
    assert_eq!(smielfy(["dataset".as_ref(), "verify".as_ref(), out.as_os_str()]).code, 0);
}

#[test]
fn eval_smileys_prints_one_object_with_all_figures() {
    let folder = tempdir().unwrap();
    emoticon_dataset(folder.path(), 1, 1);
    let run = smielfy(["eval", "smileys", folder.path().to_str().unwrap(), "--split", "valid", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let [figures] = &run.json()[..] else { panic!("one line: {}", run.stdout) };
    assert_eq!(figures["n"], 17);
    for key in ["top1", "top3", "macro_top1", "ece"] {
        assert!((0.0..=1.0).contains(&figures[key].as_f64().unwrap()), "{key}: {figures}");
    }
    assert_eq!(figures["per_class"].as_object().unwrap().len(), 17);
    assert_eq!(figures["per_class"]["wink"]["n"], 1);

    let report = folder.path().join("new/report");
    let table = folder.path().join("new/answers.csv");
    let mut arguments = vec!["eval", "smileys", folder.path().to_str().unwrap(), "--report", report.to_str().unwrap()];
    arguments.extend(["--predictions", table.to_str().unwrap()]);
    assert_eq!(smielfy(arguments).code, 0);
    let table = fs::read_to_string(table).unwrap();
    assert!(table.starts_with("file,smiley,answer,share,neutral,") && table.lines().count() == 1 + 2 * 17, "{table}");
    let page = fs::read_to_string(report.join("index.html")).unwrap();
    assert!(page.contains("<h1>") && page.contains("By source"), "{page}");

    let none = smielfy(["eval", "smileys", folder.path().to_str().unwrap(), "--split", "test"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("no samples match"), "{}", none.stderr);
}

#[test]
fn eval_smileys_moves_the_squares_and_takes_the_literal_vote_on_request() {
    let folder = tempdir().unwrap();
    emoticon_dataset(folder.path(), 1, 1);
    let path = folder.path().join("manifest.csv");
    let manifest = fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = manifest.lines().filter(|line| line.starts_with("file,") || line.starts_with("wink-0")).collect();
    fs::write(&path, kept.join("\n")).unwrap();
    let run = smielfy(["eval", "smileys", folder.path().to_str().unwrap(), "--jitter", "--literal", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let figures = &run.json()[0];
    assert_eq!(figures["n"], 1, "{figures}");
    assert!((0.0..=1.0).contains(&figures["jitter"]["vote_changes"].as_f64().unwrap()), "{figures}");
    assert_eq!(figures["literal"]["agreement"], 1.0, "{figures}");
    assert!(figures["literal"]["mean_difference"].as_f64().unwrap() < 0.01, "{figures}");
}

#[test]
fn eval_faces_prints_one_object_with_all_figures() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("images")).unwrap();
    let mut manifest = "file,split,source,width,height,x,y,side\n".to_owned();
    for number in 1..=4 {
        let (picture, faces) = demo(number);
        let name = format!("{number}.jpg");
        fs::copy(picture, folder.path().join("images").join(&name)).unwrap();
        for (_, square) in faces {
            writeln!(manifest, "{name},valid,rendered,0,0,{},{},{}", square.x, square.y, square.side).unwrap();
        }
    }
    fs::write(folder.path().join("manifest.csv"), manifest).unwrap();
    let run = smielfy(["eval", "faces", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let figures = &run.json()[0];
    assert_eq!((&figures["images"], &figures["faces"]), (&4.into(), &10.into()));
    for key in ["recall", "precision", "ap", "recall_iou30", "precision_iou30"] {
        assert!((0.0..=1.0).contains(&figures[key].as_f64().unwrap()), "{key}: {figures}");
    }
    assert_eq!(figures["recall_iou30"], 1.0, "{figures}");
}
