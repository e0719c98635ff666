//! What renders can be relied on for, on the plain head that needs no kit.

use std::{collections::BTreeSet, fs, path::Path, sync::atomic::AtomicBool};

use glam::Vec3;
use smielfy_vision::{BoundingBox, RgbImage, crop_resize};
use tempfile::tempdir;

use super::{
    anatomy::Anatomy,
    camera::{Camera, Placement},
    head::{Head, Skull},
    light::{Lamp, Lighting},
    material::Material,
    mesh::{Body, Surface},
    render::render,
    *,
};
use crate::{
    dataset::{Dataset, Scene, SceneDataset, SmileyDataset, Split},
    frames::Source,
};

fn synth(params: SynthParams) -> Synth {
    Synth::new(Kit::ellipsoid(), Poses::default(), vec![], params)
}

fn params() -> FolderParams {
    FolderParams { count: 20, seed: 3, split: Split::Train, only: vec![] }
}

fn expression(weights: &[(&str, f32)]) -> Expression {
    let mut expression = Expression::default();
    weights.iter().for_each(|(name, weight)| expression.weights[shape_index(name).unwrap()] = *weight);
    expression
}

/// Landmarks of the mean head in an expression.
fn landmarks(weights: &[(&str, f32)]) -> [Vec3; 68] {
    let kit = Kit::ellipsoid();
    let anatomy = Anatomy::new(&kit);
    let skull = Skull::new(&kit, &anatomy, &[], 1.0, kit.skin_len);
    Head::new(&kit, &anatomy, &skull, &expression(weights)).landmarks(&kit)
}

#[test]
fn a_seed_is_a_picture() {
    let synth = synth(SynthParams::default());
    let first = synth.picture(1);
    assert_eq!(first, synth.picture(1));
    assert_ne!(first.image, synth.picture(2).image);
    assert_ne!(first.identity, synth.picture(2).identity, "everybody is somebody else");
    let wink = synth.picture_of("wink", 1).unwrap();
    assert_eq!((wink.smiley.as_str(), &wink.identity), ("wink", &first.identity));
    assert_eq!(synth.picture_of("no such pose", 1), None);
}

#[test]
fn the_face_square_and_the_landmarks_lie_in_the_picture() {
    let synth = synth(SynthParams { size_px: 120, context: 1.5, ..SynthParams::default() });
    for seed in 0..40 {
        let Picture { image, face, landmarks, .. } = synth.picture(seed);
        assert_eq!(image.dimensions(), (120, 120));
        assert!(face.x >= 0.0 && face.y >= 0.0 && face.x + face.side <= 120.0 && face.y + face.side <= 120.0, "{face:?}");
        assert!((120.0 / face.side / 1.5).ln().abs() < 0.1, "{face:?}");
        // A tongue or a turned head may carry a landmark a little out of the square.
        let near = face.jittered(1.25, 0.0, 0.0);
        for [x, y] in landmarks {
            let inside = (near.x..near.x + near.side).contains(&x) && (near.y..near.y + near.side).contains(&y);
            assert!(inside, "seed {seed}: {x}, {y} is not in {near:?}");
        }
    }
}

#[test]
fn mirrored_movements_have_mirrored_landmarks() {
    for name in ["mouthSmile", "eyeBlink", "browAngry", "cheekBalloon", "noseSneer"] {
        let [left, right] = ["_L", "_R"].map(|side| landmarks(&[(&format!("{name}{side}"), 1.0)]));
        // Corners of the mouth, brows, eyes: left and right partners.
        for (a, b) in [(48, 54), (60, 64), (17, 26), (21, 22), (37, 44), (36, 45), (31, 35)] {
            let mirrored = left[a] * Vec3::new(-1.0, 1.0, 1.0);
            assert!(mirrored.distance(right[b]) < 0.02, "{name}: {mirrored} and {}", right[b]);
        }
    }
}

#[test]
fn a_symmetric_head_covers_symmetric_pixels() {
    let kit = Kit::ellipsoid();
    let anatomy = Anatomy::new(&kit);
    let head = Head::new(&kit, &anatomy, &Skull::new(&kit, &anatomy, &[], 1.0, kit.skin_len), &Expression::default());
    let placement = Placement { attitude: camera::Attitude::default(), position: Vec3::new(0.0, -3.0, -60.0) };
    let turn = placement.head();
    let body = Body {
        positions: head.places.iter().map(|place| placement.place(&turn, *place)).collect(),
        normals: head.normals,
        coords: anatomy.rest[..kit.skin_len].into(),
        surfaces: vec![Surface { triangles: kit.skin.as_slice().into(), material: Material::plain([0.5; 3]), two_sided: false }],
    };
    let camera = Camera { focal_px: 150.0, center: (40.0, 40.0) };
    let lamp = Lamp { direction: Vec3::Z, color: Vec3::ONE };
    let exposure = render(&[body], &camera, &Lighting { lamps: vec![lamp], sky: Vec3::ZERO, ground: Vec3::ZERO }, 80, 80);
    assert!(exposure.coverage.iter().filter(|covered| **covered == 1.0).count() > 800, "the head fills the picture");
    let at = |x: usize, y: usize| (exposure.coverage[y * 80 + x], exposure.light[y * 80 + x].x);
    let pixels = || (0..80).flat_map(|y| (0..40).map(move |x| (x, y)));
    let uneven = pixels().filter(|(x, y)| (at(*x, *y).0 - at(79 - x, *y).0).abs() > 0.26).count();
    assert_eq!(uneven, 0, "edges differ by a sample at most");
    let darkness = |x: usize, y: usize| (at(x, y).1 - at(79 - x, y).1).abs();
    assert!(pixels().filter(|(x, y)| darkness(*x, *y) > 0.1).count() < 16, "light from the front is even");
}

#[test]
fn shapes_of_our_own_do_what_their_names_say() {
    let rest = landmarks(&[]);
    let angry = landmarks(&[("browAngry_L", 1.0), ("browAngry_R", 1.0)]);
    assert!(rest[21].y - angry[21].y > 0.3 && rest[22].y - angry[22].y > 0.3, "inner brows come down");
    assert!(angry[21].x > rest[21].x && angry[22].x < rest[22].x, "and together");
    let sealed = landmarks(&[("lipsIn", 1.0)]);
    assert!(sealed[51].z < rest[51].z - 0.2 && sealed[57].z < rest[57].z - 0.2, "lips go in");
    let kit = Kit::ellipsoid();
    let anatomy = Anatomy::new(&kit);
    let skull = Skull::new(&kit, &anatomy, &[], 1.0, kit.skin_len);
    let width = |weights: &[(&str, f32)]| {
        let head = Head::new(&kit, &anatomy, &skull, &expression(weights));
        let cheek = head.places.iter().filter(|place| (-4.0..-2.0).contains(&place.y) && place.z > 4.0);
        cheek.map(|place| place.x).fold(f32::MIN, f32::max)
    };
    assert!(width(&[("cheekBalloon_L", 1.0)]) > width(&[]) + 0.3, "a cheek full of air is wider");
    let with_tongue = |out: f32| parts::tongue(&rest, &expression(&[("tongueOut", out)]), Vec3::ONE);
    assert!(with_tongue(0.0).is_none());
    let tip = with_tongue(1.0).unwrap().positions.iter().map(|place| place.y).fold(f32::MAX, f32::min);
    assert!(tip < rest[57].y - 1.0, "the tongue hangs over the lower lip");
}

#[test]
fn faces_are_cut_out_on_black_where_wanted() {
    let synth = synth(SynthParams { cut_out_share: 1.0, ..SynthParams::default() });
    let Picture { image, face, .. } = synth.picture(5);
    let (x, y) = face.center();
    assert_eq!(image.get_pixel(0, 0).0, [0; 3]);
    assert_eq!(image.get_pixel((face.x + 2.0) as u32, (face.y + 2.0) as u32).0, [0; 3], "corners of the square too");
    assert_ne!(image.get_pixel(x as u32, y as u32).0, [0; 3]);
}

#[test]
fn shares_of_none_are_kept() {
    let labels = |none_share: f32| {
        let synth = synth(SynthParams { none_share, size_px: 16, ..SynthParams::default() });
        (0..60).filter(|seed| synth.picture(*seed).smiley == NONE).count()
    };
    assert_eq!((labels(0.0), labels(1.0)), (0, 60));
    assert!((10..50).contains(&labels(0.5)), "{}", labels(0.5));
}

/// All files below a folder with their bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() { found.extend(files(&path)) } else { found.push((name, fs::read(path).unwrap())) }
    }
    found.sort();
    found
}

#[test]
fn a_folder_has_the_same_bytes_whatever_the_number_of_threads() {
    let folder = tempdir().unwrap();
    let write = |threads: usize| {
        let out = folder.path().join(threads.to_string());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let synth = synth(SynthParams::default());
        pool.install(|| write_folder(&synth, &out, &params(), &AtomicBool::new(false), || ())).unwrap();
        files(&out)
    };
    let alone = write(1);
    assert_eq!(alone.len(), 22, "20 pictures, a manifest and the truth");
    assert!(alone == write(3), "files differ");
}

#[test]
fn a_folder_is_a_dataset_with_the_truth() {
    let folder = tempdir().unwrap();
    let synth = synth(SynthParams { none_share: 0.5, ..SynthParams::default() });
    let stop = AtomicBool::new(false);
    write_folder(&synth, folder.path(), &params(), &stop, || ()).unwrap();
    let dataset = SmileyDataset::load(folder.path()).unwrap();
    assert_eq!(dataset.samples().len(), 20);
    let truth = fs::read_to_string(folder.path().join("truth.jsonl")).unwrap();
    let truth: Vec<serde_json::Value> = truth.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (sample, truth) in dataset.samples().iter().zip(&truth) {
        assert_eq!((sample.source.as_str(), sample.split, sample.width), ("rendered", Split::Train, 96));
        assert_eq!((truth["file"].as_str(), truth["smiley"].as_str()), (Some(&*sample.file), Some(&*sample.smiley)));
        assert_eq!(truth["landmarks"].as_array().unwrap().len(), 68);
        assert!(!truth["blendshapes"].as_object().unwrap().is_empty());
        let again = synth.picture(truth["seed"].as_u64().unwrap());
        assert_eq!((again.face, again.smiley), (sample.face, sample.smiley.clone()), "the seed makes the same picture");
        assert_eq!(sample.load(dataset.root()).unwrap().dimensions(), (96, 96));
    }
    let error = write_folder(&synth, folder.path(), &params(), &stop, || ()).unwrap_err().to_string();
    assert!(error.contains("holds a dataset already"), "{error}");
}

#[test]
fn an_interrupted_folder_is_a_smaller_dataset() {
    let folder = tempdir().unwrap();
    let stop = AtomicBool::new(false);
    let wanted = FolderParams { count: 10_000, ..params() };
    let on_picture = || stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let synth = synth(SynthParams { size_px: 16, ..SynthParams::default() });
    let summary = write_folder(&synth, folder.path(), &wanted, &stop, on_picture).unwrap();
    assert!(summary.pictures < 100, "{summary:?}");
    let dataset = SmileyDataset::load(folder.path()).unwrap();
    assert_eq!(dataset.samples().len() as u64, summary.pictures);
    assert!(dataset.samples().iter().all(|sample| sample.load(dataset.root()).is_ok()));
}

#[test]
fn only_the_wanted_smileys_are_rendered_in_turn() {
    let folder = tempdir().unwrap();
    let wanted = |only: &[&str]| FolderParams { only: only.iter().map(|id| (*id).to_owned()).collect(), ..params() };
    let synth = synth(SynthParams { size_px: 16, ..SynthParams::default() });
    let stop = AtomicBool::new(false);
    let error = write_folder(&synth, folder.path(), &wanted(&["wnik"]), &stop, || ()).unwrap_err().to_string();
    assert!(error.contains("no pose `wnik`") && error.contains("wink"), "{error}");
    write_folder(&synth, folder.path(), &wanted(&["wink", "kiss"]), &stop, || ()).unwrap();
    let dataset = SmileyDataset::load(folder.path()).unwrap();
    let labels: Vec<&str> = dataset.samples().iter().map(|sample| sample.smiley.as_str()).collect();
    assert_eq!(labels[..4], ["wink", "kiss", "wink", "kiss"]);
}

#[test]
fn scenes_are_a_dataset_whose_faces_lie_apart() {
    let folder = tempdir().unwrap();
    let synth = synth(SynthParams { frame_px: (200, 150), ..SynthParams::default() });
    write_scenes(&synth, folder.path(), &params(), &AtomicBool::new(false), || ()).unwrap();
    assert!(matches!(Dataset::load(folder.path()).unwrap(), Dataset::Scenes(_)));
    let dataset = SceneDataset::load(folder.path()).unwrap();
    assert_eq!((dataset.scenes().len(), dataset.repairs().len()), (20, 0));
    let faces: usize = dataset.scenes().iter().map(|scene| scene.faces.len()).sum();
    assert!(faces > 15, "{faces} faces in 20 scenes");
    for scene in dataset.scenes() {
        assert_eq!(scene.load(dataset.root()).unwrap().dimensions(), (200, 150));
        for (index, face) in scene.faces.iter().enumerate() {
            assert!(face.side >= 20.0, "{face:?}");
            assert!(BoundingBox::centered(100.0, 75.0, 200.0 + face.side).containment(face) > 0.85, "{face:?}");
            assert!(scene.faces[index + 1..].iter().all(|other| face.iou(other) == 0.0));
        }
    }
}

#[test]
fn a_stress_set_has_a_face_for_each_way_to_be_hard() {
    let folder = tempdir().unwrap();
    let synth = synth(SynthParams { frame_px: (160, 120), ..SynthParams::default() });
    let conditions = synth.conditions(&["wink".to_owned()]).len();
    let params = FolderParams { count: 2 * conditions as u64, only: vec!["wink".into()], ..params() };
    write_stress(&synth, folder.path(), &params, &AtomicBool::new(false), || ()).unwrap();
    let dataset = SceneDataset::load(folder.path()).unwrap();
    let of = |source: &str| dataset.scenes().iter().filter(|scene| scene.source == source).collect::<Vec<_>>();
    let brightness = |source: &str| {
        let face = |scene: &&Scene| crop_resize(&scene.load(dataset.root()).unwrap(), scene.faces[0], 8);
        of(source).iter().flat_map(|scene| face(scene).into_raw()).map(f64::from).sum::<f64>() / (2.0 * 192.0)
    };
    assert!(dataset.scenes().iter().all(|scene| scene.faces.len() == 1));
    let names: BTreeSet<&str> = dataset.scenes().iter().map(|scene| scene.source.as_str()).collect();
    assert_eq!(names.len(), conditions, "{names:?}");
    assert!(of("close-up").iter().all(|scene| scene.faces[0].side > 0.7 * 120.0));
    assert!(of("small").iter().all(|scene| scene.faces[0].side < 42.0));
    assert!(brightness("dark") < brightness("wink") && brightness("wink") < brightness("glaring"));
}

#[test]
fn a_clip_moves_and_its_truth_has_a_line_a_frame() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("clip.mp4");
    let synth = synth(SynthParams { frame_px: (96, 64), ..SynthParams::default() });
    let params = ClipParams { seed: 2, smileys: vec!["grin".into(), "wink".into()], guest: true };
    let truth = write_clip(&synth, &path, &params, &AtomicBool::new(false), |_| ()).unwrap();
    let frames: Vec<_> = Source::open(&path).unwrap().map(|frame| frame.unwrap()).collect();
    let truth = fs::read_to_string(truth).unwrap();
    let truth: Vec<serde_json::Value> = truth.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(frames.len(), truth.len());
    for (frame, truth) in frames.iter().zip(&truth) {
        assert!((frame.time.as_secs_f64() - truth["time_s"].as_f64().unwrap()).abs() < 1e-3);
    }
    let count = |truth: &serde_json::Value| truth["faces"].as_array().unwrap().len();
    assert_eq!((count(&truth[0]), count(truth.last().unwrap())), (1, 1));
    assert_eq!(truth.iter().map(count).max(), Some(2), "the guest comes in and leaves");
    let of_host: Vec<&str> = truth.iter().map(|frame| frame["faces"][0]["smiley"].as_str().unwrap()).collect();
    assert!(["grin", "wink", "none"].iter().all(|smiley| of_host.contains(smiley)));
    let difference = |a: &RgbImage, b: &RgbImage| a.iter().zip(b.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
    assert!(difference(&frames[0].image, &frames[30].image) > 2000, "people move");
}

#[test]
fn a_sheet_has_a_row_a_pose_and_one_for_none() {
    let sheet = contact_sheet(&synth(SynthParams { size_px: 20, ..SynthParams::default() }), 3, 1);
    assert_eq!(sheet.height(), 18 * 22 + 2);
}
