//! Progress bars, standard output, errors in words and Ctrl-C, the same for all commands.

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of `length` steps with rate and remaining time, or a spinner where the length is not known.
pub fn bar(length: Option<u64>, what: &str) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{bar:30} {pos}/{len}  {per_sec:.1}  {eta} left  {wide_msg}"),
        None => (ProgressBar::new_spinner(), "{spinner} {pos}  {per_sec:.1}  {elapsed}  {wide_msg}"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("a constant template")).with_message(what.to_owned())
}

/// Prints a line above the bar, or plainly where there is no terminal.
pub fn say(bar: &ProgressBar, line: &str) {
    if bar.is_hidden() {
        eprintln!("{line}");
    } else {
        bar.println(line);
    }
}

/// Prints a line to standard output; a reader that has gone (`| head`) ends the program quietly.
pub fn print(line: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    Ok(output.write_all(line.as_bytes()).and_then(|()| output.write_all(b"\n"))?)
}

/// An error and its causes in a line; a cause that the error before it quotes is not said twice.
pub fn causes(error: &anyhow::Error) -> String {
    let causes = error.chain().map(ToString::to_string);
    causes.reduce(|said, cause| if said.ends_with(&cause) { said } else { format!("{said}: {cause}") }).unwrap_or_default()
}

/// Whether an error says that the reader of standard output has gone.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A flag that the first Ctrl-C sets; the second one ends the program at once.
pub fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            end_at_once();
        }
    })?;
    Ok(stop)
}

#[expect(clippy::exit, reason = "the user asked twice; nothing is half written, as files get their names when they are whole")]
fn end_at_once() -> ! {
    std::process::exit(i32::from(crate::INTERRUPTED))
}

/// The exit code of a command that was or was not interrupted, of which some part did or did not fail.
pub fn exit_code(interrupted: bool, failed: bool) -> ExitCode {
    match (interrupted, failed) {
        (true, _) => ExitCode::from(crate::INTERRUPTED),
        (false, true) => ExitCode::from(crate::FAILURE),
        (false, false) => ExitCode::SUCCESS,
    }
}
