//! The command line.

use crate::{bench, build, generate, load_test, package};
use chimectl::terminal;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Commands for maintainers of the CloudFormation custom resources for Amazon Chime SDK messaging
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure the built function, alone or against another program: init, events, memory, CPU time, calls, sizes
    Bench(bench::Arguments),
    /// Build the programs of a release for this machine's architecture, for `package --programs`
    Build(build::Arguments),
    /// Generate files from the resource types: schemas, the reference, and the schema for editors
    Generate(generate::Arguments),
    /// Create and delete many users at once while Chime's calls per second are limited
    LoadTest(load_test::Arguments),
    /// Create the files of a release: zips and templates for a deployment without Rust, chimectl, packages for Python and npm, checksums
    Package(package::Arguments),
}

/// Runs the command of the command line. An error is printed and exits with 2.
pub async fn run() -> ExitCode {
    terminal::exit_code(match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(arguments).await,
        Command::Build(arguments) => build::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::LoadTest(arguments) => load_test::run(arguments).await,
        Command::Package(arguments) => package::run(&arguments),
    })
}
