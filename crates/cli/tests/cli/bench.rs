//! `bench`: the table, the peers and the line that is added.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use tempfile::tempdir;

use crate::support::{demo, smielfy};

/// A folder of peers in which one is at home, which takes 4 ms a frame and counts the pictures that it is given.
fn peers(folder: &Path) {
    let script = "#!/bin/sh\n[ $1 = yunet320 ] || { echo not here >&2; exit 1; }\nls $2 | wc -l > \"$(dirname $0)/pictures\"\n\
                  echo '{\"summary\":{\"cpu_p50\":4.0,\"cpu_p95\":5.0,\"peak_rss_mb\":60}}' > $3\n";
    fs::write(folder.join("run"), script).unwrap();
    fs::set_permissions(folder.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn stages_are_timed_and_peers_run_beside() {
    let folder = tempdir().unwrap();
    peers(folder.path());
    let table = folder.path().join("speed.csv");
    let pictures: Vec<_> = (1..=2).map(|number| demo(number).0).collect();
    for _ in 0..2 {
        let mut arguments = vec!["bench".as_ref(), pictures[0].as_os_str(), pictures[1].as_os_str(), "--json".as_ref()];
        arguments.extend(["--peers".as_ref(), folder.path().as_os_str(), "--turns".as_ref(), "1".as_ref()]);
        arguments.extend(["--append".as_ref(), table.as_os_str()]);
        let run = smielfy(arguments);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains("mp_landmarker is left out") && run.stderr.contains("not here"), "{}", run.stderr);
        let bench = &run.json()[0];
        assert_eq!((&bench["frames"], &bench["input"]), (&2.into(), &"demo-1.jpg demo-2.jpg".into()));
        let ratio = bench["detection"]["median_ms"].as_f64().unwrap() / 4.0;
        assert_eq!(bench["peers"][0]["name"], "yunet320");
        assert!((bench["peers"][0]["ratio"].as_f64().unwrap() - ratio).abs() < 1e-6, "{bench}");
        assert!(bench["peers"][1].is_null(), "the others are not there");
    }
    assert_eq!(fs::read_to_string(folder.path().join("pictures")).unwrap().trim(), "2");
    let lines = fs::read_to_string(&table).unwrap();
    assert_eq!(lines.lines().count(), 3, "a head and two lines: {lines}");
    assert!(lines.starts_with("commit,machine,input,width,height,frames,faces,pyramid_ms,first_stage_ms,"), "{lines}");
}

#[test]
fn without_input_the_built_in_clip_is_measured() {
    let run = smielfy(["bench", "--frames", "3"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("3 frames of built-in (640x480"), "{}", run.stdout);
    for line in ["pyramid", "first stage", "second stage", "calibration", "vote", "a frame of a video"] {
        assert!(run.stdout.contains(&format!("\n{line} ")), "{line}: {}", run.stdout);
    }
    let run = smielfy(["bench", "nowhere.mp4"]);
    assert!(run.code == 2 && run.stderr.contains("nowhere.mp4"), "{}", run.stderr);
}
