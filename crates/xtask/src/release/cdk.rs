//! The packages of `cdk/`, the constructs for CDK: for npm and for Python.

use crate::files::{copy_folder, file_error};
use crate::release::command::run;
use crate::release::python_package::EPOCH;
use crate::release::repository::Repository;
use cloudformation_local::workspace::target;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether the project has the folder.
pub fn exists(project: &Path) -> bool {
    project.join("cdk/package.json").exists()
}

/// Writes the tarball and the wheel to `out`. They are built in a copy, so that no files are left in the project.
///
/// # Errors
/// Node.js or Python is missing, or the build fails.
pub fn package(project: &Path, out: &Path, repository: Option<&Repository>) -> Result<(), String> {
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
    npm(&copy, &["ci", "--no-audit", "--no-fund"])?;
    build(&copy, repository)?;
    let made = copy.join("dist");
    // jsii calls it `NAME@VERSION.jsii.tgz`; a release has the name that `npm pack` gives.
    take(&made.join("js"), out, "tgz", |name| name.replace('@', "-").replace(".jsii.tgz", ".tgz"))?;
    // The source distribution is no source: both have the same compiled tarball in them.
    take(&made.join("python"), out, "whl", str::to_owned)
}

/// Builds the library in this folder, whose npm packages are installed, and then both packages in `dist/`. Their metadata name the repository.
///
/// # Errors
/// Node.js or Python is missing, or the build fails.
pub fn build(library: &Path, repository: Option<&Repository>) -> Result<(), String> {
    if let Some(repository) = repository {
        let fields = repository.of_npm("cdk");
        npm(library, &["pkg", "set"].into_iter().chain(fields.iter().map(String::as_str)).collect::<Vec<_>>())?;
    }
    let dist = library.join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist).map_err(file_error(&dist))?;
    }
    npm(library, &["run", "build"])?;
    npm(library, &["run", "package"])
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    run(Command::new("npm").args(arguments).current_dir(folder).env("SOURCE_DATE_EPOCH", EPOCH))
}

/// Moves the only file of a kind to `out`.
fn take(from: &Path, out: &Path, extension: &str, named: impl Fn(&str) -> String) -> Result<(), String> {
    let entries = fs::read_dir(from).map_err(file_error(from))?.flatten().map(|entry| entry.path());
    let found: Vec<_> = entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    let [file] = &found[..] else {
        return Err(format!("{} has {} files that end with .{extension}, and not one", from.display(), found.len()));
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    fs::copy(file, out.join(named(&name))).map(drop).map_err(file_error(file))
}
