//! The lines of `--json`: one for each thing, so that an account of any size is printed as it is read.

use crate::inventory::entry::{Entry, Kind};
use crate::inventory::orphans::Command;
use schemars::JsonSchema;
use serde::Serialize;

/// A line.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "line", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Line {
    /// A thing in Chime, or a parameter of cdk-amazon-chime-resources.
    Thing {
        /// It.
        #[serde(flatten)]
        entry: Box<Entry>,
        /// Its resource type, such as `Custom::ChimeChannel`. Marks and parameters have none.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        resource_type: Option<String>,
        /// With `--orphans`: the commands that release it and that delete it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        commands: Vec<Command>,
    },
    /// With `--counts`: things that were counted and not read one by one.
    Counted {
        /// What they are.
        of: Kind,
        /// The ARN of what contains them.
        parent: String,
        /// How many there are.
        count: usize,
    },
    /// What could not be read.
    Unread {
        /// What it is.
        what: String,
        /// Why not.
        why: String,
    },
}

impl Line {
    /// The line about a thing.
    pub fn thing(entry: &Entry, commands: Vec<Command>) -> Self {
        let resource_type = entry.kind.type_name().map(|name| format!("Custom::{name}"));
        Self::Thing { entry: Box::new(entry.clone()), resource_type, commands }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::generate::SchemaSettings;

    /// The file is written anew if UPDATE_SCHEMA is set.
    #[test]
    fn the_published_schema_is_that_of_a_line() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schemas/chimectl-inventory.json");
        // As it is written: what is left out is not required.
        let schema = SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<Line>();
        let derived = format!("{:#}\n", schema.to_value());
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(file, &derived).expect("the file is written");
        }
        let published = std::fs::read_to_string(file).expect("the file");
        assert_eq!(published, derived, "UPDATE_SCHEMA=1 cargo test -p chimectl --lib writes it anew");
    }
}
