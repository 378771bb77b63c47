//! The software bill of materials of the function, in CycloneDX.

use crate::files::{copy_folder, file_error};
use crate::release::command::run;
use cloudformation_local::workspace::target;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What writes it.
const VERSION: &str = "0.5.9";

/// The file that cargo-cyclonedx writes beside each Cargo.toml, without its ending.
const NAME: &str = "release-files";

/// Writes what the function is built of to `to`.
///
/// # Errors
/// cargo-cyclonedx cannot be installed, or fails.
pub fn write(project: &Path, to: &Path, progress: &mut impl FnMut(&str)) -> Result<(), String> {
    let cyclonedx = installed(progress)?;
    // It writes into the sources: into a copy of those that it reads.
    let copy = target().join("release-files/sbom");
    for folder in ["src", "crates", "tests/support"] {
        copy_folder(&project.join(folder), &copy.join(folder))?;
    }
    for file in ["Cargo.toml", "Cargo.lock", "template.yaml"] {
        fs::copy(project.join(file), copy.join(file)).map_err(file_error(&project.join(file)))?;
    }
    let mut cargo = Command::new(cyclonedx);
    cargo.args(["cyclonedx", "--format", "json", "--spec-version", "1.5", "--override-filename", NAME]);
    // A serial number and a time would make every one another.
    cargo.args(["--target", "x86_64-unknown-linux-gnu"]).env("SOURCE_DATE_EPOCH", "0").current_dir(&copy);
    run(&mut cargo)?;
    let made = copy.join(format!("{NAME}.json"));
    let text = fs::read_to_string(&made).map_err(file_error(&made))?;
    let copy = copy.canonicalize().map_err(file_error(&copy))?;
    fs::write(to, text.replace(&format!("path+file://{}", copy.display()), "path+file:///project"))
        .map_err(file_error(to))
}

/// Where cargo-cyclonedx is, installed on first use.
fn installed(progress: &mut impl FnMut(&str)) -> Result<PathBuf, String> {
    let root = target().join("release-files/tools");
    let program = root.join("bin/cargo-cyclonedx");
    if !program.exists() {
        progress("Installing cargo-cyclonedx under target/release-files, the first time only");
        let mut install = Command::new("cargo");
        install.args(["install", "--locked", "--version", VERSION, "cargo-cyclonedx", "--root"]).arg(&root);
        run(&mut install)?;
    }
    Ok(program)
}
