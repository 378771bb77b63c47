//! `chimectl iam-policy`: the IAM policy that the commands on an account need.

use crate::account::reads::policy;
use crate::terminal::say_line;
use std::process::ExitCode;

/// Prints the policy.
///
/// # Errors
/// It cannot be written as JSON, which does not happen.
pub fn run() -> Result<ExitCode, String> {
    let policy = serde_json::to_string_pretty(&policy()).map_err(|error| error.to_string())?;
    say_line!("{policy}");
    Ok(ExitCode::SUCCESS)
}
