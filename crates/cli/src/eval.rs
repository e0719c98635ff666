//! `smielfy eval`: figures on labeled data.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Subcommand};
use smielfy::{
    dataset::{Scene, SceneDataset, SmileyDataset, SmileySample, Split},
    evaluate::{
        FaceFigures, FaceReport, FaceScoring, JitterFigures, LiteralFigures, NoneFigures, SmileyFigures, StageFigures,
        evaluate_faces, evaluate_jitter, evaluate_literal, evaluate_smileys, predictions_csv, report,
    },
    faces::DetectorParams,
    smileys::Smileys,
};

use crate::{
    models::{ModelArguments, share},
    progress::{bar, print},
};

/// Measure on labeled data.
#[derive(Subcommand)]
pub enum EvalCommand {
    Smileys(SmileysArguments),
    Faces(FacesArguments),
}

/// Which samples are used and how figures are printed.
#[derive(Args)]
struct SampleArguments {
    /// Folder with `manifest.csv` and `images/`.
    dir: PathBuf,
    /// Use this split alone: train, valid or test.
    #[arg(long)]
    split: Option<Split>,
    /// Use this source alone.
    #[arg(long)]
    source: Option<String>,
    /// Print one object of JSON.
    #[arg(long)]
    json: bool,
}

/// How well smileys are named, with the vote, on the squares of the manifest.
#[derive(Args)]
#[command(after_help = "Examples:\n  smielfy eval smileys ../shared/data/smileys --split test --json\n  \
                        smielfy eval smileys ../shared/data/smileys --split valid --report report")]
pub struct SmileysArguments {
    #[command(flatten)]
    samples: SampleArguments,
    #[command(flatten)]
    models: ModelArguments,
    /// Also move each square by the 45 patterns, and say how often that changes the answer; takes minutes.
    #[arg(long)]
    jitter: bool,
    /// Also let all 45 windows through the net one by one, and say how near the vote, taken in one pass, comes to that.
    #[arg(long)]
    literal: bool,
    /// Write a page about it, `index.html`, to this folder: who is taken for whom, charts, the surest mistakes as pictures.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Write a table of all answers, a line a picture with the share of each smiley, to this file.
    #[arg(long, value_name = "FILE.csv")]
    predictions: Option<PathBuf>,
}

/// How well faces are found.
#[derive(Args)]
#[command(after_help = "Examples:\n  smielfy eval faces ../shared/data/scenes --split valid --source p1 --min-side 40\n  \
                        smielfy eval faces hard      what `smielfy synth --stress` wrote: how many are found of each kind")]
pub struct FacesArguments {
    #[command(flatten)]
    samples: SampleArguments,
    #[command(flatten)]
    models: ModelArguments,
    /// Side in pixels below which faces neither count when found nor when missed.
    #[arg(long, value_name = "PIXELS", default_value_t = FaceScoring::default().min_side)]
    min_side: f32,
    /// Confidence from 0 to 1 below which a face is not one.
    #[arg(long, value_name = "SHARE", default_value_t = DetectorParams::default().min_score, value_parser = share)]
    min_score: f32,
}

pub fn run(command: &EvalCommand) -> anyhow::Result<ExitCode> {
    match command {
        EvalCommand::Smileys(arguments) => smileys(arguments),
        EvalCommand::Faces(arguments) => faces(arguments),
    }?;
    Ok(ExitCode::SUCCESS)
}

impl SampleArguments {
    fn wants(&self, split: Split, source: &str) -> bool {
        self.split.is_none_or(|wanted| wanted == split) && self.source.as_ref().is_none_or(|wanted| wanted == source)
    }
}

fn smileys(arguments: &SmileysArguments) -> anyhow::Result<()> {
    let smileys = arguments.models.smileys()?;
    let net = arguments.models.models()?.smile_net(&smileys)?;
    let dataset = SmileyDataset::load(&arguments.samples.dir)?;
    let wanted = |sample: &&SmileySample| arguments.samples.wants(sample.split, &sample.source);
    let samples: Vec<&SmileySample> = dataset.samples().iter().filter(wanted).collect();
    let progress = bar(Some(samples.len() as u64), "smileys");
    let (mut figures, predictions) = evaluate_smileys(net.as_ref(), &dataset, &samples, || progress.inc(1))?;
    progress.finish_and_clear();
    if let Some(folder) = &arguments.report {
        let page = report(net.card(), &dataset, &samples, &predictions, &figures)?;
        write(&folder.join("index.html"), &page)?;
    }
    if let Some(path) = &arguments.predictions {
        write(path, &predictions_csv(&net.card().labels, &samples, &predictions))?;
    }
    if arguments.jitter {
        let progress = bar(Some(figures.n as u64), "jitter");
        figures.jitter = Some(evaluate_jitter(net.as_ref(), &dataset, &samples, || progress.inc(1))?);
        progress.finish_and_clear();
    }
    if arguments.literal {
        let progress = bar(Some(samples.len() as u64), "literal votes");
        figures.literal = Some(evaluate_literal(net.as_ref(), &dataset, &samples, &predictions, || progress.inc(1))?);
        progress.finish_and_clear();
    }
    print(&if arguments.samples.json { serde_json::to_string(&figures)? } else { smiley_table(&figures, &smileys) })
}

/// Writes a file, making its folder if need be, and says so.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.with_context(|| format!("cannot write `{}`", path.display()))?;
    eprintln!("written `{}`", path.display());
    Ok(())
}

fn jitter_text(jitter: &JitterFigures) -> String {
    let JitterFigures { one_window_top1, one_window_macro_top1, one_window_changes, vote_changes } = jitter;
    let [window, vote] = [one_window_changes, vote_changes].map(|share| 100.0 * share);
    format!(
        "\n\none window alone: top-1 {one_window_top1:.3}, macro top-1 {one_window_macro_top1:.3}\n\
         squares that miss by a pattern change {vote:.1} % of the votes and {window:.1} % of the answers of one window"
    )
}

fn literal_text(LiteralFigures { agreement, mean_difference }: &LiteralFigures) -> String {
    let percent = 100.0 * agreement;
    format!("\n\n45 windows one by one name {percent:.1} % the same; a share differs by {mean_difference:.4} on average")
}

fn smiley_table(figures: &SmileyFigures, smileys: &Smileys) -> String {
    let SmileyFigures { n, top1, top3, macro_top1, ece, top1_of_surest_80, floor_of_surest_80, per_class, none, jitter, literal } =
        figures;
    let percent = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{:.1} %", 100.0 * value));
    let row = |smiley: &smielfy::smileys::Smiley| {
        let class = per_class.get(&smiley.id)?;
        let (recall, precision) = (percent(class.recall), percent(class.precision));
        Some(format!("{:<10} {:<5} {:>5} {recall:>9} {precision:>10}\n", smiley.id, smiley.emoticon, class.n))
    };
    let rows: String = smileys.iter().filter_map(row).collect();
    format!(
        "{n} faces: top-1 {top1:.3}, top-3 {top3:.3}, macro top-1 {macro_top1:.3}, ECE {ece:.3}; \
         of the surest 80 % (share {floor_of_surest_80:.2} and more) top-1 {top1_of_surest_80:.3}\n\n\
         smiley           faces    recall  precision\n{}{}{}{}",
        rows.trim_end(),
        none.as_ref().map(none_text).unwrap_or_default(),
        jitter.as_ref().map(jitter_text).unwrap_or_default(),
        literal.as_ref().map(literal_text).unwrap_or_default()
    )
}

fn none_text(NoneFigures { n, cannot_tell }: &NoneFigures) -> String {
    let percent = 100.0 * cannot_tell;
    format!("\n\n{n} more faces show none of them: {percent:.1} % of the votes cannot tell")
}

fn faces(arguments: &FacesArguments) -> anyhow::Result<()> {
    let scoring = FaceScoring { min_side: arguments.min_side };
    let params = DetectorParams { min_score: arguments.min_score, ..DetectorParams::default() };
    let detector = arguments.models.models()?.detector(FaceScoring::detector_params(&params))?;
    let dataset = SceneDataset::load(&arguments.samples.dir)?;
    let wanted = |scene: &&Scene| arguments.samples.wants(scene.split, &scene.source);
    let scenes: Vec<&Scene> = dataset.scenes().iter().filter(wanted).collect();
    let bar = bar(Some(scenes.len() as u64), "scenes");
    let figures = evaluate_faces(&detector, arguments.min_score, scoring, &dataset, &scenes, || bar.inc(1))?;
    bar.finish_and_clear();
    print(&if arguments.samples.json { serde_json::to_string(&figures)? } else { face_text(&figures) })
}

fn face_text(FaceReport { all, by_source, stages }: &FaceReport) -> String {
    let FaceFigures { images, faces, recall, precision, ap, recall_iou30, precision_iou30, false_per_image, median_iou } = all;
    format!(
        "{images} pictures, {faces} faces\n\
         at IoU 0.5: recall {recall:.3}, precision {precision:.3}, average precision {ap:.3}\n\
         at IoU 0.3: recall {recall_iou30:.3}, precision {precision_iou30:.3}, {false_per_image:.3} false squares a picture\n\
         median IoU of the faces found: {median_iou:.3}{}{}",
        stage_table(stages),
        if by_source.len() > 1 { source_table(by_source) } else { String::new() }
    )
}

fn stage_table(stages: &[StageFigures]) -> String {
    let row = |StageFigures { stage, windows_per_image, recall, recall_iou30, median_iou }: &StageFigures| {
        format!("\n{stage:<22} {windows_per_image:>9.1} {recall:>10.3} {recall_iou30:>10.3} {median_iou:>10.3}")
    };
    let rows: String = stages.iter().map(row).collect();
    format!("\n\nbehind the               windows  recall .5  recall .3 median IoU{rows}")
}

fn source_table(by_source: &BTreeMap<String, FaceFigures>) -> String {
    let row = |(source, figures): (&String, &FaceFigures)| {
        let FaceFigures { faces, recall, recall_iou30, precision_iou30, median_iou, .. } = figures;
        format!("\n{source:<12} {faces:>6} {recall:>10.3} {recall_iou30:>10.3} {precision_iou30:>10.3} {median_iou:>10.3}")
    };
    let rows: String = by_source.iter().map(row).collect();
    format!("\n\nsource        faces  recall .5  recall .3  precis. .3 median IoU{rows}")
}
