//! `chimectl schema`: the properties and attributes of a type, as JSON Schema.

use crate::terminal::say_line;
use chime_messaging_resources::registry::{check, schemas};
use serde_json::Value as Json;
use std::process::ExitCode;

/// The arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A type, with or without Custom::; all types by default
    #[arg(value_name = "TYPE")]
    resource_type: Option<String>,
}

/// Prints the schema of one type, or a list of all.
///
/// # Errors
/// There is no such type.
pub fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let Some(wanted) = &arguments.resource_type else {
        say_line!("{}", pretty(&Json::Array(schemas())));
        return Ok(ExitCode::SUCCESS);
    };
    let name = wanted.strip_prefix("Custom::").unwrap_or(wanted);
    check(name)?;
    let full = format!("Custom::{name}");
    schemas()
        .iter()
        .filter(|schema| schema["typeName"] == full.as_str())
        .for_each(|schema| say_line!("{}", pretty(schema)));
    Ok(ExitCode::SUCCESS)
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}
