//! The npm tarball of `cdk/`, the constructs for CDK.

use crate::cloudformation::target;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether the project has such a folder.
pub fn is_there(project: &Path) -> bool {
    project.join("cdk/package.json").exists()
}

/// Puts the tarball into `out`. The package is built in a copy, so that nothing is left in the project.
///
/// # Errors
/// There is no Node.js, or the package does not build.
pub fn package(project: &Path, out: &Path) -> Result<(), String> {
    let copy = target().join("release-files/cdk");
    if copy.exists() {
        fs::remove_dir_all(&copy).map_err(super::told(&copy))?;
    }
    copy_folder(&project.join("cdk"), &copy)?;
    let out = out.canonicalize().map_err(super::told(out))?;
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.args(arguments).current_dir(&copy);
        npm
    };
    super::run(&mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    super::run(&mut npm(&["run", "build", "--if-present"]))?;
    super::run(npm(&["pack", "--pack-destination"]).arg(out))
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(super::told(to))?;
    for entry in fs::read_dir(from).map_err(super::told(from))?.flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() && entry.file_name() != "node_modules" {
            copy_folder(&from, &to)?;
        } else if from.is_file() {
            fs::copy(&from, &to).map_err(super::told(&from))?;
        }
    }
    Ok(())
}
