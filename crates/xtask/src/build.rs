//! `cargo xtask build`: builds the programs of a release where they run natively, for `package` to take from everywhere.

use crate::release::build;
use cloudformation_local::workspace::root;
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `build`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder for the programs; each architecture has a folder in it
    #[arg(long, value_name = "FOLDER", default_value = "target/programs")]
    out: PathBuf,
}

/// Builds the programs.
///
/// # Errors
/// See [`build`].
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    build(root(), &arguments.out, |step| anstream::println!("{step}"))?;
    Ok(ExitCode::SUCCESS)
}
