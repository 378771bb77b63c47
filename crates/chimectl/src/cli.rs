//! The command line.

use crate::{drift, export, iam_policy, inventory, invoke, probe, schema, serve, stack, terminal};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The CloudFormation custom resources for Amazon Chime SDK messaging, on this machine.
#[derive(Debug, Parser)]
#[command(name = "chimectl", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compare what the resources of stacks state with what Chime shows; nothing is changed
    Drift(drift::Arguments),
    /// Write a template that adopts what an app instance holds, as it is
    Export(export::Arguments),
    /// Print the IAM policy that the commands on an account need: it only reads
    IamPolicy,
    /// Show what Chime holds in an account, and whose it is
    Inventory(inventory::Arguments),
    /// Run events through the function, in order, against a simulator of the Chime APIs
    Invoke(invoke::Arguments),
    /// Put the open questions about Chime to Chime itself, in a throw-away app instance
    Probe(probe::Arguments),
    /// Print what a type takes and gives, as a JSON Schema
    Schema(schema::Arguments),
    /// Keep the simulator, a response bucket and an /invoke endpoint up, for other tools
    Serve(serve::Arguments),
    /// Take a template through the life of its stack, in a CloudFormation engine on this machine
    Stack(stack::Arguments),
}

/// Runs the command line of this process. Returns the exit status: 2 for an error, which is printed.
pub async fn run() -> ExitCode {
    terminal::exit_code(match Arguments::parse().command {
        Command::Drift(arguments) => drift::run(arguments).await,
        Command::Export(arguments) => export::run(arguments).await,
        Command::IamPolicy => iam_policy::run(),
        Command::Inventory(arguments) => inventory::run(arguments).await,
        Command::Invoke(arguments) => invoke::run(arguments).await,
        Command::Probe(arguments) => probe::run(arguments).await,
        Command::Schema(arguments) => schema::run(arguments),
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Stack(arguments) => stack::run(arguments).await,
    })
}
