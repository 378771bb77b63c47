//! A JSON Schema of whole templates, for editors with yaml-language-server.
//!
//! The editor completes names and values, and marks unknown and missing names. Values are not checked: the editor reads `!Ref Name` as the
//! text `Name` and would mark it as wrong.

use serde_json::{Map, Value as Json, json};

/// The keys of intrinsic functions. A map with one of them may stand for any value.
const FUNCTION: &str = "^(Ref$|Fn::)";

/// The schema of a template that may contain the resource types of `schemas`.
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
                // Fn::ForEach::… holds a list.
                "patternProperties": {"^Fn::": {}},
                "additionalProperties": {"$ref": "#/definitions/Resource"},
            },
        },
        "definitions": definitions,
    })
}

/// The properties of a type, without its read-only ones, which are attributes for Fn::GetAtt.
fn resource(schema: &Json) -> Json {
    let mut settable = schema.clone();
    let read_only = schema["readOnlyProperties"].as_array().into_iter().flatten().filter_map(Json::as_str);
    for name in read_only.filter_map(|pointer| pointer.strip_prefix("/properties/")) {
        if let Some(properties) = settable["properties"].as_object_mut() {
            properties.remove(name);
        }
    }
    without_limits(&settable)
}

/// A schema's names without the limits of text values.
fn without_limits(schema: &Json) -> Json {
    let mut loose = Map::new();
    if let Some(description) = schema.get("description") {
        loose.insert("description".to_owned(), description.clone());
    }
    if let Some(properties) = schema["properties"].as_object() {
        let properties: Map<_, _> = properties.iter().map(|(name, of)| (name.clone(), without_limits(of))).collect();
        loose.insert("properties".to_owned(), Json::Object(properties));
        loose.insert("patternProperties".to_owned(), json!({FUNCTION: {}}));
        loose.insert("additionalProperties".to_owned(), json!(false));
        loose.insert("if".to_owned(), json!({"propertyNames": {"not": {"pattern": FUNCTION}}}));
        loose.insert("then".to_owned(), json!({"required": schema["required"]}));
    }
    if let Some(items) = schema.get("items") {
        loose.insert("items".to_owned(), without_limits(items));
    }
    if let Some(words) = schema.get("enum") {
        loose.insert("anyOf".to_owned(), json!([{"enum": words}, {}]));
    }
    // These do not affect texts.
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
    fn names_are_kept_and_limits_of_texts_are_removed() {
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
