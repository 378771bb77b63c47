//! The wheel and the source distribution of `cfn-lint/`.

use crate::files::{copy_folder, file_error};
use crate::release::python_package::Builder;
use crate::release::repository::Repository;
use cloudformation_local::workspace::target;
use std::fs;
use std::path::Path;

/// Writes both to `out`. They are built in a copy, whose metadata name the repository.
///
/// # Errors
/// The build fails.
pub fn package(project: &Path, out: &Path, builder: &Builder, repository: Option<&Repository>) -> Result<(), String> {
    let copy = target().join("release-files/linter");
    if copy.exists() {
        fs::remove_dir_all(&copy).map_err(file_error(&copy))?;
    }
    copy_folder(&project.join("cfn-lint"), &copy)?;
    if let Some(repository) = repository {
        repository.add_to_pyproject(&copy)?;
    }
    builder.wheel(&copy, out)?;
    builder.source_distribution(&copy, out).map(drop)
}
