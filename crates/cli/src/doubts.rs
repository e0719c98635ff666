//! `smielfy dataset doubts`: labels that are probably wrong, as a list or on a page that fixes them.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::Args;
use smielfy::{
    dataset::{Dataset, Doubt, SmileyDataset, doubts_csv},
    label::{Fixed, Fixes},
    train::{Event, FoldsParams, Recipe, doubts},
};
use smielfy_server::fix;

use crate::{
    label::welcome,
    models::SmileyArguments,
    progress::{bar, exit_code, print, say, stop_on_ctrl_c},
    serve::log_to_stderr,
};

/// Print all labels, the most doubtful first: nets that never saw the people in a picture say what they take it for. Of pictures with
/// wrong labels most are among the first. With `--fix`, a page of this machine shows them, and one key says what is right.
#[derive(Args)]
#[command(after_help = "Examples:
  smielfy dataset doubts faces > doubts.csv
  smielfy dataset doubts faces --fix                  prints the page's address; each key is in faces/manifest.csv at once
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
    /// Serve a page that shows the doubtful pictures and fixes their labels. Doubts and answers are kept in `DIR/doubts`, and the same
    /// command goes on with them; without that folder the labels are doubted anew.
    #[arg(long, conflicts_with = "json")]
    fix: bool,
    /// Address and port of the page; others than this machine's own let people elsewhere in who know the printed address.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", requires = "fix")]
    listen: SocketAddr,
    #[command(flatten)]
    smileys: SmileyArguments,
}

pub fn run(arguments: &DoubtsArguments) -> anyhow::Result<ExitCode> {
    if arguments.fix {
        return fix_labels(arguments);
    }
    let Some((_, found)) = find(arguments)? else { return Ok(exit_code(true, false)) };
    if arguments.json {
        found.iter().try_for_each(|doubt| print(&serde_json::to_string(doubt)?))?;
    } else {
        print(doubts_csv(&found).trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn fix_labels(arguments: &DoubtsArguments) -> anyhow::Result<ExitCode> {
    Fixes::check(&arguments.dir)?;
    let is_begun = Fixes::are_in(&arguments.dir);
    if !is_begun {
        let Some((dataset, found)) = find(arguments)? else { return Ok(exit_code(true, false)) };
        Fixes::keep(&dataset, &found)?;
    }
    let fixes = Fixes::open(&arguments.dir, arguments.smileys.load()?)?;
    let (folder, kept_in) = (arguments.dir.display(), fixes.kept_in());
    if is_begun {
        eprintln!("goes on with the doubts in `{}`; remove that folder to doubt the labels anew", kept_in.display());
    }
    log_to_stderr();
    let mut printed = Ok(());
    let Fixed { changed, left_out, kept } = fix(fixes, arguments.listen, |started| printed = welcome(started))?;
    printed?;
    print(&format!("{changed} labels changed, {left_out} pictures left out, {kept} labels right in `{folder}`"))?;
    print(&format!("the manifest as it was is in `{}`", kept_in.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// The dataset and its doubts; nothing if it was interrupted.
fn find(arguments: &DoubtsArguments) -> anyhow::Result<Option<(SmileyDataset, Vec<Doubt>)>> {
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
    Ok(found.map(|found| (dataset, found)))
}

fn of_origin(dataset: &SmileyDataset, origin: &str) -> anyhow::Result<SmileyDataset> {
    let samples = dataset.samples().iter().filter(|sample| sample.origin == origin).cloned().collect();
    Ok(SmileyDataset::new(dataset.root().to_owned(), dataset.hash().to_owned(), samples)?)
}
