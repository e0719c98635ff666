//! `smielfy synth`: rendered faces, and the head kit that they are made of.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::Ordering,
};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use smielfy::{
    dataset::{SceneDataset, Split},
    synth::{
        ClipParams, FolderParams, KIT_FILES, KIT_SOURCE, Kit, PackSummary, Poses, Synth, SynthParams, contact_sheet, pack_kit,
        write_clip, write_folder, write_scenes, write_stress,
    },
};
use smielfy_vision::RgbImage;

use crate::{
    models::share,
    pictures,
    progress::{self, exit_code, print, stop_on_ctrl_c},
};

/// Render faces of people who do not exist, with everything that is known about them.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true,
    after_help = "Examples:
  smielfy synth --kit face-kit.safetensors -n 2000 -o renders            a dataset to train from
  smielfy synth --kit face-kit.safetensors --sheet sheet.png             all poses at a glance
  smielfy synth --kit face-kit.safetensors --clip clip.mp4 --only smile,wink,tongue --guest
  smielfy synth --kit face-kit.safetensors --scenes -n 1000 -o crowd     a dataset to train the detector from
  smielfy synth --kit face-kit.safetensors --stress -n 540 -o hard       to measure it: what is hard about faces, one by one
  smielfy synth --kit face-kit.safetensors -n 500 --only wink,tongue --none 0 -o more
  smielfy synth --kit face-kit.safetensors --poses mine.toml -o renders  poses of your own, see `poses.toml`"
)]
pub struct SynthArguments {
    #[command(subcommand)]
    command: Option<SynthCommand>,
    #[command(flatten)]
    render: RenderArguments,
}

/// What is rendered, and where it goes.
#[derive(Args)]
struct RenderArguments {
    /// The head kit: a file made by `synth pack`, or the folder of OBJ files of ICT-FaceKit.
    #[arg(long, value_name = "FILE")]
    kit: Option<PathBuf>,
    /// How many pictures.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1000)]
    count: u64,
    /// Everything follows from it: same seed, same pictures.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder for the dataset: `manifest.csv`, `images/` and `truth.jsonl` with identity, blendshapes and landmarks.
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write a contact sheet with a row a pose instead: .png, .jpg or .webp.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "clip"])]
    sheet: Option<PathBuf>,
    /// Film somebody who pulls the smileys of `--only`, or all, in turn: an .mp4, and beside it a .jsonl with the truth.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    clip: Option<PathBuf>,
    /// Let somebody else come in for the middle of the clip.
    #[arg(long, requires = "clip")]
    guest: bool,
    /// Render scenes with up to seven people for the detector instead of faces.
    #[arg(long, requires = "out")]
    scenes: bool,
    /// Render scenes that are hard for a detector in one way each: smileys, tilts, close-ups, hats, hands, bad light. `eval faces` says
    /// how many faces are found of each.
    #[arg(long, requires = "out", conflicts_with = "scenes")]
    stress: bool,
    /// Renders in a row of the sheet.
    #[arg(long, value_name = "N", default_value_t = 12)]
    per_pose: usize,
    /// Side of the pictures, in pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = SynthParams::default().size_px, value_parser = clap::value_parser!(u32).range(16..=4096))]
    size: u32,
    /// Width and height of clips and scenes, in pixels.
    #[arg(long, value_name = "WxH", default_value = "640x480", value_parser = frame)]
    frame: (u32, u32),
    /// Side of a picture in sides of its face square.
    #[arg(long, value_name = "TIMES", default_value_t = SynthParams::default().context, value_parser = context)]
    context: f32,
    /// Render these smileys alone, in turn: ids with commas between them.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
    /// Share of faces that pull no smiley in particular, 0 to 1; they are labeled `none`.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    none: f32,
    /// Share of faces that are cut out on black along an oval, 0 to 1, as some collections of photographs have them.
    #[arg(long, value_name = "SHARE", default_value_t = SynthParams::default().cut_out_share, value_parser = share)]
    cut_out: f32,
    /// Split that the manifest names.
    #[arg(long, default_value_t = Split::Train)]
    split: Split,
    /// Folder of a dataset of scenes, whose pictures without faces stand behind the heads; made-up backgrounds by default.
    #[arg(long, value_name = "DIR")]
    backgrounds: Option<PathBuf>,
    /// Table of poses in place of the built-in one: a TOML file like `poses.toml`.
    #[arg(long, value_name = "FILE")]
    poses: Option<PathBuf>,
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

fn context(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (1.0..=4.0).contains(&value) { Ok(value) } else { Err("must lie between 1 and 4".into()) }
}

fn frame(text: &str) -> Result<(u32, u32), String> {
    let sides = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    let (width, height): (u32, u32) = sides.ok_or("must be a width and a height, such as 640x480")?;
    if [width, height].iter().all(|side| (64..=2160).contains(side)) {
        Ok((width, height))
    } else {
        Err("sides must lie between 64 and 2160".into())
    }
}

pub fn run(arguments: &SynthArguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Some(SynthCommand::Pack(arguments)) => pack(arguments),
        None => render(&arguments.render),
    }
}

fn render(arguments: &RenderArguments) -> anyhow::Result<ExitCode> {
    let synth = arguments.synth()?;
    match (&arguments.sheet, &arguments.clip, &arguments.out) {
        (Some(path), _, _) => sheet(arguments, &synth, path),
        (_, Some(path), _) => clip(arguments, &synth, path),
        (_, _, Some(out)) => folder(arguments, &synth, out),
        (None, None, None) => bail!("nothing to write: give a folder by `-o DIR`, or `--sheet FILE`, or `--clip FILE`"),
    }
}

impl RenderArguments {
    fn synth(&self) -> anyhow::Result<Synth> {
        let Some(kit) = &self.kit else { bail!("no head kit: give one by `--kit FILE`; {KIT_SOURCE}") };
        let poses = match &self.poses {
            Some(path) => {
                let text = fs::read_to_string(path).with_context(|| format!("cannot read poses `{}`", path.display()))?;
                Poses::parse(&text).with_context(|| format!("`{}`", path.display()))?
            }
            None => Poses::default(),
        };
        let backgrounds = self.backgrounds.as_deref().map_or(Ok(vec![]), backgrounds)?;
        let params = SynthParams {
            size_px: self.size,
            context: self.context,
            none_share: self.none,
            cut_out_share: self.cut_out,
            frame_px: self.frame,
            camera: SynthParams::default().camera,
        };
        Ok(Synth::new(Kit::load(kit)?, poses, backgrounds, params))
    }
}

/// The training pictures without faces of a dataset of scenes.
fn backgrounds(folder: &Path) -> anyhow::Result<Vec<RgbImage>> {
    let dataset = SceneDataset::load(folder)?;
    let empty = dataset.scenes().iter().filter(|scene| scene.split == Split::Train && scene.faces.is_empty());
    let pictures: Vec<RgbImage> = empty.map(|scene| scene.load(dataset.root())).collect::<Result<_, _>>()?;
    if pictures.is_empty() {
        bail!("`{}` has no training pictures without faces", folder.display());
    }
    Ok(pictures)
}

fn sheet(arguments: &RenderArguments, synth: &Synth, path: &Path) -> anyhow::Result<ExitCode> {
    let format = pictures::format_of(path)?;
    pictures::write(path, &contact_sheet(synth, arguments.per_pose, arguments.seed), format)?;
    print(&format!("written `{}`", path.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn folder(arguments: &RenderArguments, synth: &Synth, out: &Path) -> anyhow::Result<ExitCode> {
    let params =
        FolderParams { count: arguments.count, seed: arguments.seed, split: arguments.split, only: arguments.only.clone() };
    let stop = stop_on_ctrl_c()?;
    let bar = progress::bar(Some(arguments.count), "pictures");
    let on_picture = || bar.inc(1);
    let summary = if arguments.scenes {
        write_scenes(synth, out, &params, &stop, on_picture)
    } else if arguments.stress {
        write_stress(synth, out, &params, &stop, on_picture)
    } else {
        write_folder(synth, out, &params, &stop, on_picture)
    };
    bar.finish_and_clear();
    print(&format!("written `{}`: {} pictures", out.display(), summary?.pictures))?;
    Ok(exit_code(stop.load(Ordering::Relaxed), false))
}

fn clip(arguments: &RenderArguments, synth: &Synth, path: &Path) -> anyhow::Result<ExitCode> {
    let smileys =
        if arguments.only.is_empty() { synth.poses().ids().map(str::to_owned).collect() } else { arguments.only.clone() };
    let params = ClipParams { seed: arguments.seed, smileys, guest: arguments.guest };
    let stop = stop_on_ctrl_c()?;
    let bar = progress::bar(Some(0), "frames");
    let truth = write_clip(synth, path, &params, &stop, |count| {
        bar.set_length(count.into());
        bar.inc(1);
    });
    bar.finish_and_clear();
    print(&format!("written `{}`\ntruth   `{}`", path.display(), truth?.display()))?;
    Ok(exit_code(stop.load(Ordering::Relaxed), false))
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
