//! One run of a recipe: epochs, checkpoints, the log and the weights of the best epoch, or of the last one of a running mean.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use serde::{Deserialize, Serialize};
use smielfy_nets::{Card, Net, Normalization, Trainer, TrainerState, Weights};

use super::{
    Figures, Provenance, Recipe, RunFolder, Task, TrainError,
    calibration::CalibrationExamples,
    curves,
    examples::Examples,
    faces::{FaceExamples, Stage},
    files,
    loader::batches,
    shares::Shares,
    smileys::SmileyExamples,
    teachers::Teachers,
    validate::Tally,
    validate::validate,
};
use crate::{augment::sample_seed, smileys::Smileys};

/// Where and how a recipe runs; nothing here changes what comes out.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// Folder that holds a folder for each run.
    pub runs: PathBuf,
    /// Threads that make windows.
    pub workers: usize,
}

impl Default for TrainOptions {
    /// `runs` here, and one worker: varying a window takes a quarter of a millisecond, learning from it several.
    fn default() -> Self {
        Self { runs: "runs".into(), workers: 1 }
    }
}

/// What a training tells while it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// The data is loaded and the training begins, or goes on from a checkpoint.
    Started {
        /// Training samples in memory; renders on the fly are not counted.
        samples: u64,
        /// Validation windows.
        validation: u64,
        /// Gradient steps an epoch.
        steps: u64,
        /// Epoch and step that come next, both from 0.
        next: (u64, u64),
    },
    /// A gradient step is done.
    Step {
        /// Figures of this epoch so far on the varied training windows.
        train: Figures,
        /// Epochs done, a fraction.
        progress: f64,
    },
    /// An epoch is done.
    Epoch {
        /// Its line in the log.
        row: &'a EpochRow,
        /// Whether it is the best so far.
        best: bool,
    },
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All epochs are done.
    Finished,
    /// Validation did not get better for as long as the recipe waits.
    StoppedEarly,
    /// It was asked to stop; the same call goes on.
    Interrupted,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// Epoch, from 1.
    pub epoch: u64,
    /// Learning rate of its last step.
    pub learning_rate: f64,
    /// Figures on the varied training windows, with dropout, while the net changed.
    pub train: Figures,
    /// Figures on the validation windows behind the epoch.
    pub valid: Figures,
    /// Minutes of training so far.
    pub minutes: f64,
}

/// What a checkpoint notes beside the net and the optimizer.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    recipe: String,
    data: std::collections::BTreeMap<String, String>,
    epoch: u64,
    step: u64,
    tally: Tally,
    rows: Vec<EpochRow>,
    best_epoch: u64,
    best_score: f64,
}

/// Runs a recipe to its end, or until `stop` is set; goes on from the run's checkpoint if there is one.
///
/// # Errors
/// [`TrainError`] if data, recipe or files are unusable, or the run folder belongs to another recipe.
pub fn train(
    recipe: &Recipe,
    smileys: &Smileys,
    options: &TrainOptions,
    stop: &AtomicBool,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Outcome, TrainError> {
    train_on(load_examples(recipe, smileys)?.as_ref(), recipe, options, stop, on_event)
}

/// The same on examples that are loaded.
pub(super) fn train_on(
    examples: &dyn Examples,
    recipe: &Recipe,
    options: &TrainOptions,
    stop: &AtomicBool,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Outcome, TrainError> {
    let mut run = Run::new(recipe, examples, options)?;
    run.folder.create()?;
    run.resume()?;
    let next = (run.progress.epoch, run.progress.step);
    let (samples, validation) = (examples.training_len(), examples.validation_len());
    on_event(Event::Started { samples, validation, steps: run.steps, next });
    while run.progress.epoch < recipe.epochs {
        if !run.epoch(stop, on_event)? {
            run.save()?;
            return Ok(Outcome::Interrupted);
        }
        run.end_epoch(on_event)?;
        run.save()?;
        if recipe.patience > 0 && run.progress.epoch - run.progress.best_epoch >= recipe.patience {
            run.finish()?;
            return Ok(Outcome::StoppedEarly);
        }
    }
    run.finish()?;
    Ok(Outcome::Finished)
}

fn load_examples(recipe: &Recipe, smileys: &Smileys) -> Result<Box<dyn Examples>, TrainError> {
    match &recipe.task {
        Task::Smileys(task) => Ok(Box::new(SmileyExamples::load(recipe, task, smileys)?)),
        Task::Proposals(task) => Ok(Box::new(FaceExamples::load(recipe, task, Stage::Proposals)?)),
        Task::Faces(task) => Ok(Box::new(FaceExamples::load(recipe, task, Stage::Faces)?)),
        Task::Calibration(task) => Ok(Box::new(CalibrationExamples::load(recipe, task)?)),
    }
}

/// A run under way.
struct Run<'a> {
    recipe: &'a Recipe,
    examples: &'a dyn Examples,
    provenance: Provenance,
    teachers: Option<Teachers>,
    options: &'a TrainOptions,
    folder: RunFolder,
    trainer: Trainer,
    progress: Progress,
    /// Gradient steps an epoch.
    steps: u64,
    started: Instant,
    /// Minutes of earlier sessions of this run.
    minutes_before: f64,
}

impl<'a> Run<'a> {
    fn new(recipe: &'a Recipe, examples: &'a dyn Examples, options: &'a TrainOptions) -> Result<Self, TrainError> {
        let outputs = recipe.net.outputs()?;
        let labels = examples.labels().len();
        if outputs != labels {
            let why = format!("the net has {outputs} outputs for {labels} classes");
            return Err(TrainError::Recipe { path: recipe.name.clone().into(), why });
        }
        let windows = recipe.windows_per_epoch.unwrap_or(examples.training_len());
        let teachers = Teachers::load(recipe, &examples.labels())?;
        let start = recipe.start.as_deref().map(files::read_weights).transpose()?;
        let provenance = provenance(examples, teachers.as_ref(), start.as_ref());
        let progress = Progress {
            recipe: recipe.to_toml(),
            data: provenance.data.clone(),
            epoch: 0,
            step: 0,
            tally: Tally::new(labels),
            rows: vec![],
            best_epoch: 0,
            best_score: 0.0,
        };
        Ok(Self {
            recipe,
            examples,
            provenance,
            teachers,
            options,
            folder: RunFolder::new(&options.runs, &recipe.name),
            trainer: new_trainer(recipe, examples, start.as_ref())?,
            progress,
            steps: windows.div_ceil(recipe.batch as u64),
            started: Instant::now(),
            minutes_before: 0.0,
        })
    }

    /// Goes back to the run's checkpoint if there is one.
    fn resume(&mut self) -> Result<(), TrainError> {
        let Some(bytes) = files::read_if_there(&self.folder.checkpoint())? else { return Ok(()) };
        let (state, notes) = TrainerState::from_bytes(&bytes)?;
        let progress: Option<Progress> = serde_json::from_str(&notes).ok();
        let same = |progress: &Progress| progress.recipe == self.progress.recipe && progress.data == self.progress.data;
        let other_run = || TrainError::OtherRun { run: self.folder.path().to_owned() };
        let progress = progress.filter(same).ok_or_else(other_run)?;
        self.trainer.restore(&state)?;
        self.minutes_before = progress.rows.last().map_or(0.0, |row| row.minutes);
        self.progress = progress;
        Ok(())
    }

    fn save(&self) -> Result<(), TrainError> {
        let notes = serde_json::to_string(&self.progress).expect("progress is plain data");
        files::write(&self.folder.checkpoint(), &self.trainer.state()?.to_bytes(&notes)?)
    }

    /// The rest of the current epoch; `false` if it was interrupted.
    fn epoch(&mut self, stop: &AtomicBool, on_event: &mut dyn FnMut(Event<'_>)) -> Result<bool, TrainError> {
        let (epoch, remaining) = (self.progress.epoch, self.progress.step..self.steps);
        let classes = self.examples.labels().len();
        std::thread::scope(|scope| {
            let workers = self.options.workers.max(1) as u64;
            for batch in batches(scope, self.examples, self.teachers.as_ref(), self.recipe, epoch, remaining, workers) {
                if stop.load(Ordering::Relaxed) {
                    return Ok(false);
                }
                let batch = batch?;
                let seed = sample_seed(self.recipe.seed, epoch, self.progress.step);
                let (_, logits) = self.trainer.step(&batch.windows, &batch.targets, self.learning_rate(), seed);
                for (logits, class) in logits.chunks_exact(classes).zip(batch.classes) {
                    self.progress.tally.add(logits, class);
                }
                self.progress.step += 1;
                on_event(Event::Step { train: self.progress.tally.figures(), progress: self.epochs_done() });
            }
            Ok(true)
        })
    }

    fn epochs_done(&self) -> f64 {
        self.progress.epoch as f64 + self.progress.step as f64 / self.steps as f64
    }

    fn learning_rate(&self) -> f64 {
        self.recipe.schedule.rate(self.epochs_done() + 1.0 / self.steps as f64, self.recipe.epochs as f64)
    }

    /// Validates, logs, keeps the weights if they are the best so far, and turns to the next epoch. A running mean is always kept: one
    /// epoch later it is hardly another net, and better by validation is better by chance.
    fn end_epoch(&mut self, on_event: &mut dyn FnMut(Event<'_>)) -> Result<(), TrainError> {
        let mut weights = self.weights();
        let valid = validate(&Net::new(&weights, None)?, self.examples)?;
        let learning_rate = self.learning_rate();
        self.progress.epoch += 1;
        self.progress.step = 0;
        let minutes = self.minutes_before + self.started.elapsed().as_secs_f64() / 60.0;
        let train = std::mem::replace(&mut self.progress.tally, Tally::new(weights.card.labels.len())).figures();
        let row = EpochRow { epoch: self.progress.epoch, learning_rate, train, valid, minutes };
        let best = score(&valid) > self.progress.best_score;
        if best {
            self.progress.best_score = score(&valid);
            self.progress.best_epoch = row.epoch;
        }
        if best || self.recipe.optimizer.average > 0.0 {
            let figures = [("valid.loss", valid.loss), ("valid.top1", valid.top1), ("valid.macro_top1", valid.macro_top1)];
            weights.card.metrics = figures.map(|(name, value)| (name.to_owned(), value)).into();
            files::write(&self.folder.weights(), &weights.to_bytes()?)?;
        }
        self.progress.rows.push(row);
        files::write(&self.folder.epochs(), log(&self.progress.rows).as_bytes())?;
        files::write(&self.folder.curves(), curves::draw(&self.recipe.name, &self.progress.rows).as_bytes())?;
        on_event(Event::Epoch { row: &self.progress.rows[self.progress.rows.len() - 1], best });
        Ok(())
    }

    /// Fits what makes the votes of the weights that were kept mean what they say.
    fn finish(&self) -> Result<(), TrainError> {
        let path = self.folder.weights();
        let Some(bytes) = files::read_if_there(&path)? else { return Ok(()) };
        let mut weights = Weights::from_bytes(&bytes)?;
        // What a run fitted that ended here before is fitted anew.
        Shares::default().put_into(&mut weights.card);
        self.examples.shares(&Net::new(&weights, None)?)?.put_into(&mut weights.card);
        files::write(&path, &weights.to_bytes()?)
    }

    /// The net as it is now, with its card.
    fn weights(&self) -> Weights {
        let Provenance { data, sources } = self.provenance.clone();
        let Shares { temperature, biases, floor } = Shares::default();
        let card = Card {
            name: self.recipe.name.clone(),
            spec: self.recipe.net.clone(),
            labels: self.examples.labels(),
            normalization: Normalization::default(),
            temperature,
            biases,
            floor,
            recipe: self.recipe.to_toml(),
            data,
            sources: sources.into_iter().collect(),
            metrics: [].into(),
            license: self.recipe.license.clone(),
        };
        Weights { card, tensors: self.trainer.tensors() }
    }
}

/// A net with random weights, or one that goes on from `start`.
fn new_trainer(recipe: &Recipe, examples: &dyn Examples, start: Option<&Weights>) -> Result<Trainer, TrainError> {
    let mut trainer = Trainer::new(&recipe.net, recipe.optimizer, recipe.seed)?;
    start.map_or(Ok(()), |weights| trainer.start_from(weights))?;
    Ok(match examples.auxiliary() {
        Some(head) => trainer.with_auxiliary(head),
        None => trainer,
    })
}

/// What is learned from, directly, from teachers and by what the net was before.
fn provenance(examples: &dyn Examples, teachers: Option<&Teachers>, start: Option<&Weights>) -> Provenance {
    let mut all = examples.provenance();
    if let Some(Provenance { data, sources }) = teachers.map(Teachers::provenance) {
        all.data.extend(data.clone());
        all.sources.extend(sources.iter().cloned());
    }
    if let Some(weights) = start {
        all.data.insert(format!("start {}", weights.card.name), weights.tensor_hash());
        all.sources.extend(weights.card.sources.iter().cloned());
    }
    all
}

/// What makes one epoch better than another: how many windows are right, and how fairly over the classes.
fn score(valid: &Figures) -> f64 {
    f64::midpoint(valid.top1, valid.macro_top1)
}

/// The log as CSV.
fn log(rows: &[EpochRow]) -> String {
    let header = "epoch,learning_rate,train_loss,train_top1,train_macro_top1,valid_loss,valid_top1,valid_macro_top1,minutes\n";
    let line = |row: &EpochRow| {
        let EpochRow { epoch, learning_rate, train, valid, minutes } = row;
        format!(
            "{epoch},{learning_rate:.6},{:.5},{:.5},{:.5},{:.5},{:.5},{:.5},{minutes:.2}\n",
            train.loss, train.top1, train.macro_top1, valid.loss, valid.top1, valid.macro_top1
        )
    };
    header.to_owned() + &rows.iter().map(line).collect::<String>()
}
