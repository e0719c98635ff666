//! `smielfy bench`: how fast the pipeline is here, alone and beside its peers.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use smielfy::{
    evaluate::{SpeedFigures, StageSpeed, Times, measure_speed},
    frames::Source,
    process::{Input, InputError, expand},
    recognize::{Recognizer, RecognizerParams},
};
use smielfy_vision::{PictureFormat, RgbImage, encode};

use crate::{
    models::{DetectorArguments, ModelArguments},
    peers::{self, PEERS, Peer, PeerTimes},
    progress::{bar, causes, print},
};

/// The clip of two rendered people that stands in the README.
const DEMO: &[u8] = include_bytes!("../../../assets/demo.mp4");

/// Measure how fast smiley recognition is on this machine, stage by stage, on one thread, in processor time without decoding.
#[derive(Args)]
#[command(after_help = "Examples:
  smielfy bench                              a built-in clip
  smielfy bench clip.mp4 --peers ../peers    beside each peer that the folder's `run` knows, in turns
  smielfy bench party/ --json                pictures of your own
  smielfy bench clip.mp4 --threads 2         on two threads")]
pub struct BenchArguments {
    /// Pictures, videos or folders of them; a built-in clip of rendered people where none is given.
    input: Vec<PathBuf>,
    /// Frames to use: the first ones, as following faces needs frames that follow each other.
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=2000))]
    frames: u32,
    /// Folder with a program `run`: `run PEER PICTURES OUT.jsonl` measures a peer. Those that are not there are left out.
    #[arg(long, value_name = "DIR")]
    peers: Option<PathBuf>,
    /// Turns of smielfy and of each peer, of which the median counts.
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    turns: u32,
    /// Table to which a line is added.
    #[arg(long, value_name = "FILE.csv")]
    append: Option<PathBuf>,
    /// What the line says of itself.
    #[arg(long, value_name = "TEXT", default_value = "", requires = "append")]
    notes: String,
    /// Print one object of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    models: ModelArguments,
    #[command(flatten)]
    detector: DetectorArguments,
}

/// All that was measured.
#[derive(Serialize)]
struct Bench {
    machine: String,
    commit: String,
    input: String,
    width: u32,
    height: u32,
    #[serde(flatten)]
    figures: SpeedFigures,
    peak_memory_mb: Option<f64>,
    peers: Vec<PeerFigures>,
}

/// A peer beside smielfy.
#[derive(Serialize)]
struct PeerFigures {
    name: &'static str,
    #[serde(flatten)]
    times: Times,
    peak_memory_mb: f64,
    /// Smielfy's time over the peer's, turn by turn: the median.
    ratio: f64,
}

pub fn run(arguments: &BenchArguments) -> anyhow::Result<ExitCode> {
    let frames = frames(&arguments.input, arguments.frames as usize)?;
    let mut models = arguments.models.models()?;
    models.threads = models.threads.or(Some(1));
    let params = RecognizerParams { detector: arguments.detector.params(), floor: None };
    let recognizer = Recognizer::new(&models, &arguments.models.smileys()?, params)?;
    let turns = if arguments.peers.is_some() { arguments.turns } else { 1 };
    let progress = bar(Some(u64::from(turns) * 2 * frames.len() as u64), "frames");
    let measure = || measure_speed(&recognizer, &frames, || progress.inc(1));
    let figures = measure()?;
    let peak_memory_mb = peak_memory_mb();
    let peers = match &arguments.peers {
        Some(folder) => beside_peers(folder, &frames, turns, figures.clone(), measure)?,
        None => vec![],
    };
    progress.finish_and_clear();
    let bench = Bench {
        machine: machine(),
        commit: commit(),
        input: input_name(&arguments.input),
        width: frames[0].width(),
        height: frames[0].height(),
        figures,
        peak_memory_mb,
        peers,
    };
    if let Some(path) = &arguments.append {
        append(path, &bench, &arguments.notes).with_context(|| format!("cannot add to `{}`", path.display()))?;
    }
    print(&if arguments.json { serde_json::to_string(&bench)? } else { table(&bench) })?;
    Ok(ExitCode::SUCCESS)
}

fn input_name(inputs: &[PathBuf]) -> String {
    let names: Vec<String> =
        inputs.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into()).collect();
    if names.is_empty() { "built-in".to_owned() } else { names.join(" ") }
}

/// The first `count` frames of the inputs, or of the built-in clip.
fn frames(inputs: &[PathBuf], count: usize) -> anyhow::Result<Vec<RgbImage>> {
    let folder = tempfile::tempdir()?;
    let mut inputs = inputs.to_vec();
    if inputs.is_empty() {
        inputs.push(folder.path().join("demo.mp4"));
        fs::write(&inputs[0], DEMO)?;
    }
    let sources = sources(&inputs)?;
    let images = sources.into_iter().flatten().take(count).map(|frame| Ok(frame?.image));
    let frames: Vec<RgbImage> = images.collect::<anyhow::Result<_>>()?;
    if frames.is_empty() {
        bail!("no frames to measure");
    }
    Ok(frames)
}

fn sources(inputs: &[PathBuf]) -> anyhow::Result<Vec<Source>> {
    let open = |input: Result<Input, InputError>| {
        let path = input?.path().context("standard input cannot be measured: give files")?;
        Ok(Source::open(&path)?)
    };
    expand(inputs).into_iter().map(open).collect()
}

/// Each peer that runs, in turns with smielfy on the same frames.
fn beside_peers<E>(
    folder: &Path,
    frames: &[RgbImage],
    turns: u32,
    first: SpeedFigures,
    measure: impl Fn() -> Result<SpeedFigures, E>,
) -> anyhow::Result<Vec<PeerFigures>>
where
    anyhow::Error: From<E>,
{
    let pictures = tempfile::tempdir()?;
    let inside = pictures.path().join("frames");
    fs::create_dir(&inside)?;
    for (number, frame) in frames.iter().enumerate() {
        fs::write(inside.join(format!("{number:06}.png")), encode(frame, PictureFormat::Png)?)?;
    }
    let mut rounds: Vec<Vec<Option<PeerTimes>>> = vec![];
    let mut own = vec![first];
    for turn in 0..turns {
        if turn > 0 {
            own.push(measure()?);
        }
        let of_peer = |peer: &Peer| match peers::measure(folder, peer.name, &inside) {
            Ok(times) => Some(times),
            Err(error) => {
                eprintln!("{} is left out: {}", peer.name, causes(&error));
                None
            }
        };
        rounds.push(PEERS.iter().map(of_peer).collect());
    }
    let figures = |(index, peer): (usize, &Peer)| {
        let times: Vec<PeerTimes> = rounds.iter().map(|round| round[index]).collect::<Option<_>>()?;
        let ratios = own.iter().zip(&times).map(|(own, times)| (peer.like)(own).median_ms / times.cpu_p50);
        Some(PeerFigures {
            name: peer.name,
            times: Times {
                median_ms: median(times.iter().map(|times| times.cpu_p50)),
                p95_ms: median(times.iter().map(|times| times.cpu_p95)),
            },
            peak_memory_mb: median(times.iter().map(|times| times.peak_rss_mb)),
            ratio: median(ratios),
        })
    };
    Ok(PEERS.iter().enumerate().filter_map(figures).collect())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Megabytes of memory that this process held at most, where the system says so (Linux).
fn peak_memory_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(kilobytes.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}

/// The processor, as far as the system tells, and how many threads there are.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name =
        cpus.lines().find_map(|line| line.strip_prefix("model name")).map(|rest| rest.trim_start_matches(['\t', ' ', ':']));
    format!("{}, {cores} cores", name.unwrap_or(std::env::consts::ARCH))
}

/// The commit of the folder that this runs in, or nothing where that is none.
fn commit() -> String {
    let git = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    git.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// Adds a line to a table, with a head if the table is new.
fn append(path: &Path, bench: &Bench, notes: &str) -> anyhow::Result<()> {
    let is_new = fs::metadata(path).map_or(true, |file| file.len() == 0);
    let file = fs::OpenOptions::new().create(true).append(true).open(path)?;
    let mut table = csv::Writer::from_writer(file);
    let figures = &bench.figures;
    let mut cells: Vec<(String, String)> = vec![
        ("commit".into(), bench.commit.clone()),
        ("machine".into(), bench.machine.clone()),
        ("input".into(), bench.input.clone()),
        ("width".into(), bench.width.to_string()),
        ("height".into(), bench.height.to_string()),
        ("frames".into(), figures.frames.to_string()),
        ("faces".into(), format!("{:.2}", figures.faces)),
    ];
    let stages = figures.stages.iter().map(|stage| (stage.stage, stage.times));
    let wholes = [("detection", figures.detection), ("picture", figures.picture), ("video", figures.video)];
    cells.extend(
        stages.chain(wholes).map(|(name, times)| (format!("{name} ms").replace(' ', "_"), format!("{:.2}", times.median_ms))),
    );
    cells.push(("picture_p95_ms".into(), format!("{:.2}", figures.picture.p95_ms)));
    cells.push(("video_p95_ms".into(), format!("{:.2}", figures.video.p95_ms)));
    cells.push(("peak_memory_mb".into(), bench.peak_memory_mb.map_or(String::new(), |mb| format!("{mb:.0}"))));
    cells.extend(PEERS.iter().map(|Peer { name, .. }| {
        let found = bench.peers.iter().find(|peer| peer.name == *name);
        (format!("ratio_{name}"), found.map_or(String::new(), |peer| format!("{:.2}", peer.ratio)))
    }));
    cells.push(("notes".into(), notes.to_owned()));
    if is_new {
        table.write_record(cells.iter().map(|(head, _)| head))?;
    }
    table.write_record(cells.iter().map(|(_, cell)| cell))?;
    Ok(table.flush()?)
}

fn table(bench: &Bench) -> String {
    let figures = &bench.figures;
    let stages: String = figures.stages.iter().map(stage_line).collect();
    let wholes = [("detection", figures.detection), ("a picture", figures.picture), ("a frame of a video", figures.video)];
    let wholes: String = wholes.iter().map(whole_line).collect();
    let peers: String = bench.peers.iter().map(peer_line).collect();
    let memory = bench.peak_memory_mb.map_or(String::new(), |mb| format!(", {mb:.0} MB of memory at most"));
    format!(
        "{} frames of {} ({}x{}, {:.1} faces each){memory}\n{}, commit {}; processor milliseconds, decoding left out; \
         one thread does {:.0} billion multiply-adds a second at best\n\n\
         stage                   median    95 %     share   of peak{stages}\n{wholes}{}{peers}",
        figures.frames,
        bench.input,
        bench.width,
        bench.height,
        figures.faces,
        bench.machine,
        bench.commit,
        figures.peak_multiply_adds / 1e9,
        if peers.is_empty() { "" } else { "\n\npeer                    median    95 %    memory   smielfy takes" },
    )
}

fn whole_line((name, Times { median_ms, p95_ms }): &(&str, Times)) -> String {
    format!("\n{name:<20} {median_ms:>9.2} {p95_ms:>9.2}")
}

fn stage_line(StageSpeed { stage, times: Times { median_ms, p95_ms }, share, of_peak }: &StageSpeed) -> String {
    let of_peak = of_peak.map_or("-".to_owned(), |share| format!("{:.0} %", 100.0 * share));
    format!("\n{stage:<20} {median_ms:>9.2} {p95_ms:>9.2} {:>7.0} % {of_peak:>9}", 100.0 * share)
}

fn peer_line(PeerFigures { name, times: Times { median_ms, p95_ms }, peak_memory_mb, ratio }: &PeerFigures) -> String {
    format!("\n{name:<20} {median_ms:>9.2} {p95_ms:>9.2} {peak_memory_mb:>6.0} MB {ratio:>9.2} times as long")
}
