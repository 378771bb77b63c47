//! A stack's template, and what can be resolved in it from outside: references to parameters, pseudo parameters, the stack's resources and
//! those of their attributes that their physical ids contain.

use saphyr::{ScalarStyle, Tag, Yaml, YamlLoader};
use saphyr_parser::Parser;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Reads a template in either of its notations. Scalars of YAML become text, as CloudFormation sends them; `!Ref` and the like become their long
/// forms.
///
/// # Errors
/// The text is neither JSON nor YAML.
pub fn read(text: &str) -> Result<Json, String> {
    // JSON is nearly YAML, and a template may have a megabyte of it.
    if let Ok(json) = serde_json::from_str(text) {
        return Ok(json);
    }
    let mut loader = YamlLoader::default();
    // 1.10 has to stay what it is: as a number, it would become 1.1.
    loader.early_parse(false);
    Parser::new_from_str(text).load(&mut loader, false).map_err(|error| error.to_string())?;
    if let Some(error) = loader.error() {
        return Err(error.to_string());
    }
    let documents: Vec<Yaml<'_>> = loader.into_documents();
    documents.first().map(to_json).ok_or_else(|| "it is empty".to_owned())
}

fn to_json(yaml: &Yaml<'_>) -> Json {
    match yaml {
        Yaml::Representation(text, style, tag) => {
            let is_null = *style == ScalarStyle::Plain && ["", "~", "null"].contains(&&**text);
            let value = if is_null { Json::Null } else { json!(text) };
            tag.as_ref().map_or(value.clone(), |tag| long_form(tag, value))
        }
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(map) => map.iter().map(|(key, value)| (text_of(key), to_json(value))).collect(),
        Yaml::Tagged(tag, value) => long_form(tag, to_json(value)),
        Yaml::Value(_) | Yaml::Alias(_) | Yaml::BadValue => Json::Null,
    }
}

fn text_of(key: &Yaml<'_>) -> String {
    match to_json(key) {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

/// `!GetAtt A.B` as `{"Fn::GetAtt": ["A", "B"]}`.
fn long_form(tag: &Tag, value: Json) -> Json {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", name @ ("Ref" | "Condition")) => json!({name: value}),
        ("!", "GetAtt") => match value.as_str().and_then(|text| text.split_once('.')) {
            Some((resource, attribute)) => json!({"Fn::GetAtt": [resource, attribute]}),
            None => json!({"Fn::GetAtt": value}),
        },
        ("!", name) => json!({format!("Fn::{name}"): value}),
        _ => value,
    }
}

/// What references resolve to.
#[derive(Debug, Default)]
pub struct References {
    /// The stack's id.
    pub stack_id: String,
    /// The values of the parameters, as far as they are shown. A list is a list.
    pub parameters: BTreeMap<String, Json>,
    /// The physical ids and types of the resources by their logical ids.
    pub resources: BTreeMap<String, (String, String)>,
}

/// The result of resolving a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Resolved {
    /// The value.
    Value(Json),
    /// The template says that there is none (`AWS::NoValue`).
    Nothing,
    /// It cannot be resolved from outside.
    Unknown,
}

impl References {
    /// The value without references.
    pub fn resolve(&self, value: &Json) -> Resolved {
        match value {
            Json::Object(map) => match function(map) {
                Some((name, argument)) => self.apply(name, argument),
                None => self.resolve_map(map),
            },
            Json::Array(items) => {
                let mut resolved = Vec::new();
                for item in items {
                    match self.resolve(item) {
                        Resolved::Value(value) => resolved.push(value),
                        Resolved::Nothing => {}
                        Resolved::Unknown => return Resolved::Unknown,
                    }
                }
                Resolved::Value(Json::Array(resolved))
            }
            scalar => Resolved::Value(scalar.clone()),
        }
    }

    fn resolve_map(&self, map: &Map<String, Json>) -> Resolved {
        let mut resolved = Map::new();
        for (name, value) in map {
            match self.resolve(value) {
                Resolved::Value(value) => drop(resolved.insert(name.clone(), value)),
                Resolved::Nothing => {}
                Resolved::Unknown => return Resolved::Unknown,
            }
        }
        Resolved::Value(Json::Object(resolved))
    }

    fn apply(&self, function: &str, argument: &Json) -> Resolved {
        let value = match function {
            "Ref" => match argument.as_str() {
                Some("AWS::NoValue") => return Resolved::Nothing,
                Some(name) => self.referenced(name),
                None => None,
            },
            "Fn::GetAtt" => match argument {
                Json::Array(parts) => match parts.as_slice() {
                    [Json::String(resource), Json::String(attribute)] => self.attribute(resource, attribute),
                    _ => None,
                },
                _ => None,
            },
            "Fn::Sub" => self.substituted(argument),
            "Fn::Join" => self.joined(argument),
            _ => None,
        };
        value.map_or(Resolved::Unknown, Resolved::Value)
    }

    fn referenced(&self, name: &str) -> Option<Json> {
        let field = |at: usize| self.stack_id.split(':').nth(at).map(|field| json!(field));
        match name {
            "AWS::Partition" => field(1),
            "AWS::Region" => field(3),
            "AWS::AccountId" => field(4),
            "AWS::StackId" => Some(json!(self.stack_id)),
            "AWS::StackName" => self.stack_id.split('/').nth(1).map(|name| json!(name)),
            "AWS::URLSuffix" => {
                let is_china = self.stack_id.starts_with("arn:aws-cn:");
                Some(json!(if is_china { "amazonaws.com.cn" } else { "amazonaws.com" }))
            }
            _ => {
                let parameter = self.parameters.get(name).cloned();
                parameter.or_else(|| self.resources.get(name).map(|(physical_id, _)| json!(physical_id)))
            }
        }
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Option<Json> {
        let (physical_id, resource_type) = self.resources.get(resource)?;
        chime_messaging_resources::inspection::attribute(resource_type, physical_id, attribute).map(Json::from)
    }

    /// The text of a reference within another text.
    fn text(&self, name: &str) -> Option<String> {
        let value = match name.split_once('.') {
            Some((resource, attribute)) => self.attribute(resource, attribute),
            None => self.referenced(name),
        };
        Some(value?.as_str()?.to_owned())
    }

    fn substituted(&self, argument: &Json) -> Option<Json> {
        let nothing = Map::new();
        let (text, own) = match argument {
            Json::String(text) => (text.as_str(), &nothing),
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(text), Json::Object(own)] => (text.as_str(), own),
                _ => return None,
            },
            _ => return None,
        };
        let (mut rest, mut result) = (text, String::new());
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}')?;
            result.push_str(before);
            match (name.strip_prefix('!'), own.get(name)) {
                (Some(literal), _) => result.push_str(&format!("${{{literal}}}")),
                (None, Some(value)) => match self.resolve(value) {
                    Resolved::Value(Json::String(text)) => result.push_str(&text),
                    _ => return None,
                },
                (None, None) => result.push_str(&self.text(name)?),
            }
            rest = behind;
        }
        Some(json!(result + rest))
    }

    fn joined(&self, argument: &Json) -> Option<Json> {
        let (separator, items) = (argument.get(0)?.as_str()?, argument.get(1)?);
        let Resolved::Value(Json::Array(items)) = self.resolve(items) else { return None };
        let items: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
        Some(json!(items?.join(separator)))
    }
}

/// The function that a map stands for, with its argument.
pub fn function(map: &Map<String, Json>) -> Option<(&str, &Json)> {
    let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    fn references() -> References {
        References {
            stack_id: "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid".to_owned(),
            parameters: [("Days".to_owned(), json!("30")), ("Users".to_owned(), json!(["a", "b"]))].into(),
            resources: [
                ("App".to_owned(), (APP.to_owned(), "Custom::ChimeAppInstance".to_owned())),
                ("Topic".to_owned(), ("arn:topic".to_owned(), "AWS::SNS::Topic".to_owned())),
            ]
            .into(),
        }
    }

    fn resolved(yaml: &str) -> Resolved {
        references().resolve(&read(yaml).expect("a value"))
    }

    #[test]
    fn short_and_long_forms_are_the_same_and_scalars_stay_as_they_are_written() {
        let short = "A: !Ref X\nB: !GetAtt X.Outputs.Y\nC: !Sub '${X}'\nD: !Join ['-', [a, !Ref X]]\nE: 1.10\nF: true\nG: ~\nH: ''";
        let long = json!({
            "A": {"Ref": "X"}, "B": {"Fn::GetAtt": ["X", "Outputs.Y"]}, "C": {"Fn::Sub": "${X}"},
            "D": {"Fn::Join": ["-", ["a", {"Ref": "X"}]]}, "E": "1.10", "F": "true", "G": null, "H": "",
        });
        assert_eq!(read(short).expect("YAML"), long);
        assert_eq!(read(&long.to_string()).expect("JSON"), long);
        assert!(read("a: [").is_err() && read("").is_err());
    }

    #[test]
    fn parameters_pseudo_parameters_and_resources_are_resolved() {
        let value = |yaml: &str, value: Json| assert_eq!(resolved(yaml), Resolved::Value(value), "{yaml}");
        value("!Ref Days", json!("30"));
        value("!Ref Users", json!(["a", "b"]));
        value("!Ref App", json!(APP));
        value("!GetAtt App.AppInstanceArn", json!(APP));
        value("!GetAtt App.AppInstanceId", json!("a"));
        value("!Ref AWS::StackName", json!("chat"));
        value("!Sub '${AWS::Region} ${Days} ${App.AppInstanceId} ${!Days}'", json!("us-east-1 30 a ${Days}"));
        value("!Sub ['${x}-${Days}', {x: !Ref AWS::AccountId}]", json!("123456789012-30"));
        value("!Join [':', [!Ref AWS::Partition, x]]", json!("aws:x"));
        value("{A: [!Ref AWS::NoValue, b], C: !Ref AWS::NoValue}", json!({"A": ["b"]}));
        assert_eq!(resolved("!Ref AWS::NoValue"), Resolved::Nothing);
    }

    #[test]
    fn what_cannot_be_resolved_is_unknown_with_all_that_holds_it() {
        for unknown in [
            "!Ref Other",
            "!GetAtt Topic.TopicName",
            "!GetAtt App.Other",
            "!ImportValue X",
            "!If [C, a, b]",
            "!Sub '${Other}'",
            "!Join [',', [!Ref Other]]",
            "[a, !Ref Other]",
            "{A: {B: !Ref Other}}",
        ] {
            assert_eq!(resolved(unknown), Resolved::Unknown, "{unknown}");
        }
    }
}
