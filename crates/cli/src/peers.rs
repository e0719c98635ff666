//! Other programs that do the same job, run beside this one on the same frames.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};
use serde::Deserialize;
use smielfy::evaluate::{SpeedFigures, Times};

/// A peer that a folder of peers may hold, and what of smielfy does the same.
pub struct Peer {
    /// Its name, the first argument of the folder's `run`.
    pub name: &'static str,
    /// What it is compared with.
    pub like: fn(&SpeedFigures) -> Times,
}

/// All peers that are known: two detectors of faces at one picture a time, and landmarks with blendshapes for pictures and for video.
pub const PEERS: [Peer; 4] = [
    Peer { name: "yunet320", like: |figures| figures.detection },
    Peer { name: "mp_detector", like: |figures| figures.detection },
    Peer { name: "mp_landmarker", like: |figures| figures.picture },
    Peer { name: "mp_landmarker_video", like: |figures| figures.video },
];

/// What a peer says of itself at the end of a run.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct PeerTimes {
    /// Median processor milliseconds a frame, decoding left out.
    pub cpu_p50: f64,
    /// The 95th percentile of the same.
    pub cpu_p95: f64,
    /// Megabytes of memory at most.
    pub peak_rss_mb: f64,
}

/// The last line of a peer's output.
#[derive(Deserialize)]
struct LastLine {
    summary: PeerTimes,
}

/// Runs a peer on a folder of pictures: `FOLDER/run NAME PICTURES OUT.jsonl` writes a line a picture and a last one about all.
///
/// # Errors
/// It cannot be started, fails, or says nothing of its times.
pub fn measure(folder: &Path, name: &str, pictures: &Path) -> anyhow::Result<PeerTimes> {
    let script = folder.join("run");
    let out: PathBuf = pictures.with_extension(format!("{name}.jsonl"));
    let run = Command::new(&script).arg(name).arg(pictures).arg(&out).output();
    let run = run.with_context(|| format!("cannot run `{}`", script.display()))?;
    if !run.status.success() {
        bail!("`{} {name}` failed: {}", script.display(), String::from_utf8_lossy(&run.stderr).trim());
    }
    let text = fs::read_to_string(&out).with_context(|| format!("`{} {name}` wrote no results", script.display()))?;
    let last = text.lines().last().unwrap_or_default();
    let line: LastLine =
        serde_json::from_str(last).with_context(|| format!("`{} {name}` ends without a summary", script.display()))?;
    Ok(line.summary)
}
