//! Sessions from the outside: what labellers say, kills, reopening, and the dataset that comes out.

use std::{fs, path::Path};

use smielfy_vision::{PictureFormat, RgbImage, encode};

use super::*;
use crate::{
    dataset::{SmileyDataset, Split},
    smileys::Smileys,
};

fn open_as(folder: &Path, labeller: &str) -> Session {
    let params = SessionParams { folder: folder.to_owned(), labeller: labeller.into(), smileys: Smileys::default() };
    Session::open(params).unwrap()
}

/// A file that stands for a clip: only its content counts.
fn clip_file(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, name).unwrap();
    path
}

/// A stretch of three pictures, ten frames apart, of a face that stands still.
fn found(clip: &str, track: u64, first: u64) -> FoundStretch {
    let id = format!("{clip}-{track}-{first}");
    let moment = |frame: u64| Moment { frame, time_s: frame as f64 / 10.0 };
    let square = Square { x: 20.0, y: 20.0, side: 40.0 };
    let picture = |number: u64| {
        let moment = moment(first + 10 * number);
        FramePicture { file: format!("{id}-{}.jpg", moment.frame), moment, left: 10, top: 5, width: 64, height: 48, square }
    };
    let jpeg = encode(&RgbImage::new(64, 48), PictureFormat::Jpeg).unwrap();
    let stretch = Stretch {
        clip: clip.into(),
        track,
        first: moment(first),
        last: moment(first + 20),
        frames: 21,
        proposal: "wink".into(),
        share: 0.5,
        pictures: (0..3).map(picture).collect(),
        representative: 1,
        id,
    };
    FoundStretch { stretch, jpegs: vec![jpeg; 3] }
}

/// A session of two clips with a face each that pulls two poses.
fn session(folder: &Path, labeller: &str) -> (Session, Vec<String>) {
    let mut session = open_as(&folder.join("out"), labeller);
    for (track, name) in [(0, "a.mp4"), (3, "b.mp4")] {
        let (clip, _) = session.add_clip(&clip_file(folder, name)).unwrap();
        for first in [0, 100] {
            assert!(session.add(&found(&clip, track, first)).unwrap());
        }
    }
    let ids = session.stretches().iter().map(|stretch| stretch.id.clone()).collect();
    (session, ids)
}

fn label(stretch: &str, label: &str) -> Action {
    Action::Label { stretch: stretch.into(), label: label.into() }
}

fn answer(session: &Session, id: &str) -> Answered {
    session.answered(session.stretch(id).unwrap())
}

#[test]
fn what_was_said_survives_a_kill_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut session, ids) = session(folder.path(), "anna");
    session.act(label(&ids[0], "grin")).unwrap();
    assert_eq!(session.act(label(&ids[0], "kiss")).unwrap(), Some(ids[0].clone()));
    session.act(Action::Borders { stretch: ids[1].clone(), first: 105, last: 112 }).unwrap();
    drop(session);
    let mut log = fs::read(folder.path().join("out/labels.jsonl")).unwrap();
    log.extend(br#"{"by":"anna","at_m"#);
    fs::write(folder.path().join("out/labels.jsonl"), log).unwrap();

    let mut session = open_as(&folder.path().join("out"), "anna");
    assert_eq!(session.warnings().len(), 1);
    assert_eq!(session.stretches().len(), 4);
    assert_eq!(answer(&session, &ids[0]).label.as_deref(), Some("kiss"));
    assert_eq!((answer(&session, &ids[1]).first, answer(&session, &ids[1]).last), (105, 112));
    assert_eq!(session.act(Action::Undo).unwrap(), Some(ids[1].clone()));
    assert_eq!(session.act(Action::Undo).unwrap(), Some(ids[0].clone()));
    assert_eq!(answer(&session, &ids[0]).label.as_deref(), Some("grin"));
    assert_eq!(answer(&session, &ids[1]).last, 120);
}

#[test]
fn a_clip_is_known_by_its_content_and_stretches_are_not_taken_in_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (mut session, _) = session(folder.path(), "anna");
    let clip = session.clips()[0].id.clone();
    session.note(&clip, ClipState::Until(Start { frame: 80, track: 2 })).unwrap();
    drop(session);
    fs::rename(folder.path().join("a.mp4"), folder.path().join("moved.mp4")).unwrap();
    let mut session = open_as(&folder.path().join("out"), "anna");
    let known = session.add_clip(&folder.path().join("moved.mp4")).unwrap();
    assert_eq!(known, (clip.clone(), ClipState::Until(Start { frame: 80, track: 2 })));
    assert!(!session.add(&found(&clip, 2, 105)).unwrap(), "it is the second stretch of track 0");
    assert!(session.add(&found(&clip, 2, 130)).unwrap());
    session.note(&clip, ClipState::Done).unwrap();
    drop(session);
    let mut session = open_as(&folder.path().join("out"), "anna");
    assert_eq!(session.add_clip(&folder.path().join("moved.mp4")).unwrap().1, ClipState::Done);
}

#[test]
fn nonsense_is_refused_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut session, ids) = session(folder.path(), "anna");
    let id = ids[0].clone();
    let square = |frame, side| Action::Square { stretch: id.clone(), frame, square: Square { x: 0.0, y: 0.0, side } };
    let clip = session.clips()[0].id.clone();
    let name = |track, name: &str| Action::Name { clip: clip.clone(), track, name: name.into() };
    for (action, expected) in [
        (label("nothing", "grin"), "no stretch `nothing`"),
        (label(&id, "smirk"), "no smiley `smirk`"),
        (Action::Borders { stretch: id.clone(), first: 12, last: 3 }, "leave no picture"),
        (Action::Borders { stretch: id.clone(), first: 11, last: 13 }, "leave no picture"),
        (square(7, 10.0), "no picture of the frame `7`"),
        (square(10, 0.0), "side of at least a pixel"),
        (square(10, f32::NAN), "side of at least a pixel"),
        (name(9, "anna"), "no face"),
        (name(0, " "), "1 to 60 characters"),
    ] {
        let error = session.act(action.clone()).unwrap_err().to_string();
        assert!(error.contains(expected), "{action:?}: {error}");
    }
    let log = fs::read_to_string(folder.path().join("out/labels.jsonl")).unwrap();
    assert_eq!(log.lines().count(), 2, "the names that the program gave");
}

#[test]
fn one_program_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (_session, _) = session(folder.path(), "anna");
    let params = SessionParams { folder: folder.path().join("out"), labeller: "boris".into(), smileys: Smileys::default() };
    assert!(matches!(Session::open(params), Err(LabelError::InUse { .. })));
}

#[test]
fn a_foreign_dataset_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.csv"), "file\n").unwrap();
    let params = SessionParams { folder: folder.path().into(), labeller: "anna".into(), smileys: Smileys::default() };
    assert!(matches!(Session::open(params), Err(LabelError::Foreign { .. })));
}

/// File, label, person and split of each sample.
fn samples(folder: &Path) -> Vec<(String, String, String, Split)> {
    let dataset = SmileyDataset::load(folder).unwrap();
    let sample = |sample: &crate::dataset::SmileySample| {
        sample.load(folder).unwrap();
        (sample.file.clone(), sample.smiley.clone(), sample.group.clone(), sample.split)
    };
    dataset.samples().iter().map(sample).collect()
}

#[test]
fn the_dataset_has_a_row_a_stretch_and_follows_what_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (mut session, ids) = session(folder.path(), "anna");
    let out = folder.path().join("out");
    assert_eq!(write_dataset(&session, ExportParams::default()).unwrap(), 0);
    assert_eq!(samples(&out), []);
    for (id, said) in ids.iter().zip(["grin", "none", "wink", UNUSABLE]) {
        session.act(label(id, said)).unwrap();
    }
    assert_eq!(write_dataset(&session, ExportParams::default()).unwrap(), 3);
    let row = |id: &str, frame, said: &str, person: &str, split| (format!("{id}-{frame}.jpg"), said.into(), person.into(), split);
    let expected = [
        row(&ids[0], 10, "grin", "person-1", Split::Train),
        row(&ids[1], 110, "none", "person-1", Split::Train),
        row(&ids[2], 10, "wink", "person-2", Split::Valid),
    ];
    assert_eq!(samples(&out), expected);

    let clip = session.clips()[1].id.clone();
    session.act(Action::Name { clip, track: 3, name: "person-1".into() }).unwrap();
    session.act(Action::Borders { stretch: ids[0].clone(), first: 15, last: 20 }).unwrap();
    session.act(label(&ids[1], UNUSABLE)).unwrap();
    write_dataset(&session, ExportParams::default()).unwrap();
    let expected = [row(&ids[0], 20, "grin", "person-1", Split::Train), row(&ids[2], 10, "wink", "person-1", Split::Train)];
    assert_eq!(samples(&out), expected, "one person is in one split, pictures lie within the borders");
    assert_eq!(fs::read_dir(out.join("images")).unwrap().count(), 2, "what is not in the dataset is gone");

    let all = ExportParams { split: Some(Split::Test), extras: true };
    assert_eq!(write_dataset(&session, all).unwrap(), 4);
    assert!(samples(&out).iter().all(|(_, _, _, split)| *split == Split::Test));
}

#[test]
fn corrected_squares_are_in_the_dataset_in_the_pixels_of_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let (mut session, ids) = session(folder.path(), "anna");
    session.act(label(&ids[0], "grin")).unwrap();
    for (frame, x) in [(0, 20.0), (20, 28.0)] {
        session.act(Action::Square { stretch: ids[0].clone(), frame, square: Square { x, y: 20.0, side: 40.0 } }).unwrap();
    }
    write_dataset(&session, ExportParams::default()).unwrap();
    let dataset = SmileyDataset::load(&folder.path().join("out")).unwrap();
    let face = dataset.samples()[0].face;
    assert!((face.x - 14.0).abs() < 1e-3 && (face.y - 15.0).abs() < 1e-3 && (face.side - 40.0).abs() < 1e-3, "{face:?}");
    assert_eq!(answer(&session, &ids[0]).keys, [0, 20]);
}

#[test]
fn labellers_are_compared_and_the_dataset_has_what_most_of_them_say() {
    let folder = tempfile::tempdir().unwrap();
    let (mut session, ids) = session(folder.path(), "anna");
    let say = |session: &mut Session, labels: [&str; 4]| {
        ids.iter().zip(labels).for_each(|(id, said)| drop(session.act(label(id, said)).unwrap()));
    };
    say(&mut session, ["grin", "wink", "kiss", "none"]);
    assert_eq!(agreement(&session), []);
    drop(session);
    let mut session = open_as(&folder.path().join("out"), "boris");
    assert_eq!(answer(&session, &ids[0]).label, None, "labellers do not see each other's answers");
    say(&mut session, ["grin", "wink", "kiss", "grin"]);
    let [compared] = &agreement(&session)[..] else { panic!("one pair") };
    assert_eq!((compared.first.as_str(), compared.second.as_str(), compared.stretches), ("anna", "boris", 4));
    assert_eq!(compared.agreement, 0.75);
    assert!((compared.kappa - (0.75 - 0.25) / 0.75).abs() < 1e-9, "{compared:?}");
    let [Disagreement { stretch, clip, first, second, .. }] = &compared.disagreements[..] else { panic!("one") };
    assert_eq!([stretch.as_str(), clip, first, second], [ids[3].as_str(), "b.mp4", "none", "grin"]);
    assert_eq!(write_dataset(&session, ExportParams::default()).unwrap(), 3, "where they do not agree, nobody knows");
}
