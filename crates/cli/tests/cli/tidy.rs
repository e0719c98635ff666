//! Rules of the house that a compiler does not check.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{root, smielfy};

/// Lines of the longest file; the style asks for 200 and reasons above 400.
const MAX_LINES: usize = 600;

/// Licenses that ask for no more than a notice.
const PERMISSIVE: [&str; 12] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "BSL-1.0",
    "CC0-1.0",
];

/// Crates under other licenses, each with its reason.
///
/// `colored` comes with Burn's tensors. Its copyleft is per file, and none of its files is changed here.
const EXCEPTIONS: [(&str, &str); 1] = [("colored", "MPL-2.0")];

fn rust_files() -> Vec<PathBuf> {
    let output = Command::new("git").args(["ls-files", "*.rs"]).current_dir(root()).output().unwrap();
    let files = String::from_utf8(output.stdout).unwrap();
    let files: Vec<PathBuf> = files.lines().map(|file| root().join(file)).filter(|file| file.exists()).collect();
    assert!(files.len() > 40, "git names the files");
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn every_file_says_what_it_is_and_is_not_too_long() {
    for file in rust_files() {
        let text = read(&file);
        assert!(text.starts_with("//! "), "{} does not begin with what it is", file.display());
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", file.display());
    }
}

#[test]
fn stages_do_not_reach_behind_themselves() {
    let stage = |name: &str| root().join("crates/smielfy/src").join(name);
    for (folder, forbidden) in [
        ("recognize", ["crate::dataset", "crate::augment", "crate::synth", "crate::train", "crate::evaluate"].as_slice()),
        ("faces", &["crate::dataset", "crate::train", "crate::recognize", "crate::frames"]),
        ("dataset", &["crate::augment", "crate::train", "crate::recognize"]),
        ("augment", &["crate::train", "crate::dataset", "crate::faces", "crate::synth"]),
        ("synth", &["crate::train", "crate::recognize", "crate::faces", "crate::annotate"]),
        ("annotate", &["crate::recognize", "crate::faces", "crate::train"]),
        ("label", &["crate::augment", "crate::train", "crate::synth", "crate::evaluate"]),
        ("frames", &["crate::faces", "crate::recognize", "crate::annotate", "crate::dataset"]),
    ] {
        for file in rust_files().iter().filter(|file| file.starts_with(stage(folder))) {
            let text = read(file);
            let reached = forbidden.iter().find(|module| text.contains(**module));
            assert!(reached.is_none(), "{} names {reached:?}", file.display());
        }
    }
}

#[test]
fn only_the_server_knows_web_database_and_store() {
    for name in ["vision", "nets", "smielfy", "cli"] {
        let manifest = read(&root().join("crates").join(name).join("Cargo.toml"));
        let known = ["axum", "sqlx", "object_store"].into_iter().find(|library| manifest.contains(library));
        assert_eq!(known, None, "crates/{name}");
    }
}

#[test]
fn all_licenses_are_permissive() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--edges=normal,build", "--prefix=none", "--format={p}|{l}", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(tree.lines().count() > 50, "cargo lists what is built: {}", String::from_utf8_lossy(&output.stderr));
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let (package, license) = line.trim_end_matches(" (*)").split_once('|').unwrap();
        let is_exception = EXCEPTIONS.iter().any(|(name, known)| package.starts_with(&format!("{name} v")) && license == *known);
        assert!(is_permissive(license) || is_exception, "{package}: license {license}");
    }
}

/// Whether an SPDX expression can be met with permissive licenses alone.
fn is_permissive(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let group = |group: &str| group.split(" OR ").any(|license| PERMISSIVE.contains(&license.trim_matches(['(', ')', ' '])));
    expression.split(" AND ").all(group)
}

#[test]
fn license_expressions() {
    for (expression, expected) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0", false),
        ("MIT AND MPL-2.0", false),
        ("none", false),
    ] {
        assert_eq!(is_permissive(expression), expected, "{expression}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in [
        "recognize",
        "detect",
        "train",
        "bench",
        "eval smileys",
        "eval faces",
        "dataset stats",
        "dataset verify",
        "dataset preview",
        "dataset release",
        "dataset import",
        "dataset doubts",
        "synth",
        "synth pack",
        "serve",
        "label",
    ] {
        let run = smielfy(command.split(' ').chain(["--help"]));
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains(&format!("smielfy {command} ")), "{command}: {}", run.stdout);
    }
}

#[test]
fn the_readme_and_the_ci_run_the_same_test_command() {
    let command = "cargo test --workspace";
    assert!(read(&root().join("README.md")).contains(command));
    assert!(read(&root().join(".ci/run")).lines().any(|line| line == command));
}
