//! The npm package of `cdk/`, the constructs for CDK.

use crate::files::{copy_folder, file_error};
use crate::release::command::run;
use cloudformation_local::workspace::target;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether the project has the folder.
pub fn exists(project: &Path) -> bool {
    project.join("cdk/package.json").exists()
}

/// Writes the tarball to `out`. The package is built in a copy, so that no files are left in the project.
///
/// # Errors
/// Node.js is missing, or the build fails.
pub fn package(project: &Path, out: &Path) -> Result<(), String> {
    let home = target().join("release-files/library");
    if home.exists() {
        fs::remove_dir_all(&home).map_err(file_error(&home))?;
    }
    // Its build reads the schemas beside it.
    for folder in ["cdk", "schemas"] {
        copy_folder(&project.join(folder), &home.join(folder))?;
    }
    fs::copy(project.join("template.yaml"), home.join("template.yaml")).map_err(file_error(&home))?;
    let copy = home.join("cdk");
    let out = out.canonicalize().map_err(file_error(out))?;
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.args(arguments).current_dir(&copy);
        npm
    };
    run(&mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    run(&mut npm(&["run", "build", "--if-present"]))?;
    run(npm(&["pack", "--pack-destination"]).arg(out))
}
