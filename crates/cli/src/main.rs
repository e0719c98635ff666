//! The command `smielfy`: flags in; printing, progress bars and exit codes out. All work is done by the library.

mod bench;
mod dataset;
mod doubts;
mod eval;
mod label;
mod models;
mod peers;
mod pictures;
mod progress;
mod recognize;
mod serve;
mod synth;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An allocator that keeps its memory: training takes and gives back tens of megabytes a step, and twice as long without it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code of a command that could not do all of its work, as documented in the README.
const FAILURE: u8 = 2;
/// Exit code of a command that was interrupted, as shells have it (128 + SIGINT).
const INTERRUPTED: u8 = 130;

/// Sees which of 17 smileys a person is pulling with the face.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Recognize(recognize::RecognizeArguments),
    Detect(recognize::DetectArguments),
    #[command(subcommand)]
    Eval(eval::EvalCommand),
    #[command(subcommand)]
    Dataset(dataset::DatasetCommand),
    Train(train::TrainArguments),
    Bench(bench::BenchArguments),
    Synth(synth::SynthArguments),
    Serve(serve::ServeArguments),
    Label(label::LabelArguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Recognize(arguments) => recognize::recognize(&arguments),
        Command::Detect(arguments) => recognize::detect(&arguments),
        Command::Eval(command) => eval::run(&command),
        Command::Dataset(command) => dataset::run(&command),
        Command::Train(arguments) => train::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Synth(arguments) => synth::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Label(arguments) => label::run(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {}", progress::causes(&error));
        ExitCode::from(FAILURE)
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn flags_are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
