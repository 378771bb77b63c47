//! A JSON Schema of whole templates, for editors that run yaml-language-server.
//!
//! An editor shows the names, offers them and their values, and marks names that do not exist or are missing. It says nothing of
//! values: it takes `!Ref Name` for the text `Name`, and could not tell it from a wrong one.

use serde_json::{Map, Value as Json, json};

/// The names of intrinsic functions: what has one may be anything.
const FUNCTION: &str = "^(Ref$|Fn::)";

/// The schema of a template whose resources are, among others, those of `schemas`.
pub fn schema(schemas: &[Json]) -> Json {
    let name = |schema: &Json| schema["typeName"].as_str().unwrap_or_default().to_owned();
    let types: Vec<_> = schemas.iter().map(name).collect();
    let cases: Vec<_> = schemas
        .iter()
        .map(|schema| {
            json!({
                "if": {"properties": {"Type": {"const": schema["typeName"]}}, "required": ["Type"]},
                "then": {
                    "properties": {"Properties": {"$ref": format!("#/definitions/{}", name(schema))}},
                    "required": ["Properties"],
                },
            })
        })
        .collect();
    let mut definitions: Map<_, _> = schemas.iter().map(|schema| (name(schema), resource(schema))).collect();
    let types = json!({"anyOf": [{"enum": types}, {"type": "string"}]});
    definitions.insert("Resource".to_owned(), json!({"type": "object", "properties": {"Type": types}, "allOf": cases}));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "CloudFormation templates with custom resources for Amazon Chime SDK messaging",
        "type": "object",
        "properties": {
            "Resources": {
                "type": "object",
                // A loop (Fn::ForEach::…) is a list.
                "patternProperties": {"^Fn::": {}},
                "additionalProperties": {"$ref": "#/definitions/Resource"},
            },
        },
        "definitions": definitions,
    })
}

/// The properties of a type. What only Fn::GetAtt gives is listed among them, and is none.
fn resource(schema: &Json) -> Json {
    let mut settable = schema.clone();
    let read_only = schema["readOnlyProperties"].as_array().into_iter().flatten().filter_map(Json::as_str);
    for name in read_only.filter_map(|pointer| pointer.strip_prefix("/properties/")) {
        if let Some(properties) = settable["properties"].as_object_mut() {
            properties.remove(name);
        }
    }
    loosened(&settable)
}

/// The names in a schema without the limits of the values.
fn loosened(schema: &Json) -> Json {
    let mut loose = Map::new();
    if let Some(description) = schema.get("description") {
        loose.insert("description".to_owned(), description.clone());
    }
    if let Some(properties) = schema["properties"].as_object() {
        let properties: Map<_, _> = properties.iter().map(|(name, of)| (name.clone(), loosened(of))).collect();
        loose.insert("properties".to_owned(), Json::Object(properties));
        loose.insert("patternProperties".to_owned(), json!({FUNCTION: {}}));
        loose.insert("additionalProperties".to_owned(), json!(false));
        loose.insert("if".to_owned(), json!({"propertyNames": {"not": {"pattern": FUNCTION}}}));
        loose.insert("then".to_owned(), json!({"required": schema["required"]}));
    }
    if let Some(items) = schema.get("items") {
        loose.insert("items".to_owned(), loosened(items));
    }
    if let Some(words) = schema.get("enum") {
        loose.insert("anyOf".to_owned(), json!([{"enum": words}, {}]));
    }
    // These two are about numbers alone.
    for limit in ["minimum", "maximum", "default"] {
        if let Some(value) = schema.get(limit) {
            loose.insert(limit.to_owned(), value.clone());
        }
    }
    Json::Object(loose)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_and_limits_of_texts_go() {
        let of = json!({
            "typeName": "Custom::It", "description": "It.", "readOnlyProperties": ["/properties/Arn"], "required": ["Name"],
            "properties": {"Name": {"type": "string", "maxLength": 3, "pattern": "x"}, "Arn": {"type": "string"},
                "Days": {"type": ["integer", "string"], "minimum": 1}, "Kind": {"type": "string", "enum": ["A"]}},
        });
        let definition = schema(&[of])["definitions"]["Custom::It"].clone();
        let properties = json!({"Name": {}, "Days": {"minimum": 1}, "Kind": {"anyOf": [{"enum": ["A"]}, {}]}});
        assert_eq!(definition["properties"], properties);
        assert_eq!(definition["additionalProperties"], json!(false));
        assert_eq!(definition["then"]["required"], json!(["Name"]));
    }
}
