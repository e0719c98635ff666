//! `synth pack` on OBJ files that the test writes.

use std::{fs, path::Path};

use smielfy::synth::{KIT_FILES, KIT_SHAPES, Kit, SHAPES};
use tempfile::tempdir;

use crate::support::smielfy;

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
