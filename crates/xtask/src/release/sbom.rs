//! The software bill of materials of the function, in CycloneDX.

use crate::files::{copy_folder, file_error};
use crate::release::command::{run, run_shown};
use crate::release::steps::Step;
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
pub fn write(project: &Path, to: &Path) -> Result<(), String> {
    let cyclonedx = installed()?;
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

/// The step of [`write`], which takes longer the first time.
pub fn step() -> Step {
    Step::Sbom { is_installed: program().exists() }
}

fn tools() -> PathBuf {
    target().join("release-files/tools")
}

fn program() -> PathBuf {
    tools().join("bin/cargo-cyclonedx")
}

/// The path of cargo-cyclonedx, which is installed on first use.
fn installed() -> Result<PathBuf, String> {
    let program = program();
    if !program.exists() {
        let mut install = Command::new("cargo");
        // Unoptimized, so that it is built sooner: it runs for a second.
        install
            .args(["install", "--debug", "--locked", "--version", VERSION, "cargo-cyclonedx", "--root"])
            .arg(tools());
        run_shown(&mut install)?;
    }
    Ok(program)
}
