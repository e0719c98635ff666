//! `smielfy label`: from clips to training data, on a page of this machine.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::Args;
use smielfy::{
    dataset::Split,
    label::{Agreement, ExportParams, Session, SessionParams, agreement},
    process::expand,
};
use smielfy_server::{LabelParams, PageStarted, label};

use crate::{
    models::ModelArguments,
    progress::{exit_code, print},
    serve::log_to_stderr,
};

/// Label videos and pictures by keys on a page of this machine: a stretch of one pose at a time, the least certain first. What is said
/// is saved at once, and becomes a dataset to train from; the same command goes on where it was left.
#[derive(Args)]
#[command(after_help = "Examples:
  smielfy label clip.mp4 -o faces                      prints the page's address; Ctrl-C ends it
  smielfy label party/ more.mkv -o faces --labeller anna
  smielfy label --compare faces                        how often labellers agree, and where they do not
  smielfy train recipes/article.toml --set task.smileys.data=faces")]
pub struct LabelArguments {
    /// Videos, pictures, and folders of them.
    #[arg(required_unless_present = "compare", value_name = "VIDEO or FOLDER")]
    input: Vec<PathBuf>,
    /// Folder for the answers and the dataset that they make.
    #[arg(short, long, value_name = "DIR", required_unless_present = "compare")]
    out: Option<PathBuf>,
    /// Who labels: answers of several people to the same clips are kept apart and can be compared.
    #[arg(long, value_name = "NAME", default_value = "me")]
    labeller: String,
    /// Put all people into this split: train, valid or test; by default people of the second clip and each fifth from there are for
    /// validation.
    #[arg(long)]
    split: Option<Split>,
    /// Save all pictures of a stretch, near-copies of each other, and not the one that stands for them.
    #[arg(long)]
    extras: bool,
    /// Address and port of the page; others than this machine's own let people elsewhere in who know the printed address.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Print how the labellers of this folder agree instead: share, Cohen's kappa, and where they do not.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["input", "out"])]
    compare: Option<PathBuf>,
    /// With `--compare`: print one object of JSON a pair of labellers.
    #[arg(long, requires = "compare")]
    json: bool,
    #[command(flatten)]
    models: ModelArguments,
}

pub fn run(arguments: &LabelArguments) -> anyhow::Result<ExitCode> {
    let session = |folder: &PathBuf| -> anyhow::Result<SessionParams> {
        let smileys = arguments.models.smileys()?;
        Ok(SessionParams { folder: folder.clone(), labeller: arguments.labeller.clone(), smileys })
    };
    match (&arguments.compare, &arguments.out) {
        (Some(folder), _) if !Session::is_in(folder) => {
            bail!("nobody has labeled in `{}`: give the folder of `--out`", folder.display())
        }
        (Some(folder), _) => compare(&Session::open(session(folder)?)?, arguments.json),
        (None, Some(folder)) => serve_page(arguments, session(folder)?),
        (None, None) => bail!("give a folder for the answers by `--out`"),
    }
}

fn serve_page(arguments: &LabelArguments, session: SessionParams) -> anyhow::Result<ExitCode> {
    log_to_stderr();
    let (mut clips, mut failed) = (Vec::new(), false);
    for input in expand(&arguments.input) {
        match input.map(|input| input.path()) {
            Ok(Some(path)) => clips.push(path),
            Ok(None) => bail!("a stream cannot be labeled: save it to a file and give the file"),
            Err(error) => {
                eprintln!("error: {error}");
                failed = true;
            }
        }
    }
    if clips.is_empty() {
        bail!("there is nothing to label: name a video, a picture or a folder of them");
    }
    let folder = session.folder.clone();
    let params = LabelParams {
        session,
        clips,
        models: arguments.models.models()?,
        listen: arguments.listen,
        export: ExportParams { split: arguments.split, extras: arguments.extras },
    };
    let mut printed = Ok(());
    let pictures = label(params, |started| printed = welcome(started))?;
    printed?;
    print(&format!("{pictures} labeled pictures in `{}`", folder.display()))?;
    Ok(exit_code(false, failed))
}

/// Says where a page of this machine can be opened.
pub fn welcome(started: &PageStarted) -> anyhow::Result<()> {
    for warning in &started.warnings {
        eprintln!("warning: {warning}");
    }
    for address in &started.addresses {
        print(address)?;
    }
    print("Open it in a browser. The certificate is self-signed: browsers warn once, then let you go on. Ctrl-C ends it.")
}

fn compare(session: &Session, json: bool) -> anyhow::Result<ExitCode> {
    let compared = agreement(session);
    if compared.is_empty() {
        bail!("no two labellers have labeled a stretch in common: let the second one run `smielfy label --labeller NAME`");
    }
    for pair in &compared {
        print(&if json { serde_json::to_string(pair)? } else { in_words(pair) })?;
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(pair: &Agreement) -> String {
    let Agreement { first, second, stretches, agreement, kappa, disagreements } = pair;
    let head = format!("{first} and {second}: {stretches} stretches, agreement {agreement:.3}, kappa {kappa:.3}");
    let line =
        |at: &smielfy::label::Disagreement| format!("\n  {} at {:.2} s: {} or {}", at.clip, at.time_s, at.first, at.second);
    head + &disagreements.iter().map(line).collect::<String>()
}
