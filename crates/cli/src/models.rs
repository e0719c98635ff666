//! Flags that choose nets and smileys.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use smielfy::{faces::DetectorParams, recognize::Models, smileys::Smileys};

/// Which nets are used.
#[derive(Args)]
pub struct ModelArguments {
    /// Embedded smile net, `smiley` (most often right, for non-commercial use) or `smiley-open` (free for any use), or a weight file in
    /// place of the embedded net of its name; may be given several times.
    #[arg(long, value_name = "NAME or FILE")]
    weights: Vec<PathBuf>,
    /// Threads that a net runs on, one a core by default; answers are the same.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    #[command(flatten)]
    smileys: SmileyArguments,
}

/// Which smileys there are.
#[derive(Args)]
pub struct SmileyArguments {
    /// List of smileys in place of the built-in 17: a TOML file like `smileys.toml`.
    #[arg(long, value_name = "FILE")]
    smileys: Option<PathBuf>,
}

/// How faces are found.
#[derive(Args)]
pub struct DetectorArguments {
    /// Side in pixels of the smallest faces to look for; larger is faster.
    #[arg(long, value_name = "PIXELS", default_value_t = DetectorParams::default().min_side, value_parser = side)]
    min_face: f32,
    /// Confidence from 0 to 1 below which a face is not one.
    #[arg(long, value_name = "SHARE", default_value_t = DetectorParams::default().min_score, value_parser = share)]
    min_score: f32,
}

impl ModelArguments {
    /// The embedded nets with those of the files in their places.
    pub fn models(&self) -> anyhow::Result<Models> {
        let mut models = Models::default();
        models.threads = self.threads.map(usize::from);
        self.weights.iter().try_for_each(|path| models.choose(path))?;
        Ok(models)
    }

    /// The built-in smileys or those of the file.
    pub fn smileys(&self) -> anyhow::Result<Smileys> {
        self.smileys.load()
    }
}

impl SmileyArguments {
    /// The built-in smileys or those of the file.
    pub fn load(&self) -> anyhow::Result<Smileys> {
        let Some(path) = &self.smileys else { return Ok(Smileys::default()) };
        let text = fs::read_to_string(path).with_context(|| format!("cannot read smileys `{}`", path.display()))?;
        Smileys::parse(&text).with_context(|| format!("`{}`", path.display()))
    }
}

impl DetectorArguments {
    pub fn params(&self) -> DetectorParams {
        DetectorParams { min_side: self.min_face, min_score: self.min_score, ..DetectorParams::default() }
    }
}

/// Reads a share from 0 to 1.
pub fn share(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("must lie between 0 and 1".into()) }
}

fn side(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (8.0..=10_000.0).contains(&value) { Ok(value) } else { Err("must lie between 8 and 10000".into()) }
}
