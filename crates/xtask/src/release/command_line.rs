//! `chimectl` for machines without Rust: the program by itself, and a wheel with the function that it rehearses with.

use crate::files::{copy_folder, file_error, set_mode};
use crate::release::architecture::Architecture;
use crate::release::elf::platforms;
use crate::release::programs::CommandLine;
use crate::release::python_package::Builder;
use crate::release::repository::Repository;
use cloudformation_local::workspace::target;
use std::fs;
use std::path::Path;

/// The project of the wheel, which lacks the programs and the license.
const PROJECT: &str = "crates/chimectl/python";

/// Writes `chimectl-<architecture>` and the wheel to `out`.
///
/// # Errors
/// A program cannot be read, or the wheel cannot be built.
pub fn package(
    project: &Path,
    out: &Path,
    (architecture, programs): (Architecture, &CommandLine),
    builder: &Builder,
    repository: Option<&Repository>,
) -> Result<(), String> {
    let copy = target().join(format!("release-files/chimectl-{architecture}"));
    if copy.exists() {
        fs::remove_dir_all(&copy).map_err(file_error(&copy))?;
    }
    copy_folder(&project.join(PROJECT), &copy)?;
    fs::copy(project.join("LICENSE"), copy.join("LICENSE")).map_err(file_error(&copy))?;
    if let Some(repository) = repository {
        repository.add_to_pyproject(&copy)?;
    }
    let folder = copy.join("src/chimectl/bin");
    fs::create_dir_all(&folder).map_err(file_error(&folder))?;
    let mut contents = Vec::new();
    for (name, from) in [("chimectl", &programs.chimectl), ("chime-messaging-resources", &programs.function)] {
        let content = fs::read(from).map_err(file_error(from))?;
        let to = folder.join(name);
        fs::write(&to, &content).map_err(file_error(&to))?;
        set_mode(&to, 0o755)?;
        contents.push(content);
    }
    let bare = out.join(format!("chimectl-{architecture}"));
    fs::copy(folder.join("chimectl"), &bare).map_err(file_error(&bare))?;
    let contents: Vec<_> = contents.iter().map(Vec::as_slice).collect();
    builder.limit(&builder.wheel(&copy, out)?, &platforms(architecture, &contents))
}
