//! The function's binary, built from where this workspace lies.

use cloudformation_local::workspace::{root, target};
use std::path::PathBuf;
use tokio::process::Command;

/// Builds the function as cargo does by default, which takes a second where it has been built before. Gives the path of the binary.
///
/// # Errors
/// There is no cargo, or the function does not build.
pub async fn function(progress: impl FnOnce(&str)) -> Result<PathBuf, String> {
    progress("Building the function ...");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // Together with this crate, because the two then share their dependencies: alone, the function has fewer features of
    // them, and would build all of them anew. Not quietly: a build that takes long has to show that it goes on.
    build.args(["build", "--package", "chime-messaging-resources", "--package", "chimectl"]);
    build.current_dir(root()).kill_on_drop(true);
    // What `cargo run` says of this crate: build scripts watch it, and would take each build for another.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_of_a_crate)) {
        build.env_remove(name);
    }
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

/// Whether cargo sets the variable for the crate that it builds or runs.
/// <https://doc.rust-lang.org/cargo/reference/environment-variables.html#environment-variables-cargo-sets-for-crates>
fn is_of_a_crate(name: &str) -> bool {
    let of_a_crate =
        ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
    of_a_crate.iter().any(|start| name.starts_with(start))
}
