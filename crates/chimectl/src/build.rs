//! The function's program: built from this workspace, or the one that was installed with chimectl.

use cloudformation_local::workspace::{self, root, target};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// The name of the program.
const NAME: &str = "chime-messaging-resources";

/// The path of the function. If it does not lie beside this program, as chimectl's wheel has it, cargo builds it with its defaults, which
/// takes a second if it has been built before.
///
/// # Errors
/// There is neither a function nor its sources, there is no cargo, or the function does not build.
pub async fn function(progress: impl FnOnce(&str)) -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program's own file: {error}"))?;
    if let Some(function) = installed(&program, &target()) {
        return Ok(function);
    }
    if !workspace::exists() {
        let folder = program.with_file_name("");
        return Err(format!(
            "there is no function {NAME} in {}: install chimectl's wheel, which has it, or give --binary the bootstrap of a release's zip",
            folder.display()
        ));
    }
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
    Ok(target().join("debug").join(NAME))
}

/// The function that lies beside a program, unless cargo has built both: that one may be older than the sources.
fn installed(program: &Path, target: &Path) -> Option<PathBuf> {
    let target = target.canonicalize().unwrap_or_else(|_| target.to_owned());
    let function = program.with_file_name(NAME);
    (!program.starts_with(target) && function.is_file()).then_some(function)
}

/// Whether cargo sets the variable for the crate that it builds or runs.
/// <https://doc.rust-lang.org/cargo/reference/environment-variables.html#environment-variables-cargo-sets-for-crates>
fn is_of_a_crate(name: &str) -> bool {
    let of_a_crate =
        ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
    of_a_crate.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_installed_function_is_used_and_a_built_one_is_built_again() {
        let folder = std::env::temp_dir().join(format!("chimectl-build-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let folder = folder.canonicalize().unwrap();
        let (program, elsewhere) = (folder.join("chimectl"), folder.join("target"));
        assert_eq!(installed(&program, &elsewhere), None);
        fs::write(folder.join(NAME), "").unwrap();
        assert_eq!(installed(&program, &elsewhere), Some(folder.join(NAME)));
        assert_eq!(installed(&program, &folder), None);
        fs::remove_dir_all(folder).unwrap();
    }
}
