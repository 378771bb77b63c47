//! The function's binary, where none is given: built from where this project lies.

use chime_local::cloudformation::{project, target};
use std::path::PathBuf;
use tokio::process::Command;

/// Builds the function as cargo does by default, which takes a second where it has been built before.
pub async fn build(progress: impl FnOnce(&str)) -> Result<PathBuf, String> {
    progress("Building the function ...");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // Without --quiet, so that a build that takes long shows that it goes on.
    build.args(["build", "--package", "chime-messaging-resources"]).current_dir(project()).kill_on_drop(true);
    let status = build.status().await.map_err(|error| {
        format!(
            "cargo, which builds the function, cannot be run ({error}); --binary names a function that is built already"
        )
    })?;
    if !status.success() {
        return Err("the function does not build".to_owned());
    }
    Ok(target().join("debug/chime-messaging-resources"))
}
