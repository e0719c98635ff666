//! `smielfy train`: runs a recipe with live progress.

use std::{path::PathBuf, process::ExitCode, sync::atomic::AtomicBool};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use smielfy::{
    smileys::Smileys,
    train::{Change, Event, Figures, Outcome, Recipe, RunFolder, TrainOptions, train},
};

use crate::{
    models::SmileyArguments,
    progress::{exit_code, say, stop_on_ctrl_c},
};

/// Steps of the progress bar in an epoch.
const BAR_STEPS: f64 = 1000.0;

/// Train nets by recipes, one after the other; Ctrl-C saves and the same command goes on.
#[derive(Args)]
#[command(after_help = "Examples:\n  smielfy train recipes/tiny.toml\n  smielfy train recipes/smiley.toml --runs /data/runs\n  \
                        smielfy train recipes/tiny.toml --set name=tinier --set augment.shift=0.2")]
pub struct TrainArguments {
    /// The recipes, TOML files; later ones may start from or be taught by what earlier ones made.
    #[arg(required = true)]
    recipe: Vec<PathBuf>,
    /// Folder of the runs; each gets a folder with its checkpoint, log, curves and best weights.
    #[arg(long, default_value = "runs")]
    runs: PathBuf,
    /// Folder of the dataset, in place of the recipe's.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Change a key of the recipe, by its path in the file; may be given several times.
    #[arg(long, value_name = "KEY = VALUE")]
    set: Vec<Change>,
    /// Threads that make the windows.
    #[arg(long, default_value_t = TrainOptions::default().workers)]
    workers: usize,
    #[command(flatten)]
    smileys: SmileyArguments,
}

pub fn run(arguments: &TrainArguments) -> anyhow::Result<ExitCode> {
    let load = |path: &PathBuf| {
        let recipe = Recipe::load(path, &arguments.set)?;
        Ok(match &arguments.data {
            Some(data) => recipe.with_data(data.clone()),
            None => recipe,
        })
    };
    // A mistake in the last one shows before the first one is run.
    let recipes: Vec<Recipe> = arguments.recipe.iter().map(load).collect::<anyhow::Result<_>>()?;
    let smileys = arguments.smileys.load()?;
    let options = TrainOptions { runs: arguments.runs.clone(), workers: arguments.workers };
    let stop = stop_on_ctrl_c()?;
    for recipe in &recipes {
        if run_one(recipe, &smileys, &options, &stop)? == Outcome::Interrupted {
            return Ok(exit_code(true, false));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn run_one(recipe: &Recipe, smileys: &Smileys, options: &TrainOptions, stop: &AtomicBool) -> anyhow::Result<Outcome> {
    eprint!("{}", recipe.to_toml());
    let bar = progress_bar(recipe.epochs);
    let outcome = train(recipe, smileys, options, stop, &mut |event| show(&bar, &event))?;
    bar.abandon();
    let folder = RunFolder::new(&options.runs, &recipe.name);
    match outcome {
        Outcome::Interrupted => {
            eprintln!("interrupted; the same command goes on from `{}`", folder.checkpoint().display());
            return Ok(outcome);
        }
        Outcome::StoppedEarly => eprintln!("stopped early: no better score for {} epochs", recipe.patience),
        Outcome::Finished => {}
    }
    eprintln!("weights `{}`\ncurves  `{}`", folder.weights().display(), folder.curves().display());
    Ok(outcome)
}

fn progress_bar(epochs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {percent}%  {elapsed} of about {duration}  {msg}");
    ProgressBar::new(epochs * BAR_STEPS as u64).with_style(style.expect("a constant template")).with_message("loading")
}

fn show(bar: &ProgressBar, event: &Event<'_>) {
    match event {
        Event::Started { samples, validation, steps, next: (epoch, step) } => {
            bar.set_position(((*epoch as f64 + *step as f64 / *steps as f64) * BAR_STEPS) as u64);
            bar.reset_eta();
            say(bar, &format!("{samples} training samples in memory, {validation} validation windows, {steps} steps an epoch"));
            if (*epoch, *step) != (0, 0) {
                say(bar, &format!("going on at epoch {}, step {}", epoch + 1, step + 1));
            }
        }
        Event::Step { train, progress } => {
            bar.set_position((progress * BAR_STEPS) as u64);
            bar.set_message(format!("train {}", figures(train)));
        }
        Event::Epoch { row, best } => {
            let mark = if *best { "  best" } else { "" };
            let (train, valid) = (figures(&row.train), figures(&row.valid));
            say(bar, &format!("epoch {:>3}  train {train}  valid {valid}  {:.1} min{mark}", row.epoch, row.minutes));
        }
    }
}

fn figures(figures: &Figures) -> String {
    format!("loss {:.3} top-1 {:.3} macro {:.3}", figures.loss, figures.top1, figures.macro_top1)
}
