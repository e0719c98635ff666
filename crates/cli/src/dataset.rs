//! `smielfy dataset`: looks into folders of labeled pictures, makes one of several, and makes them of what the site collected.

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::{Args, Subcommand};
use smielfy::{
    augment::{AugmentParams, augment, sample_seed},
    dataset::{Dataset, PreviewParams, Split, Stats, face_tile, import, preview_scenes, preview_smileys, verify},
    train::Recipe,
};
use smielfy_server::{ReleaseParams, release_from};
use smielfy_vision::{BoundingBox, RgbImage};

use crate::{
    doubts::{self, DoubtsArguments},
    models::{ModelArguments, SmileyArguments},
    pictures,
    progress::{exit_code, print},
    serve::PlaceArguments,
};

/// Count, check, show, doubt, merge and release labeled pictures.
#[derive(Subcommand)]
pub enum DatasetCommand {
    Stats(StatsArguments),
    Verify(VerifyArguments),
    Preview(PreviewArguments),
    Release(ReleaseArguments),
    Import(ImportArguments),
    Doubts(DoubtsArguments),
}

/// Count pictures and faces by split, smiley, source and origin.
#[derive(Args)]
#[command(after_help = "Example:\n  smielfy dataset stats ../shared/data/smileys")]
pub struct StatsArguments {
    /// Folder with `manifest.csv` and `images/`.
    dir: PathBuf,
    /// Print one object of JSON.
    #[arg(long)]
    json: bool,
}

/// Check that pictures, squares, labels and splits are sound, find near-copies and what was withdrawn; exit code 2 if something is
/// wrong.
#[derive(Args)]
#[command(after_help = "Examples:
  smielfy dataset verify ../shared/data/smileys --json > findings.json
  smielfy dataset verify release-0001 --tombstones release-0002/tombstones.csv    was anything withdrawn since?")]
pub struct VerifyArguments {
    /// Folder with `manifest.csv` and `images/`.
    dir: PathBuf,
    /// Print one object of JSON.
    #[arg(long)]
    json: bool,
    /// Photos that were withdrawn: the `tombstones.csv` of a later release.
    #[arg(long, value_name = "FILE")]
    tombstones: Option<PathBuf>,
    #[command(flatten)]
    smileys: SmileyArguments,
}

/// Write the accepted photos of the site as a numbered folder that never changes: a dataset to train from.
#[derive(Args)]
#[command(after_help = "Examples:
  smielfy dataset release -o releases                                   releases/release-0001, to train from
  smielfy dataset release --data /srv/smielfy --public -o releases      what may be given to others")]
pub struct ReleaseArguments {
    #[command(flatten)]
    place: PlaceArguments,
    /// Folder that the release becomes a folder in.
    #[arg(short, long)]
    out: PathBuf,
    /// Only photos whose owners let them be given to others.
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    models: ModelArguments,
}

/// Copy several datasets of smileys into one. Pictures of one name are kept apart; groups keep their names, and none may be in two splits.
#[derive(Args)]
#[command(after_help = "Example:\n  smielfy dataset import party holidays ../shared/data/smileys -o all")]
pub struct ImportArguments {
    /// Folders with `manifest.csv` and `images/`.
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Folder for the dataset.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
}

/// Draw a contact sheet: a row of random samples for each smiley or source.
#[derive(Args)]
#[command(after_help = "Examples:
  smielfy dataset preview ../shared/data/smileys -o sheet.png
  smielfy dataset preview ../shared/data/smileys --augment --recipe recipes/smiley.toml -o varied.png")]
pub struct PreviewArguments {
    /// Folder with `manifest.csv` and `images/`.
    dir: PathBuf,
    /// The picture to write: .png, .jpg or .webp.
    #[arg(short, long, default_value = "preview.png")]
    out: PathBuf,
    /// Samples in a row.
    #[arg(long, default_value_t = PreviewParams::default().per_class)]
    per_class: usize,
    /// Side of a tile in pixels.
    #[arg(long, default_value_t = PreviewParams::default().tile_px)]
    tile: u32,
    /// Show this split alone: train, valid or test.
    #[arg(long)]
    split: Option<Split>,
    /// Chooses the samples and how they are varied.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Vary the faces as training does.
    #[arg(long)]
    augment: bool,
    /// Vary them as this recipe says, instead of by default.
    #[arg(long, requires = "augment")]
    recipe: Option<PathBuf>,
    #[command(flatten)]
    smileys: SmileyArguments,
}

pub fn run(command: &DatasetCommand) -> anyhow::Result<ExitCode> {
    match command {
        DatasetCommand::Stats(arguments) => {
            let stats = Stats::new(&Dataset::load(&arguments.dir)?);
            print(&if arguments.json { serde_json::to_string(&stats)? } else { stats.to_text() })?;
            Ok(ExitCode::SUCCESS)
        }
        DatasetCommand::Verify(arguments) => {
            let report = verify(&arguments.dir, &arguments.smileys.load()?, arguments.tombstones.as_deref())?;
            print(&if arguments.json { serde_json::to_string(&report)? } else { report.to_text() })?;
            Ok(exit_code(false, report.errors > 0))
        }
        DatasetCommand::Preview(arguments) => preview(arguments),
        DatasetCommand::Release(arguments) => release(arguments),
        DatasetCommand::Import(arguments) => {
            let imported = import(&arguments.folders, &arguments.out)?;
            let renamed = if imported.renamed > 0 { format!(", {} of them renamed", imported.renamed) } else { String::new() };
            print(&format!("{} pictures in `{}`{renamed}", imported.pictures, arguments.out.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        DatasetCommand::Doubts(arguments) => doubts::run(arguments),
    }
}

fn release(arguments: &ReleaseArguments) -> anyhow::Result<ExitCode> {
    let (models, smileys) = (arguments.models.models()?, arguments.models.smileys()?);
    let params = ReleaseParams { public: arguments.public };
    let made = release_from(&arguments.place.params(), &models, &smileys, params, &arguments.out)?;
    print(&format!("{} photos in `{}`", made.release.photos, made.folder.display()))?;
    if made.without_face > 0 {
        print(&format!("{} accepted photos were left out: no face is found in them", made.without_face))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn preview(arguments: &PreviewArguments) -> anyhow::Result<ExitCode> {
    let format = pictures::format_of(&arguments.out)?;
    let params =
        PreviewParams { per_class: arguments.per_class, tile_px: arguments.tile, split: arguments.split, seed: arguments.seed };
    let sheet = match Dataset::load(&arguments.dir)? {
        Dataset::Smileys(dataset) => {
            let varied = arguments.augment.then(|| augmentation(arguments)).transpose()?;
            let tile = |image: &RgbImage, face: BoundingBox, index: usize| match &varied {
                Some(varied) => {
                    augment(image, face, arguments.tile, 1.0, varied, sample_seed(arguments.seed, 0, index as u64)).image
                }
                None => face_tile(image, face, arguments.tile),
            };
            preview_smileys(&dataset, &arguments.smileys.load()?, &params, tile)?
        }
        Dataset::Scenes(_) if arguments.augment => bail!("scenes have no augmented preview: leave `--augment` out"),
        Dataset::Scenes(dataset) => preview_scenes(&dataset, &params)?,
    };
    pictures::write(&arguments.out, &sheet, format)?;
    print(&format!("written `{}`", arguments.out.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn augmentation(arguments: &PreviewArguments) -> anyhow::Result<AugmentParams> {
    let recipe = arguments.recipe.as_deref().map(|path| Recipe::load(path, &[])).transpose()?;
    Ok(recipe.map_or_else(AugmentParams::default, |recipe| recipe.augment))
}
