//! Writes an export as a CDK app with the constructs of this project, in TypeScript or Python.
//!
//! The constructs are made from the schemas of the types, and so is this: the names of structs and enums follow from the schema.

mod names;

use crate::export::template::{Reference, Resource, Template};
use crate::export::yaml_template::{Purpose, header, is_break};
use chime_messaging_resources::registry;
use names::{Names, RESERVED, argument, camel, constant, snake};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// The language of a CDK app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// TypeScript.
    Typescript,
    /// Python.
    Python,
}

/// The app.
pub fn write(template: &Template, language: Language) -> String {
    let schemas: BTreeMap<String, Json> = registry::schemas()
        .into_iter()
        .filter_map(|schema| Some((schema["typeName"].as_str()?.trim_start_matches("Custom::").to_owned(), schema)))
        .collect();
    let app = App { template, language, schemas, named: named(template) };
    app.write()
}

/// The logical ids that something refers to.
fn named(template: &Template) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for resource in &template.resources {
        named.extend(resource.depends_on.iter().cloned());
        if !resource.depends_on.is_empty() {
            named.insert(resource.logical_id.clone());
        }
        for (name, value) in &resource.properties {
            let found = std::cell::RefCell::new(Vec::new());
            template.with_references(name, value, &|reference| {
                let (Reference::To(resource) | Reference::Within(resource, _)) = reference;
                found.borrow_mut().push(resource.logical_id.clone());
                Json::Null
            });
            named.extend(found.into_inner());
        }
    }
    named
}

struct App<'a> {
    template: &'a Template,
    language: Language,
    schemas: BTreeMap<String, Json>,
    named: BTreeSet<String>,
}

impl App<'_> {
    fn write(&self) -> String {
        let is_python = self.language == Language::Python;
        let mut text = String::new();
        for line in header(self.template, Purpose::Adoption) {
            let line: String = line.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
            text.push_str(format!("{} {line}", self.comment()).trim_end());
            text.push('\n');
        }
        let has_tags = self.template.resources.iter().any(|resource| resource.properties.contains_key("Tags"));
        text.push_str(&match is_python {
            true => {
                let tag = if has_tags { ", CfnTag" } else { "" };
                format!(
                    "\nimport chime_messaging_resources as chime\nfrom aws_cdk import App{tag}, RemovalPolicy, Stack\n\n\
                     app = App()\nstack = Stack(app, \"Chat\")\n"
                )
            }
            false => "\nimport { App, RemovalPolicy, Stack } from 'aws-cdk-lib';\n\
                      import * as chime from 'chime-messaging-resources';\n\n\
                      const app = new App();\nconst stack = new Stack(app, 'Chat');\n"
                .to_owned(),
        });
        for resource in in_order(&self.template.resources) {
            text.push('\n');
            self.resource(&mut text, resource);
        }
        if is_python {
            text.push_str("\napp.synth()\n");
        }
        text
    }

    fn comment(&self) -> &'static str {
        if self.language == Language::Python { "#" } else { "//" }
    }

    fn resource(&self, text: &mut String, resource: &Resource) {
        for comment in &resource.comments {
            let line: String = comment.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
            text.push_str(&format!("{} {line}\n", self.comment()));
        }
        let (class, id) = (resource.type_name, literal(&resource.logical_id));
        let is_named = self.named.contains(&resource.logical_id);
        let variable = self.variable(&resource.logical_id);
        let opened = match (self.language, is_named) {
            (Language::Python, true) => format!("{variable} = chime.{class}(\n    stack,\n    {id},\n"),
            (Language::Python, false) => format!("chime.{class}(\n    stack,\n    {id},\n"),
            (Language::Typescript, true) => format!("const {variable} = new chime.{class}(stack, {id}, {{\n"),
            (Language::Typescript, false) => format!("new chime.{class}(stack, {id}, {{\n"),
        };
        text.push_str(&opened);
        let schema = self.schemas.get(class).map_or(&Json::Null, |schema| &schema["properties"]);
        let adopted = Json::from(resource.physical_id.as_str());
        let policy = "RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE";
        let (indent, nested) = (if self.language == Language::Python { "    " } else { "  " }, 1);
        text.push_str(&format!("{indent}{},\n", self.entry("AdoptExisting", &literal_of(&adopted))));
        text.push_str(&format!("{indent}{},\n", self.entry("RemovalPolicy", policy)));
        for (name, value) in &resource.properties {
            let written = match name.as_str() {
                "Tags" => self.tags(value),
                _ => self.value(name, value, &schema[name.as_str()], Names::of(class, name), nested),
            };
            text.push_str(&format!("{indent}{},\n", self.entry(name, &written)));
        }
        text.push_str(match self.language {
            Language::Python => ")\n",
            Language::Typescript => "});\n",
        });
        for other in &resource.depends_on {
            let other = self.variable(other);
            text.push_str(&match self.language {
                Language::Python => format!("{variable}.node.add_dependency({other})\n"),
                Language::Typescript => format!("{variable}.node.addDependency({other});\n"),
            });
        }
    }

    /// A prop or an argument.
    fn entry(&self, name: &str, value: &str) -> String {
        match self.language {
            Language::Python => format!("{}={value}", argument(name)),
            Language::Typescript => format!("{}: {value}", camel(name)),
        }
    }

    fn variable(&self, logical_id: &str) -> String {
        // A logical id may become a word of the language, or a name that the app has itself.
        let name = if self.language == Language::Python { snake(logical_id) } else { camel(logical_id) };
        if RESERVED.contains(&name.as_str()) { format!("{name}_") } else { name }
    }

    fn tags(&self, tags: &Json) -> String {
        let tags = tags.as_array().into_iter().flatten().map(|tag| {
            let (key, value) = (literal_of(&tag["Key"]), literal_of(&tag["Value"]));
            match self.language {
                Language::Python => format!("CfnTag(key={key}, value={value})"),
                Language::Typescript => format!("{{ key: {key}, value: {value} }}"),
            }
        });
        format!("[{}]", tags.collect::<Vec<_>>().join(", "))
    }

    /// A value with the names that its schema gives it.
    fn value(&self, name: &str, value: &Json, schema: &Json, names: Names, depth: usize) -> String {
        match value {
            Json::Object(map) => self.structure(map, schema, &names, depth),
            Json::Array(items) => {
                let items = items.iter().map(|item| self.value(name, item, &schema["items"], names.of_item(), depth));
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            Json::String(text) if schema["enum"].is_array() => format!("chime.{}.{}", names.own, constant(text)),
            Json::String(text) if !["Name", "Metadata"].contains(&name) => match self.template.reference(text) {
                Some(reference) => self.reference(&reference),
                None => literal_of(value),
            },
            other => literal_of(other),
        }
    }

    fn structure(&self, map: &Map<String, Json>, schema: &Json, names: &Names, depth: usize) -> String {
        let pad = if self.language == Language::Python { "    " } else { "  " };
        let (inner, outer) = (pad.repeat(depth + 1), pad.repeat(depth));
        let entries = map.iter().map(|(name, value)| {
            let its = Names::of(&names.base, name);
            let its = self.value(name, value, &schema["properties"][name.as_str()], its, depth + 1);
            format!("{inner}{},\n", self.entry(name, &its))
        });
        let entries: String = entries.collect();
        match self.language {
            Language::Python => format!("chime.{}(\n{entries}{outer})", names.own),
            Language::Typescript => format!("{{\n{entries}{outer}}}"),
        }
    }

    fn reference(&self, reference: &Reference<'_>) -> String {
        let (resource, rest) = match reference {
            Reference::To(resource) => (resource, ""),
            Reference::Within(resource, rest) => (resource, *rest),
        };
        let arn = format!("{}.{}", self.variable(&resource.logical_id), self.arn_of(resource));
        match (self.language, rest) {
            (_, "") => arn,
            (Language::Python, rest) => format!("f\"{{{arn}}}{rest}\""),
            (Language::Typescript, rest) => format!("`${{{arn}}}{rest}`"),
        }
    }

    /// The attribute with the ARN.
    fn arn_of(&self, resource: &Resource) -> String {
        let name = match resource.type_name {
            "ChimeAppInstanceUser" => "AppInstanceUserArn",
            "ChimeAppInstanceBot" => "AppInstanceBotArn",
            "ChimeChannelFlow" => "ChannelFlowArn",
            "ChimeChannel" => "ChannelArn",
            _ => "AppInstanceArn",
        };
        if self.language == Language::Python { snake(name) } else { camel(name) }
    }
}

/// The resources in an order in which each comes after those that it refers to. The reference has users before channels and flows before
/// their associations, but the admins, on which channels depend, refer to users and bots.
fn in_order(resources: &[Resource]) -> Vec<&Resource> {
    let rank = |resource: &Resource| match resource.type_name {
        "ChimeAppInstance" => 0,
        "ChimeAppInstanceUser" | "ChimeAppInstanceBot" => 1,
        "ChimeAppInstanceAdmin" => 2,
        "ChimeChannelFlow" => 3,
        "ChimeChannel" => 4,
        _ => 5,
    };
    let mut ordered: Vec<_> = resources.iter().collect();
    ordered.sort_by_key(|resource| rank(resource));
    ordered
}

fn literal(text: &str) -> String {
    literal_of(&Json::from(text))
}

/// A literal that TypeScript and Python read alike: that of JSON.
fn literal_of(value: &Json) -> String {
    value.to_string().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_no_word_of_its_language() {
        let template = Template::default();
        let variable = |language, logical_id: &str| {
            let (schemas, named) = (BTreeMap::new(), BTreeSet::new());
            App { template: &template, language, schemas, named }.variable(logical_id)
        };
        for (logical_id, expected) in [("Null", "null_"), ("True", "true_"), ("Void", "void_"), ("Ada", "ada")] {
            assert_eq!(variable(Language::Typescript, logical_id), expected);
        }
        assert_eq!(variable(Language::Python, "Raise"), "raise_");
    }

    #[test]
    fn a_literal_cannot_end_its_own_text() {
        assert_eq!(literal("a\"\\\n"), r#""a\"\\\n""#);
        assert_eq!(literal("\u{2028}"), "\"\\u2028\"");
    }
}
