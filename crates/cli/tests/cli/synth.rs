//! `synth` on a plain head built in code, and `synth pack` on OBJ files that the test writes.

use std::{fs, path::Path};

use smielfy::dataset::SmileyDataset;
use smielfy::synth::{KIT_FILES, KIT_SHAPES, Kit, SHAPES};
use smielfy_nets::Weights;
use tempfile::{TempDir, tempdir};

use crate::support::{Run, command, emoticon_dataset, read_picture, root, smielfy};

/// As many vertices as the landmarks of ICT-FaceKit need.
const SKIN: usize = 6471;
const NOTICE: &str = "MIT License\n\nCopyright (c) 2020 USC Institute for Creative Technologies\n";

/// OBJ files as ICT-FaceKit has them, of a head that is one point with two eyes; its first vertex differs between files.
fn write_kit(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let rest = "v 0 0 0\n".repeat(SKIN - 1);
    let corners: Vec<String> = (1..=SKIN).map(|vertex| format!("{vertex}/1")).collect();
    let corners = corners.join(" ");
    let eyes = "usemtl M_ScleraLeft\nf 6472 6473 6474\nusemtl M_ScleraRight\nf 6475 6476 6477\n";
    let modes = (0..KIT_FILES - 1 - KIT_SHAPES).map(|mode| format!("identity{mode:03}"));
    let names = ["generic_neutral_mesh".to_owned()].into_iter().chain(modes);
    for (name, number) in names.chain(SHAPES[..KIT_SHAPES].iter().map(|name| (*name).to_owned())).zip(0..) {
        let eye = |x: i32| format!("v {x} 3 8\nv {} 3 8\nv {x} 4 8\n", x + 1);
        let mesh = format!("v 0 {number}.5 0\n{rest}{}{}usemtl M_Face\nf {corners}\n{eyes}", eye(3), eye(-4));
        fs::write(folder.join(format!("{name}.obj")), mesh).unwrap();
    }
}

#[test]
fn pack_makes_a_kit_of_a_folder_with_its_license() {
    let folder = tempdir().unwrap();
    let (inner, out) = (folder.path().join("ICT-FaceKit/FaceXModel"), folder.path().join("kit.safetensors"));
    write_kit(&inner);
    let pack = || smielfy(["synth".as_ref(), "pack".as_ref(), inner.as_os_str(), "-o".as_ref(), out.as_os_str()]);

    let run = pack();
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in ["6477 vertices, 6471 triangles, 60 modes of identity, 57 blendshapes", "no `LICENSE`"] {
        assert!(run.stdout.contains(part), "{}", run.stdout);
    }
    assert_eq!(Kit::load(&out).unwrap(), Kit::load(&inner).unwrap(), "the folder serves as well");

    fs::write(folder.path().join("ICT-FaceKit/LICENSE"), NOTICE).unwrap();
    for _again in 0..2 {
        assert!(pack().stdout.contains("LICENSE`: the notice"));
        assert_eq!(fs::read_to_string(folder.path().join("LICENSE")).unwrap(), NOTICE);
    }

    fs::write(folder.path().join("LICENSE"), "of something else").unwrap();
    assert!(pack().stdout.contains("kit.LICENSE`: the notice"));
    assert_eq!(fs::read_to_string(folder.path().join("LICENSE")).unwrap(), "of something else");
    assert_eq!(fs::read_to_string(folder.path().join("kit.LICENSE")).unwrap(), NOTICE);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "no temporary file is left");
}

#[test]
fn pack_refuses_what_is_no_kit_and_says_where_one_gets_it() {
    let folder = tempdir().unwrap();
    let (kit, file, out) = (folder.path().join("kit"), folder.path().join("file"), folder.path().join("out"));
    write_kit(&kit);
    fs::remove_file(kit.join("identity050.obj")).unwrap();
    fs::write(&file, "v 0 0 0").unwrap();
    for (input, expected) in [
        (folder.path().join("nowhere").as_path(), "no head kit at"),
        (&file, "not a folder"),
        (folder.path(), "lacks `generic_neutral_mesh.obj`, `identity000.obj`, `identity001.obj` and 115 more"),
        (&kit, "lacks `identity050.obj`"),
    ] {
        let run = smielfy(["synth".as_ref(), "pack".as_ref(), input.as_os_str(), "-o".as_ref(), out.as_os_str()]);
        assert_eq!(run.code, 2, "{}", run.stdout);
        assert!(run.stderr.contains(expected) && run.stderr.contains("https://github.com/"), "{expected}: {}", run.stderr);
        assert!(!out.exists());
    }

    write_kit(&kit);
    fs::write(kit.join("jawOpen.obj"), "v 0 0 0\nv 0 zero 0\n").unwrap();
    let run = smielfy(["synth".as_ref(), "pack".as_ref(), kit.as_os_str(), "-o".as_ref(), out.as_os_str()]);
    assert!(run.stderr.contains("jawOpen.obj`: line 2: `zero` is not a number; copy it anew"), "{}", run.stderr);
}

#[test]
fn the_ellipsoid_is_a_kit_file() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ellipsoid");
    fs::write(&file, Kit::ellipsoid_file()).unwrap();
    assert_eq!(Kit::load(&file).unwrap(), Kit::ellipsoid());
}

/// A folder with a packed kit of the plain head.
fn with_kit() -> TempDir {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("kit"), Kit::ellipsoid_file()).unwrap();
    folder
}

/// `synth` with the kit of `folder`, in that folder.
fn synth(folder: &TempDir, arguments: &[&str]) -> Run {
    let mut command = command(["synth", "--kit", "kit"].iter().chain(arguments));
    let output = command.current_dir(folder.path()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn renders_are_a_sound_dataset_and_the_same_again() {
    let folder = with_kit();
    for out in ["a", "b"] {
        let run = synth(&folder, &["-n", "40", "--seed", "5", "-o", out]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stdout.contains(": 40 pictures"), "{}", run.stdout);
    }
    let manifest = |out: &str| fs::read_to_string(folder.path().join(out).join("manifest.csv")).unwrap();
    assert_eq!(manifest("a"), manifest("b"));
    let dir = folder.path().join("a");
    let verify = smielfy(["dataset".as_ref(), "verify".as_ref(), dir.as_os_str(), "--json".as_ref()]);
    assert_eq!((verify.code, &verify.json()[0]["errors"]), (0, &0.into()), "{}", verify.stdout);

    let again = synth(&folder, &["-n", "1", "-o", "a"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("holds a dataset already"), "{}", again.stderr);
}

#[test]
fn what_is_chosen_is_seen_in_the_pictures() {
    let folder = with_kit();
    let run = synth(&folder, &["-n", "4", "-o", "a", "--cut-out", "1", "--none", "1", "--size", "40", "--context", "2"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let dataset = SmileyDataset::load(&folder.path().join("a")).unwrap();
    assert_eq!(dataset.samples().len(), 4);
    for sample in dataset.samples() {
        let picture = sample.load(dataset.root()).unwrap();
        assert_eq!((sample.smiley.as_str(), picture.width()), ("none", 40));
        assert!((17.0..23.0).contains(&sample.face.side), "half of the picture: {}", sample.face.side);
        assert!(picture.get_pixel(1, 1).0.iter().all(|value| *value < 16), "the surroundings are cut off");
    }
}

#[test]
fn sheets_clips_and_scenes_are_written() {
    let folder = with_kit();
    let sheet = synth(&folder, &["--sheet", "sheet.png", "--per-pose", "2", "--size", "32"]);
    assert_eq!(sheet.code, 0, "{}", sheet.stderr);
    assert!(read_picture(&folder.path().join("sheet.png")).height() > 18 * 32);

    let clip = synth(&folder, &["--clip", "clip.mp4", "--only", "grin", "--frame", "96x64"]);
    assert_eq!(clip.code, 0, "{}", clip.stderr);
    let truth = fs::read_to_string(folder.path().join("clip.jsonl")).unwrap();
    let path = folder.path().join("clip.mp4");
    let seen = smielfy(["recognize".as_ref(), path.as_os_str(), "--json".as_ref()]);
    assert_eq!(seen.json().len(), truth.lines().count(), "{}", seen.stderr);

    let scenes = synth(&folder, &["--scenes", "-n", "4", "-o", "scenes", "--frame", "160x120"]);
    assert_eq!(scenes.code, 0, "{}", scenes.stderr);
    let dir = folder.path().join("scenes");
    let stats = smielfy(["dataset".as_ref(), "stats".as_ref(), dir.as_os_str(), "--json".as_ref()]);
    assert_eq!(stats.json()[0]["pictures"], 4, "{}", stats.stdout);
}

#[test]
fn what_cannot_be_rendered_is_said_with_the_remedy() {
    let folder = with_kit();
    fs::write(folder.path().join("bad.toml"), "[[pose]]\nid = \"puffed\"\nlayers = [{ shapes = { cheekPuf = [0, 1] } }]\n")
        .unwrap();
    let cases: [(&[&str], &str); 6] = [
        (&["-n", "3"], "give a folder by `-o DIR`"),
        (&["--sheet", "sheet.txt"], "must end in .png"),
        (&["-o", "x", "--only", "wnik"], "no pose `wnik`"),
        (&["-o", "x", "--poses", "bad.toml"], "cheekPuff"),
        (&["-o", "x", "--poses", "gone.toml"], "cannot read poses `gone.toml`"),
        (&["-o", "x", "--backgrounds", "gone"], "gone"),
    ];
    for (arguments, expected) in cases {
        let run = synth(&folder, arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stdout);
        assert!(run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
    }
    for arguments in [["synth", "-o", "x"].as_slice(), &["synth", "--kit", "gone", "-o", "x"]] {
        let run = smielfy(arguments);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains("ICT-FaceKit"), "where one gets a kit: {}", run.stderr);
    }
}

#[test]
fn a_smiley_of_ones_own_is_rendered() {
    let folder = with_kit();
    let own = "[[pose]]\nid = \"puffed\"\nlayers = [{ shapes = { cheekBalloon = [0.6, 1.2] } }]\n";
    fs::write(folder.path().join("own.toml"), own).unwrap();
    let run = synth(&folder, &["-n", "3", "-o", "own", "--poses", "own.toml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let manifest = fs::read_to_string(folder.path().join("own/manifest.csv")).unwrap();
    assert_eq!(manifest.lines().filter(|line| line.contains(",puffed,")).count(), 3, "{manifest}");
}

#[test]
fn a_net_trains_on_faces_that_are_rendered_for_it() {
    let folder = with_kit();
    emoticon_dataset(&folder.path().join("data"), 1, 1);
    let tiny = fs::read_to_string(root().join("recipes/tiny.toml")).unwrap();
    let renders = "\n[task.smileys.renders]\nshare = 1.0\nfrom = { kit = \"kit\" }\n\n[schedule]";
    let recipe = tiny.replace("epochs = 24", "epochs = 1").replace("windows_per_epoch = 3072", "windows_per_epoch = 128");
    let recipe = recipe.replace("../shared/data/smileys", "data").replace("\n[schedule]", renders);
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    let output = command(["train", "recipe.toml"]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let weights = Weights::from_bytes(&fs::read(folder.path().join("runs/tiny/tiny.safetensors")).unwrap()).unwrap();
    assert_eq!(weights.card.sources, ["rendered"], "the photos of the folder were not trained on");
    assert!(weights.card.data.contains_key("renders") && weights.card.data.contains_key("data"), "{:?}", weights.card.data);
}
