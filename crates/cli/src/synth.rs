//! `smielfy synth`: rendered faces, and the head kit that they are made of.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use smielfy::synth::{KIT_FILES, PackSummary, pack_kit};

use crate::progress::{self, print};

/// Render faces of people who do not exist.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct SynthArguments {
    #[command(subcommand)]
    command: Option<SynthCommand>,
}

/// What else there is to do with a head kit.
#[derive(Subcommand)]
enum SynthCommand {
    Pack(PackArguments),
}

/// Pack the OBJ files of ICT-FaceKit into one file of 20 MB, which loads faster.
#[derive(Args)]
#[command(after_help = "Example:
  git clone https://github.com/ICT-VGL/ICT-FaceKit
  smielfy synth pack ICT-FaceKit/FaceXModel -o face-kit.safetensors")]
struct PackArguments {
    /// The folder `FaceXModel` of ICT-FaceKit.
    folder: PathBuf,
    /// The file to write; the notice of the kit's license is written beside it.
    #[arg(short, long, default_value = "face-kit.safetensors")]
    out: PathBuf,
}

pub fn run(arguments: &SynthArguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Some(SynthCommand::Pack(arguments)) => pack(arguments),
        // Help is shown instead: no arguments without a command yet.
        None => Ok(ExitCode::SUCCESS),
    }
}

fn pack(arguments: &PackArguments) -> anyhow::Result<ExitCode> {
    let bar = progress::bar(Some(KIT_FILES as u64), "reading OBJ files");
    let summary = pack_kit(&arguments.folder, &arguments.out, || bar.inc(1));
    bar.finish_and_clear();
    print(&in_words(&summary?, arguments))?;
    Ok(ExitCode::SUCCESS)
}

fn in_words(summary: &PackSummary, arguments: &PackArguments) -> String {
    let license = match &summary.license {
        Some(path) => format!("written `{}`: the notice of its MIT license, which must stay with it", path.display()),
        None => "found no `LICENSE` in the folder or above it: keep the notice of ICT-FaceKit's MIT license with the file".into(),
    };
    let PackSummary { vertices, triangles, modes, shapes, bytes, .. } = summary;
    let megabytes = *bytes as f64 / 1e6;
    format!(
        "written `{}`: {vertices} vertices, {triangles} triangles, {modes} modes of identity, {shapes} blendshapes, \
         {megabytes:.1} MB\n{license}",
        arguments.out.display(),
    )
}
