//! The software bill of materials of the function, in CycloneDX.

use crate::files::{copy_folder, file_error};
use crate::release::command::run;
use cloudformation_local::workspace::target;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version of cargo-cyclonedx.
const VERSION: &str = "0.5.9";

/// The name of the file that cargo-cyclonedx writes beside each Cargo.toml, without its extension.
const NAME: &str = "release-files";

/// Writes the bill of materials to `to`.
///
/// # Errors
/// cargo-cyclonedx cannot be installed, or fails.
pub fn write(project: &Path, to: &Path, progress: &mut impl FnMut(&str)) -> Result<(), String> {
    let cyclonedx = installed(progress)?;
    // cargo-cyclonedx writes its files beside the sources, so it gets a copy.
    let copy = target().join("release-files/sbom");
    for folder in ["src", "crates", "tests/support"] {
        copy_folder(&project.join(folder), &copy.join(folder))?;
    }
    for file in ["Cargo.toml", "Cargo.lock", "template.yaml"] {
        fs::copy(project.join(file), copy.join(file)).map_err(file_error(&project.join(file)))?;
    }
    let mut cargo = Command::new(cyclonedx);
    cargo.args(["cyclonedx", "--format", "json", "--spec-version", "1.5", "--override-filename", NAME]);
    // Without a fixed time and target, every file would be different.
    cargo.args(["--target", "x86_64-unknown-linux-gnu"]).env("SOURCE_DATE_EPOCH", "0").current_dir(&copy);
    run(&mut cargo)?;
    let made = copy.join(format!("{NAME}.json"));
    let text = fs::read_to_string(&made).map_err(file_error(&made))?;
    let copy = copy.canonicalize().map_err(file_error(&copy))?;
    fs::write(to, text.replace(&format!("path+file://{}", copy.display()), "path+file:///project"))
        .map_err(file_error(to))
}

/// The path of cargo-cyclonedx, which is installed on first use.
fn installed(progress: &mut impl FnMut(&str)) -> Result<PathBuf, String> {
    let root = target().join("release-files/tools");
    let program = root.join("bin/cargo-cyclonedx");
    if !program.exists() {
        progress("Installing cargo-cyclonedx in target/release-files (only the first time)");
        let mut install = Command::new("cargo");
        install.args(["install", "--locked", "--version", VERSION, "cargo-cyclonedx", "--root"]).arg(&root);
        run(&mut install)?;
    }
    Ok(program)
}
