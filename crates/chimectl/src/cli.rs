//! The command line.

use crate::terminal::say;
use crate::{drift, export, iam_policy, inventory, invoke, probe, schema, serve, stack, terminal};
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The CloudFormation custom resources for Amazon Chime SDK messaging: rehearsed on this machine, and looked at in an account.
#[derive(Debug, Parser)]
#[command(name = "chimectl", version, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 all is as it should be; 1 it is not, as each command says; 2 an error, or something \
                        could not be told; 130 interrupted."
)]
struct Arguments {
    #[command(flatten)]
    color: colorchoice_clap::Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a script that completes the commands and options in a shell
    Completions {
        /// The shell that the script is for
        shell: Shell,
    },
    /// Compare what the resources of stacks state with what Chime shows; nothing is changed
    Drift(drift::Arguments),
    /// Write a template that adopts what an app instance holds, as it is
    #[command(
        after_help = "Exit status: 0 all of it was read; 2 something could not be read, or there is more than a stack can \
                      have, or an error; 130 interrupted."
    )]
    Export(export::Arguments),
    /// Print the IAM policy that the commands on an account need: it only reads
    IamPolicy,
    /// Show what Chime holds in an account, and whose it is
    #[command(
        after_help = "Exit status: 0 all of it was read, and with --orphans there are none; 1 there are orphans; 2 something \
                      could not be read or told, or an error; 130 interrupted."
    )]
    Inventory(inventory::Arguments),
    /// Run events through the function, in order, against a simulator of the Chime APIs
    #[command(after_help = "Exit status: 0 every event succeeded; 1 one failed or was not answered; 2 an error.")]
    Invoke(invoke::Arguments),
    /// Print the manual page, or write those of all commands
    Man {
        /// The folder for the pages of all commands; by default, that of chimectl itself is printed
        directory: Option<PathBuf>,
    },
    /// Put the open questions about Chime to Chime itself, in a throw-away app instance
    #[command(after_help = "Exit status: 0 every question was answered and everything is deleted; 1 not; 2 an error; \
                            130 interrupted, and everything is deleted.")]
    Probe(probe::Arguments),
    /// Print what a type takes and gives, as a JSON Schema
    Schema(schema::Arguments),
    /// Keep the simulator, a response bucket and an /invoke endpoint up, for other tools
    Serve(serve::Arguments),
    /// Take a template through the life of its stack, in a CloudFormation engine on this machine
    #[command(
        after_help = "Exit status: 0 every deployment and the deletion succeeded, and Chime holds what the stack \
                            says; 1 not; 2 an error, such as a template that CloudFormation rejects; 130 interrupted."
    )]
    Stack(stack::Arguments),
}

/// Runs the command line of this process. Returns the exit status: 2 for an error, which is printed.
pub async fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help or a version. clap would not say that they could not be written.
        Err(shown) if !shown.use_stderr() => {
            say!("{}", shown.render().ansi());
            return ExitCode::SUCCESS;
        }
        Err(error) => error.exit(),
    };
    arguments.color.write_global();
    terminal::exit_code(match arguments.command {
        Command::Completions { shell } => completions(shell),
        Command::Drift(arguments) => drift::run(arguments).await,
        Command::Export(arguments) => export::run(arguments).await,
        Command::IamPolicy => iam_policy::run(),
        Command::Inventory(arguments) => inventory::run(arguments).await,
        Command::Invoke(arguments) => invoke::run(arguments).await,
        Command::Man { directory } => manual(directory.as_deref()),
        Command::Probe(arguments) => probe::run(arguments).await,
        Command::Schema(arguments) => schema::run(arguments),
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Stack(arguments) => stack::run(arguments).await,
    })
}

fn completions(shell: Shell) -> Result<ExitCode, String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "chimectl", &mut script);
    terminal::write_plain(&script);
    Ok(ExitCode::SUCCESS)
}

fn manual(directory: Option<&Path>) -> Result<ExitCode, String> {
    if let Some(directory) = directory {
        let written = std::fs::create_dir_all(directory)
            .and_then(|()| clap_mangen::generate_to(Arguments::command(), directory).map(drop));
        written.map_err(|error| format!("{}: {error}", directory.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut page).map_err(|error| error.to_string())?;
    terminal::write_plain(&page);
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn colours_are_chosen_before_or_after_the_command() {
        for arguments in
            [["chimectl", "--color", "never", "iam-policy"], ["chimectl", "iam-policy", "--color", "never"]]
        {
            assert!(Arguments::try_parse_from(arguments).is_ok(), "{arguments:?}");
        }
        let wrong = Arguments::try_parse_from(["chimectl", "--color", "sometimes", "iam-policy"]);
        assert!(wrong.is_err_and(|error| error.to_string().contains("auto, always, never")));
    }
}
