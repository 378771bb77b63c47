//! Builds the function's binary from this workspace.

use cloudformation_local::workspace::{root, target};
use std::path::PathBuf;
use tokio::process::Command;

/// Builds the function with cargo's defaults, which takes a second if it has been built before. Returns the path of the binary.
///
/// # Errors
/// There is no cargo, or the function does not build.
pub async fn function(progress: impl FnOnce(&str)) -> Result<PathBuf, String> {
    progress("Building the function ...");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // Together with this crate, so that both share their dependencies: by itself the function has fewer features of them, and would
    // build all of them again. Not quietly: a long build has to show progress.
    build.args(["build", "--package", "chime-messaging-resources", "--package", "chimectl"]);
    build.current_dir(root()).kill_on_drop(true);
    // Variables that `cargo run` sets for this crate: build scripts watch them, and would run again.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_of_a_crate)) {
        build.env_remove(name);
    }
    let status = build.status().await.map_err(|error| {
        format!("cargo cannot be run to build the function ({error}); --binary takes a function that is built already")
    })?;
    if !status.success() {
        return Err("the function does not build".to_owned());
    }
    Ok(target().join("debug/chime-messaging-resources"))
}

/// Whether cargo sets the variable for the crate that it builds or runs.
/// <https://doc.rust-lang.org/cargo/reference/environment-variables.html#environment-variables-cargo-sets-for-crates>
fn is_of_a_crate(name: &str) -> bool {
    let of_a_crate =
        ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
    of_a_crate.iter().any(|start| name.starts_with(start))
}
