//! `chime-local`: the function on this machine, with no AWS and no Docker.

mod bench;
mod crowd;
mod invoke;
mod package;
mod probe;
mod schema;
mod screen;
mod serve;
mod stack;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The CloudFormation custom resources for Amazon Chime SDK messaging, on this machine.
#[derive(Debug, Parser)]
#[command(name = "chime-local", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure the built function, by itself or beside another: start, events, memory, processor, calls, sizes
    Bench(bench::Arguments),
    /// Create and delete many users at once, against so many Chime calls a second
    Crowd(crowd::Arguments),
    /// Run events through the function, in order, against a simulator of the Chime APIs
    Invoke(invoke::Arguments),
    /// Make the files of a release: zips and templates that deploy without Rust, the linter's packages, checksums
    Package(package::Arguments),
    /// Put the open questions about Chime to Chime itself, in a throw-away app instance
    Probe(probe::Arguments),
    /// Print what a type takes and gives, as a JSON Schema
    Schema(schema::Arguments),
    /// Keep the simulator, a receiver of answers and an /invoke endpoint up, for other tools
    Serve(serve::Arguments),
    /// Take a template through the life of its stack, in a CloudFormation engine on this machine
    Stack(stack::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(arguments).await,
        Command::Crowd(arguments) => crowd::run(arguments).await,
        Command::Invoke(arguments) => invoke::run(arguments).await,
        Command::Package(arguments) => package::run(&arguments),
        Command::Probe(arguments) => probe::run(arguments).await,
        Command::Schema(arguments) => schema::run(arguments),
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Stack(arguments) => stack::run(arguments).await,
    };
    outcome.unwrap_or_else(|error| {
        anstream::eprintln!("{}error:{} {error}", screen::BAD, screen::BAD.render_reset());
        ExitCode::from(2)
    })
}
