//! `cargo xtask generate`: generates files from the resource types, so that each property is declared once.

use crate::files::{file_error, write};
use crate::{editor, guard, reference};
use chime_messaging_resources::registry::{schemas, types};
use cloudformation_local::workspace::root;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `generate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder of the project with its events/; by default this one
    #[arg(value_name = "FOLDER")]
    project: Option<PathBuf>,
}

/// Generates the files.
///
/// # Errors
/// A type has no sample event, or a file cannot be written.
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let project = arguments.project.as_deref().unwrap_or(root());
    for (path, content) in files(project)? {
        write(&project.join(path), &content)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// All generated files by their path in the project: the schemas, the linter's copy of them, the schema for editors, the rules for Guard, and
/// the reference with examples from the sample events in `project`.
///
/// # Errors
/// A type has no sample event.
fn files(project: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let schemas = schemas();
    let examples: Result<Vec<_>, String> = types().iter().map(|name| example(project, name)).collect();
    let examples = examples?;
    let example = |name: &str| examples.iter().find(|(of, _)| of == name).map(|(_, properties)| properties.clone());
    let page = (PathBuf::from("docs/resources.md"), reference::page(&schemas, example));
    let editor = (PathBuf::from("editor/template.schema.json"), format!("{}\n", pretty(&editor::schema(&schemas))));
    let guard = (PathBuf::from("guard/chime-messaging.guard"), guard::rules(&schemas));
    let schemas = schemas.iter().zip(types()).flat_map(|(schema, name)| {
        let content = format!("{}\n", pretty(schema));
        // The linter is a separate package and needs its own copy.
        let folders = ["schemas", "cfn-lint/src/cfn_lint_chime_messaging/schemas"];
        folders.map(|folder| (Path::new(folder).join(format!("{name}.json")), content.clone()))
    });
    Ok(schemas.chain([page, editor, guard]).collect())
}

/// The properties of the type's sample Create event.
fn example(project: &Path, name: &str) -> Result<(String, Json), String> {
    let path = project.join("events").join(name).join("1-create.json");
    let text = std::fs::read_to_string(&path).map_err(file_error(&path))?;
    let event: Json = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut properties = event["ResourceProperties"].clone();
    if let Some(properties) = properties.as_object_mut() {
        properties.remove("ServiceToken");
    }
    Ok((format!("Custom::{name}"), properties))
}

/// Indented JSON without a trailing line break.
fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generated_files_are_up_to_date() {
        let project = root();
        for (path, content) in files(project).expect("sample events") {
            let found = std::fs::read_to_string(project.join(&path)).unwrap_or_default();
            assert!(found == content, "{} is out of date: run cargo xtask generate", path.display());
        }
    }

    #[test]
    fn every_schema_file_belongs_to_a_type() {
        let project = root();
        for folder in ["schemas", "cfn-lint/src/cfn_lint_chime_messaging/schemas"] {
            let files = std::fs::read_dir(project.join(folder)).expect("a folder");
            let names = files.filter_map(|file| Some(file.ok()?.path().file_stem()?.to_string_lossy().into_owned()));
            let strangers: Vec<_> = names.filter(|name| !types().contains(&name.as_str())).collect();
            assert!(strangers.is_empty(), "{folder}: {strangers:?}");
        }
    }
}
