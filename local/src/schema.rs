//! `chime-local schema`: what a type takes and gives, for other tools.

use chime_local::generated::{files, pretty};
use chime_messaging_resources::registry::{schemas, types};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A type, with or without Custom::; all of them unless given
    #[arg(value_name = "TYPE")]
    resource_type: Option<String>,
    /// Write schemas/ and docs/resources.md of the project in this folder, from its declarations and events/
    #[arg(long, value_name = "FOLDER", conflicts_with = "resource_type")]
    write: Option<PathBuf>,
}

/// Prints the schema of one type, or a list of all; or writes the files that are made of them.
///
/// # Errors
/// There is no such type, or a file cannot be read or written.
pub fn run(arguments: Arguments) -> Result<ExitCode, String> {
    if let Some(project) = &arguments.write {
        for (path, content) in files(project)? {
            write(&project.join(path), &content)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let Some(wanted) = &arguments.resource_type else {
        anstream::println!("{}", pretty(&Json::Array(schemas())));
        return Ok(ExitCode::SUCCESS);
    };
    let name = format!("Custom::{}", wanted.strip_prefix("Custom::").unwrap_or(wanted));
    let schema = schemas().into_iter().find(|schema| schema["typeName"] == name.as_str());
    let schema = schema.ok_or_else(|| format!("{name} is not a type; there are {}", types().join(", ")))?;
    anstream::println!("{}", pretty(&schema));
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, content: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    std::fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))
}
