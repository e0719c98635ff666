//! `smielfy dataset doubts`: labels that are probably wrong.

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::Args;
use smielfy::{
    dataset::{Dataset, SmileyDataset},
    train::{Event, FoldsParams, Recipe, doubts, doubts_csv},
};

use crate::{
    models::SmileyArguments,
    progress::{bar, exit_code, print, say, stop_on_ctrl_c},
};

/// Print all labels, the most doubtful first: nets that never saw the people in a picture say what they take it for. Of pictures with
/// wrong labels most are among the first.
#[derive(Args)]
#[command(after_help = "Examples:
  smielfy dataset doubts faces > doubts.csv
  smielfy dataset doubts faces --recipe recipes/doubts-faces.toml --json | head -50    slower, and knows faces")]
pub struct DoubtsArguments {
    /// Folder with `manifest.csv` and `images/`.
    dir: PathBuf,
    /// In how many parts the groups are divided; each is judged by a net that learned from the others.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(2..=100))]
    folds: u64,
    /// Train by this recipe, whose data are not used, in place of the built-in one with its small net.
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    /// Doubt pictures of this origin alone, such as `eye`.
    #[arg(long)]
    origin: Option<String>,
    /// Folder for the runs; the same command goes on where it was interrupted.
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,
    /// Print a line of JSON a label in place of CSV.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    smileys: SmileyArguments,
}

pub fn run(arguments: &DoubtsArguments) -> anyhow::Result<ExitCode> {
    let mut params = FoldsParams { folds: arguments.folds, ..FoldsParams::new(arguments.runs.clone()) };
    if let Some(path) = &arguments.recipe {
        params.recipe = Recipe::load(path, &[])?;
    }
    let Dataset::Smileys(dataset) = Dataset::load(&arguments.dir)? else { bail!("scenes have no labels to doubt") };
    let dataset = match &arguments.origin {
        Some(origin) => of_origin(&dataset, origin)?,
        None => dataset,
    };
    let (stop, smileys) = (stop_on_ctrl_c()?, arguments.smileys.load()?);
    let bar = bar(Some(arguments.folds * params.recipe.epochs), "epochs");
    let found = doubts(&dataset, &smileys, &params, &stop, &mut |fold, event| {
        if let Event::Epoch { row, .. } = event {
            bar.inc(1);
            let valid = row.valid;
            say(&bar, &format!("fold {}, epoch {}: top-1 {:.3} of those it did not see", fold + 1, row.epoch, valid.top1));
        }
    })?;
    bar.finish_and_clear();
    let Some(found) = found else { return Ok(exit_code(true, false)) };
    if arguments.json {
        found.iter().try_for_each(|doubt| print(&serde_json::to_string(doubt)?))?;
    } else {
        print(doubts_csv(&found).trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn of_origin(dataset: &SmileyDataset, origin: &str) -> anyhow::Result<SmileyDataset> {
    let samples = dataset.samples().iter().filter(|sample| sample.origin == origin).cloned().collect();
    Ok(SmileyDataset::new(dataset.root().to_owned(), dataset.hash().to_owned(), samples)?)
}
