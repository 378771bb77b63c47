//! The tools that a release needs.

use std::process::{Command, Output};

/// Runs a command.
///
/// # Errors
/// It cannot be run, or it fails; the message contains its output.
pub fn run(command: &mut Command) -> Result<(), String> {
    said(command).map(drop)
}

/// The same, and returns what it printed to standard output, without the blanks around it.
///
/// # Errors
/// See [`run`].
pub fn said(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let Output { status, stdout, stderr } =
        command.output().map_err(|error| format!("{program} cannot be run: {error}"))?;
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    if status.success() {
        Ok(stdout.trim().to_owned())
    } else {
        Err(format!("{program} failed:\n{}", (stdout + &stderr).trim()))
    }
}

/// Runs a command that shows its own progress.
///
/// # Errors
/// It cannot be run, or it fails.
pub fn run_shown(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{program} cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} failed")) }
}
