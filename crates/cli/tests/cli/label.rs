//! `smielfy label` from the first frame to the dataset, with a script in the place of the person.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use smielfy_vision::BoundingBox;
use tempfile::tempdir;

use crate::{
    page::Page,
    support::{bounds, root, smielfy},
};

/// Folder of further rendered clips with their truth, for the figures in `results/label.csv`.
const CLIPS_VARIABLE: &str = "SMIELFY_LABEL_CLIPS";

/// What a practised person takes to see what a face does, and to press a key, in seconds: the operators M and K of the keystroke-level
/// model (Card, Moran and Newell 1980).
const LOOK_S: f64 = 1.35;
const KEY_S: f64 = 0.28;

/// How long the analysis of a test's clips may take: other tests run beside it.
const PATIENCE: Duration = Duration::from_mins(10);

/// A running `smielfy label`.
struct Label(Page);

impl Label {
    fn start(clips: &[PathBuf], out: &Path, more: &[&str]) -> Self {
        let fixed = ["label".as_ref(), "-o".as_ref(), out.as_os_str()];
        let clips = clips.iter().map(|clip| clip.as_os_str());
        Self(Page::start(fixed.into_iter().chain(clips).chain(more.iter().map(OsStr::new)), out))
    }

    fn session(&self) -> Value {
        self.0.json("api/session")
    }

    fn stretches(&self) -> Vec<Value> {
        self.session()["stretches"].as_array().unwrap().clone()
    }

    /// Waits until the analysis is done, and gives the stretches.
    fn analyzed(&self) -> Vec<Value> {
        let start = Instant::now();
        while self.session()["progress"]["is_done"] != true {
            assert!(start.elapsed() < PATIENCE, "the analysis does not end");
            thread::sleep(Duration::from_millis(200));
        }
        self.stretches()
    }

    fn label(&self, stretch: &Value, label: &str) {
        let answer = self.0.act(&json!({ "do": "label", "stretch": stretch["id"], "label": label }));
        assert_eq!(answer.status(), StatusCode::OK);
    }

    /// Ends it as Ctrl-C does.
    #[cfg(unix)]
    fn end(self) {
        self.0.end();
    }
}

fn demo_clip() -> PathBuf {
    root().join("assets/demo.mp4")
}

/// The truth about each frame of a clip: the square, the person and the smiley of each face.
fn truth(clip: &Path) -> Vec<Vec<(BoundingBox, u64, String)>> {
    let text = fs::read_to_string(clip.with_extension("jsonl")).unwrap();
    let face = |face: &Value| (bounds(face), face["person"].as_u64().unwrap(), face["smiley"].as_str().unwrap().to_owned());
    let frame = |line: &str| {
        let frame: Value = serde_json::from_str(line).unwrap();
        frame["faces"].as_array().unwrap().iter().map(face).collect()
    };
    text.lines().map(frame).collect()
}

/// The person and the true smiley at the picture that stands for a stretch, if it shows a face at all.
fn true_answer(stretch: &Value, truth: &[Vec<(BoundingBox, u64, String)>]) -> Option<(u64, String)> {
    let picture = &stretch["pictures"][stretch["representative"].as_u64().unwrap() as usize];
    let square = bounds(&picture["square"]);
    let faces = &truth[picture["frame"].as_u64().unwrap() as usize];
    let (_, person, smiley) = faces.iter().find(|(face, ..)| face.iou(&square) > 0.3)?;
    Some((*person, smiley.clone()))
}

/// Whether two stretches show one face at one time.
fn is_same(one: &Value, other: &Value) -> bool {
    let frame = |stretch: &Value, key: &str| stretch[key]["frame"].as_u64().unwrap();
    let square = |stretch: &Value| bounds(&stretch["pictures"][0]["square"]);
    let overlap = frame(one, "first") <= frame(other, "last") && frame(other, "first") <= frame(one, "last");
    one["clip"] == other["clip"] && overlap && square(one).iou(&square(other)) > 0.3
}

/// The files in a folder with what is in them.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// How a script labeled.
#[derive(Debug, Default)]
struct Tally {
    stretches: usize,
    accepted: usize,
    frames: usize,
    right: usize,
    waits_s: f64,
}

impl Tally {
    /// Seconds that a practised person takes for this.
    fn seconds(&self) -> f64 {
        self.stretches as f64 * (LOOK_S + KEY_S) + self.waits_s
    }

    fn per_hour(&self, count: usize) -> f64 {
        3600.0 * count as f64 / self.seconds()
    }
}

/// Answers truthfully, the least certain first, and counts.
fn label_truthfully(label: &Label, clips: &[PathBuf]) -> Tally {
    let mut stretches = label.analyzed();
    stretches.sort_by(|a, b| a["share"].as_f64().unwrap().total_cmp(&b["share"].as_f64().unwrap()));
    let session = label.session();
    let name = |id: &Value| session["clips"].as_array().unwrap().iter().find(|clip| clip["id"] == *id).unwrap()["name"].clone();
    let truths: BTreeMap<String, _> =
        clips.iter().map(|clip| (clip.file_name().unwrap().to_string_lossy().into_owned(), truth(clip))).collect();
    let mut tally = Tally::default();
    for stretch in &stretches {
        let truth = &truths[name(&stretch["clip"]).as_str().unwrap()];
        let answer = true_answer(stretch, truth);
        let (person, said) = answer.clone().map_or((None, "unusable".to_owned()), |(person, said)| (Some(person), said));
        let start = Instant::now();
        label.label(stretch, &said);
        tally.waits_s += start.elapsed().as_secs_f64();
        tally.stretches += 1;
        tally.accepted += usize::from(stretch["proposal"] == said);
        let number = |key: &str| stretch[key]["frame"].as_u64().unwrap() as usize;
        let is_right =
            |faces: &&Vec<(BoundingBox, u64, String)>| faces.iter().any(|face| Some(face.1) == person && face.2 == said);
        tally.frames += number("last") + 1 - number("first");
        tally.right += truth[number("first")..=number("last")].iter().filter(is_right).count();
    }
    tally
}

#[cfg(unix)]
#[test]
fn a_truthful_script_labels_right_and_fast_and_what_comes_out_trains() {
    let mut clips = vec![demo_clip()];
    if let Some(folder) = env::var_os(CLIPS_VARIABLE) {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        clips.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "mp4")));
    }
    let folder = tempdir().unwrap();
    let out = folder.path().join("faces");
    let label = Label::start(&clips, &out, &[]);
    let tally = label_truthfully(&label, &clips);
    eprintln!(
        "clips {}, stretches {}, proposals accepted {}, frames {}, right {:.4}, waits {:.1} s, stretches an hour {:.0}, frames an hour {:.0}",
        clips.len(),
        tally.stretches,
        tally.accepted,
        tally.frames,
        tally.right as f64 / tally.frames as f64,
        tally.waits_s,
        tally.per_hour(tally.stretches),
        tally.per_hour(tally.frames)
    );
    assert!(tally.stretches >= 12 && tally.per_hour(tally.stretches) >= 1500.0, "{tally:?}");
    assert!(tally.right as f64 >= 0.98 * tally.frames as f64, "{tally:?}");
    label.end();

    let out = out.to_str().unwrap();
    let verify = smielfy(["dataset", "verify", out, "--json"]);
    assert_eq!(verify.code, 0, "{}{}", verify.stdout, verify.stderr);
    assert!(verify.json()[0]["pictures"].as_u64().unwrap() as usize >= tally.stretches - 2);
}

#[cfg(unix)]
#[test]
fn a_kill_loses_nothing_and_the_dataset_trains() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("faces");
    let second = folder.path().join("second.mp4");
    // Another clip by its content, as an empty box is added; the truth of its frames is the same.
    fs::write(&second, [fs::read(demo_clip()).unwrap().as_slice(), b"\0\0\0\x08free"].concat()).unwrap();
    let clips = [demo_clip(), second];

    let label = Label::start(&clips, &out, &["--labeller", "anna"]);
    let start = Instant::now();
    while label.stretches().len() < 3 {
        assert!(start.elapsed() < PATIENCE, "no stretches come");
        thread::sleep(Duration::from_millis(50));
    }
    let before = label.stretches();
    for stretch in &before[..3] {
        label.label(stretch, "grin");
    }
    drop(label); // by SIGKILL

    let label = Label::start(&clips, &out, &["--labeller", "anna"]);
    let after = label.analyzed();
    for (number, stretch) in before.iter().enumerate() {
        let now = after.iter().find(|now| now["id"] == stretch["id"]).unwrap();
        let expected = if number < 3 { json!("grin") } else { Value::Null };
        assert_eq!((&now["answered"]["label"], &now["pictures"]), (&expected, &stretch["pictures"]));
    }
    for (number, one) in after.iter().enumerate() {
        assert!(!after[number + 1..].iter().any(|other| is_same(one, other)), "no stretch is there twice: {one}");
    }
    let truth = truth(&demo_clip());
    after
        .iter()
        .for_each(|stretch| label.label(stretch, &true_answer(stretch, &truth).map_or("unusable".into(), |(_, said)| said)));
    label.end();

    let analysis = files(&out.join("clips"));
    let label = Label::start(&clips, &out, &["--labeller", "boris"]);
    assert_eq!(label.analyzed().len(), after.len());
    assert_eq!(files(&out.join("clips")), analysis, "nothing is analyzed again: each section would be noted");
    after
        .iter()
        .for_each(|stretch| label.label(stretch, &true_answer(stretch, &truth).map_or("unusable".into(), |(_, said)| said)));
    label.label(&after[0], "scream");
    label.end();
    let compared = smielfy(["label", "--compare", out.to_str().unwrap(), "--json"]);
    assert_eq!(compared.code, 0, "{}", compared.stderr);
    let pair = &compared.json()[0];
    assert_eq!((&pair["first"], &pair["second"], &pair["stretches"]), (&json!("anna"), &json!("boris"), &json!(after.len())));
    assert_eq!(pair["disagreements"].as_array().unwrap().len(), 1);

    let runs = folder.path().join("runs");
    let recipe = root().join("recipes/tiny.toml");
    let arguments = ["train", recipe.to_str().unwrap(), "--data", out.to_str().unwrap(), "--runs", runs.to_str().unwrap()];
    let train = smielfy(arguments.into_iter().chain(["--set", "epochs=1", "--set", "windows_per_epoch=64"]));
    assert_eq!(train.code, 0, "{}", train.stderr);
}

#[test]
fn nobody_gets_in_without_the_token_and_nonsense_is_refused() {
    let folder = tempdir().unwrap();
    let label = Label::start(&[demo_clip()], &folder.path().join("faces"), &[]);
    label.0.check_guards(&["", "/api/session", "/frames/a.jpg"]);
    for file in ["..%2flabels.jsonl", "nothing.jpg", "%2e%2e"] {
        let answer = label.0.client.get(format!("{}/frames/{file}", label.0.address)).send().unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{file}");
    }
    let unknown = label.0.act(&json!({ "do": "label", "stretch": "nothing", "label": "grin" }));
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert_eq!(label.0.act(&json!({ "do": "dance" })).status(), StatusCode::BAD_REQUEST);
}

#[test]
fn what_cannot_be_labeled_is_told() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("out");
    let nothing = smielfy(["label", "no-such-file.mp4", "-o", out.to_str().unwrap()]);
    assert!(nothing.code == 2 && nothing.stderr.contains("no-such-file.mp4"), "{}", nothing.stderr);
    let nobody = smielfy(["label", "--compare", folder.path().to_str().unwrap()]);
    assert!(nobody.code == 2 && nobody.stderr.contains("nobody has labeled"), "{}", nobody.stderr);
    let broken = folder.path().join("broken.mp4");
    fs::write(&broken, "not a video").unwrap();
    let label = Label::start(&[broken], &out, &[]);
    assert_eq!(label.analyzed(), Vec::<Value>::new());
    assert!(label.session()["progress"]["problems"][0].as_str().unwrap().contains("broken.mp4"));
}
