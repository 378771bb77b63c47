//! The command line.

use crate::{bench, generate, load_test, package};
use chimectl::terminal;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// What maintainers of the CloudFormation custom resources for Amazon Chime SDK messaging run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure the built function, by itself or beside another: start, events, memory, processor, calls, sizes
    Bench(bench::Arguments),
    /// Write the files that are made of the resource types: schemas, reference, and the schema for editors
    Generate(generate::Arguments),
    /// Create and delete many users at once, against so many Chime calls a second
    LoadTest(load_test::Arguments),
    /// Make the files of a release: zips and templates that deploy without Rust, the linter's packages, checksums
    Package(package::Arguments),
}

/// Runs the command that the process was started with. An error is printed, and its exit status is 2.
pub async fn run() -> ExitCode {
    terminal::exit_code(match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(arguments).await,
        Command::Generate(arguments) => generate::run(&arguments),
        Command::LoadTest(arguments) => load_test::run(arguments).await,
        Command::Package(arguments) => package::run(&arguments),
    })
}
