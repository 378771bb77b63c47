//! Builds schemas in the form of
//! <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html>.

use serde_json::{Map, Value as Json, json};

/// One property of a map, as declared by [`properties!`](crate::properties::properties!).
#[derive(Debug)]
pub struct Property {
    /// Its name in a template.
    pub name: &'static str,
    /// Whether it is required.
    pub is_required: bool,
    /// The lines of its doc comment.
    pub docs: &'static [&'static str],
    /// Its value if it is omitted.
    pub default: Option<&'static str>,
    /// The schema of its value.
    pub schema: Json,
}

/// The schema of a map with `properties`.
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

/// Joins the lines of a doc comment.
pub fn text(docs: &[&str]) -> String {
    docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").replace("[`", "`").replace("`]", "`")
}
