//! The pieces of a schema, in the form of <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html>.

use serde_json::{Map, Value as Json, json};

/// One property of a map, as [`properties!`](crate::properties::properties!) declares it.
#[derive(Debug)]
pub struct Property {
    /// Its name in a template.
    pub name: &'static str,
    /// Whether it has to be there.
    pub is_required: bool,
    /// The lines of its doc comment.
    pub docs: &'static [&'static str],
    /// What stands for it where it is left out.
    pub default: Option<&'static str>,
    /// What is allowed.
    pub schema: Json,
}

/// The schema of a map of `properties`.
pub fn map(docs: &[&str], properties: Vec<Property>) -> Json {
    let required: Vec<_> =
        properties.iter().filter(|property| property.is_required).map(|property| property.name).collect();
    let properties = properties.into_iter().map(|Property { name, docs, default, mut schema, .. }| {
        schema["description"] = json!(text(docs));
        if let Some(default) = default {
            schema["default"] = json!(default);
        }
        (name.to_owned(), schema)
    });
    let properties = properties.collect::<Map<_, _>>();
    json!({
        "type": "object",
        "description": text(docs),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The lines of a doc comment as one text.
pub fn text(docs: &[&str]) -> String {
    docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").replace("[`", "`").replace("`]", "`")
}
