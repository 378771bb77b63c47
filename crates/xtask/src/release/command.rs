//! The tools that a release needs.

use std::process::Command;

/// Runs a command.
///
/// # Errors
/// It cannot be run, or it fails; the message contains its output.
pub fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program} cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    Err(format!("{program} failed:\n{}", printed.trim()))
}
