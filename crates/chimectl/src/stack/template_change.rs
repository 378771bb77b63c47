//! What an update's templates say of the values of properties: which are sure to change, which may, and which stay.

use crate::drift::template::function;
use chime_messaging_resources::account::{Tracking, tracking};
use chime_messaging_resources::registry::schemas;
use cloudformation_local::Change;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many resources a reference is followed through. A chain of ours has five at most.
const MOST_STEPS: usize = 8;

/// A template with the values of its parameters.
#[derive(Debug, Clone, Default)]
pub struct Version {
    template: Json,
    parameters: BTreeMap<String, String>,
}

/// Whether something changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It does not.
    No,
    /// The templates do not tell.
    Perhaps,
    /// It does.
    Yes,
}

/// What is known of a type: its schema.
type Types = BTreeMap<String, Json>;

/// An update from one version to another.
#[derive(Debug)]
pub struct TemplateChange<'a> {
    before: &'a Version,
    after: &'a Version,
    changes: &'a [Change],
    types: Types,
}

impl Version {
    /// A template whose parameters have these values, and otherwise their defaults.
    pub fn new(template: Json, values: impl IntoIterator<Item = (String, String)>) -> Self {
        let declared = template["Parameters"].as_object().into_iter().flatten();
        let defaults = declared.filter_map(|(key, it)| Some((key.clone(), text_of(&it["Default"])?)));
        let parameters = defaults.chain(values).filter(|(_, value)| !value.contains("****")).collect();
        Self { template, parameters }
    }

    fn properties(&self, logical_id: &str) -> &Json {
        &self.template["Resources"][logical_id]["Properties"]
    }

    /// The value of a property in which parameters have their values, if it is stated.
    fn value(&self, logical_id: &str, property: &str) -> Option<Json> {
        let value = self.properties(logical_id).get(property)?;
        let is_nothing = value.is_null() || *value == json!({"Ref": "AWS::NoValue"});
        (!is_nothing).then(|| self.resolved(value))
    }

    fn resolved(&self, value: &Json) -> Json {
        map_references(value, &|name, attribute| {
            let kind = self.template["Parameters"][name]["Type"].as_str()?;
            let is_plain = attribute.is_none() && (kind == "String" || kind == "Number");
            self.parameters.get(name).filter(|_| is_plain).map(|value| json!(value))
        })
    }
}

impl<'a> TemplateChange<'a> {
    /// The update between two versions, of which a change set tells `changes`.
    pub fn new(before: &'a Version, after: &'a Version, changes: &'a [Change]) -> Self {
        let schemas = schemas().into_iter();
        let types = schemas.filter_map(|schema| Some((schema["typeName"].as_str()?.to_owned(), schema))).collect();
        Self { before, after, changes, types }
    }

    /// Whether the update replaces a resource, and the properties because of which it may or does.
    pub fn replacement(&self, change: &Change) -> (Certainty, Vec<String>) {
        self.replacement_within(change, MOST_STEPS)
    }

    /// The added resource that takes over what a removed one is in Chime: it states the same identifiers, and the type has tags or a mark.
    pub fn successor(&self, removed: &Change) -> Option<&'a Change> {
        self.successor_within(removed, MOST_STEPS)
    }

    /// The added resources of the same type that adopt something.
    pub fn adopters(&self, removed: &Change) -> impl Iterator<Item = &'a Change> {
        let kind = removed.resource_type.clone();
        let added = self.changes.iter().filter(move |it| it.action == "Add" && it.resource_type == kind);
        added.filter(|added| self.adopts(added))
    }

    fn adopts(&self, added: &Change) -> bool {
        self.after.value(&added.logical_id, "AdoptExisting").is_some()
    }

    fn replacement_within(&self, change: &Change, steps: usize) -> (Certainty, Vec<String>) {
        if change.action != "Modify" {
            return (Certainty::No, Vec::new());
        }
        if change.replacement == "True" {
            return (Certainty::Yes, Vec::new());
        }
        let Some(schema) = self.types.get(&change.resource_type) else { return (Certainty::No, Vec::new()) };
        let names = names(&schema["createOnlyProperties"]).filter(|name| change.properties.contains(*name));
        let found: Vec<_> = names.map(|name| (self.property(&change.logical_id, name, schema, steps), name)).collect();
        let certainty = found.iter().map(|(certainty, _)| *certainty).max().unwrap_or(Certainty::No);
        let because = found.into_iter().filter(|(it, _)| *it == certainty && *it > Certainty::No);
        (certainty, because.map(|(_, name)| name.to_owned()).collect())
    }

    fn property(&self, logical_id: &str, name: &str, schema: &Json, steps: usize) -> Certainty {
        let default = || schema["properties"][name].get("default").cloned();
        let before = self.before.value(logical_id, name).or_else(default);
        let after = self.after.value(logical_id, name).or_else(default);
        match (before, after) {
            (None, None) => Certainty::No,
            (None, Some(value)) | (Some(value), None) => match is_literal(&value) {
                true => Certainty::Yes,
                false => Certainty::Perhaps,
            },
            (Some(before), Some(after)) => self.value(&before, &after, steps),
        }
    }

    fn value(&self, before: &Json, after: &Json, steps: usize) -> Certainty {
        if steps == 0 {
            return Certainty::Perhaps;
        }
        let before = self.renamed(before, steps - 1);
        if is_literal(&before) && is_literal(after) {
            return if is_same(&before, after) { Certainty::No } else { Certainty::Yes };
        }
        if before == *after {
            return self.expression(after, steps - 1);
        }
        // What is new and takes nothing over has an id that nothing had before.
        match reference(after).and_then(|(name, _)| self.change(name)) {
            Some(added) if added.action == "Add" && self.is_new(added, steps - 1) => Certainty::Yes,
            _ => Certainty::Perhaps,
        }
    }

    /// Whether the value of the same expression changes.
    fn expression(&self, expression: &Json, steps: usize) -> Certainty {
        if let Some((name, attribute)) = reference(expression) {
            return self.reference(name, attribute, steps);
        }
        match expression {
            Json::Array(items) => items.iter().map(|item| self.expression(item, steps)).max(),
            Json::Object(members) => members.iter().map(|(key, value)| self.member(key, value, steps)).max(),
            _ => None,
        }
        .unwrap_or(Certainty::No)
        .min(Certainty::Perhaps)
    }

    fn member(&self, key: &str, value: &Json, steps: usize) -> Certainty {
        let of_section = |name: &str| match self.before.template[name] == self.after.template[name] {
            true => Certainty::No,
            false => Certainty::Perhaps,
        };
        let parameters = match self.before.parameters == self.after.parameters {
            true => Certainty::No,
            false => Certainty::Perhaps,
        };
        let own = match (key, value) {
            ("Fn::If", _) => of_section("Conditions").max(parameters),
            ("Fn::FindInMap", _) => of_section("Mappings"),
            ("Fn::Sub", Json::String(text)) => self.names_in(text, steps),
            ("Fn::Sub", Json::Array(items)) => {
                items.first().and_then(Json::as_str).map_or(Certainty::No, |text| self.names_in(text, steps))
            }
            _ => Certainty::No,
        };
        own.max(self.expression(value, steps))
    }

    /// Whether the text of a Fn::Sub changes with what it names.
    fn names_in(&self, text: &str, steps: usize) -> Certainty {
        let names = text.split("${").skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name.trim()));
        let of = |name: &str| match name.split_once('.') {
            Some((name, attribute)) => self.reference(name, Some(attribute), steps),
            None => self.reference(name, None, steps),
        };
        names.filter(|name| !name.starts_with('!')).map(of).max().unwrap_or(Certainty::No)
    }

    fn reference(&self, name: &str, attribute: Option<&str>, steps: usize) -> Certainty {
        if let Some(declared) = self.after.template["Parameters"].get(name) {
            let is_told = declared["Type"].as_str().is_some_and(|kind| !kind.starts_with("AWS::SSM"));
            let values = [self.before, self.after].map(|version| version.parameters.get(name));
            let stays = is_told && values[0].is_some() && values[0] == values[1];
            return if stays { Certainty::No } else { Certainty::Perhaps };
        }
        // What is not in the change set stays, and what is added stands for what it takes over.
        let Some(change) = self.change(name).filter(|change| change.action == "Modify") else { return Certainty::No };
        if steps == 0 {
            return Certainty::Perhaps;
        }
        let (replacement, _) = self.replacement_within(change, steps - 1);
        let is_id = attribute.is_none_or(|name| name.ends_with("Arn") || name.ends_with("Id"));
        let is_ours = self.types.contains_key(&change.resource_type);
        match replacement {
            Certainty::No if is_id && (is_ours || change.replacement == "False") => Certainty::No,
            Certainty::Yes if is_id => Certainty::Yes,
            _ => Certainty::Perhaps,
        }
    }

    fn change(&self, logical_id: &str) -> Option<&'a Change> {
        self.changes.iter().find(|change| change.logical_id == logical_id)
    }

    /// Whether an added resource of ours takes nothing over.
    fn is_new(&self, added: &Change, steps: usize) -> bool {
        let is_ours = self.types.contains_key(&added.resource_type);
        let removed = self.changes.iter().filter(|change| change.action == "Remove");
        let mut successors = removed.filter_map(|change| self.successor_within(change, steps));
        is_ours && !self.adopts(added) && !successors.any(|it| it.logical_id == added.logical_id)
    }

    fn successor_within(&self, removed: &Change, steps: usize) -> Option<&'a Change> {
        let kind = &removed.resource_type;
        let tracking = tracking(kind.strip_prefix("Custom::")?);
        let is_tracked = matches!(tracking, Some(Tracking::Tags | Tracking::ParentTag(_)));
        let identifiers: Vec<&str> = names(&self.types.get(kind)?["additionalIdentifiers"][0]).collect();
        if !is_tracked || identifiers.is_empty() || removed.action != "Remove" {
            return None;
        }
        let is_same = |added: &Change| {
            identifiers.iter().all(|name| {
                let before = self.before.value(&removed.logical_id, name);
                let after = self.after.value(&added.logical_id, name);
                let both = before.zip(after);
                both.is_some_and(|(before, after)| self.value(&before, &after, steps) == Certainty::No)
            })
        };
        let mut added = self.changes.iter().filter(|it| it.action == "Add" && it.resource_type == *kind);
        added.find(|added| is_same(added))
    }

    /// An earlier value that refers to what took over what it referred to.
    fn renamed(&self, value: &Json, steps: usize) -> Json {
        map_references(value, &|name, attribute| {
            let removed = self.change(name).filter(|change| change.action == "Remove")?;
            let successor = self.successor_within(removed, steps)?;
            Some(match attribute {
                None => json!({"Ref": successor.logical_id}),
                Some(attribute) => json!({"Fn::GetAtt": [successor.logical_id, attribute]}),
            })
        })
    }
}

/// The names of properties at the ends of JSON pointers.
fn names(pointers: &Json) -> impl Iterator<Item = &str> {
    pointers.as_array().into_iter().flatten().filter_map(|pointer| pointer.as_str()?.rsplit('/').next())
}

/// The logical id or parameter that a value is a reference to, and the attribute.
fn reference(value: &Json) -> Option<(&str, Option<&str>)> {
    match function(value.as_object()?)? {
        ("Ref", name) => Some((name.as_str()?, None)),
        ("Fn::GetAtt", Json::String(text)) => text.split_once('.').map(|(name, attribute)| (name, Some(attribute))),
        ("Fn::GetAtt", parts) => Some((parts[0].as_str()?, Some(parts[1].as_str()?))),
        _ => None,
    }
}

/// The value in which each reference, by its name and attribute, is what `instead` says, if it says something.
fn map_references(value: &Json, instead: &dyn Fn(&str, Option<&str>) -> Option<Json>) -> Json {
    if let Some(other) = reference(value).and_then(|(name, attribute)| instead(name, attribute)) {
        return other;
    }
    match value {
        Json::Array(items) => items.iter().map(|item| map_references(item, instead)).collect(),
        Json::Object(members) => {
            let members = members.iter().map(|(key, value)| (key.clone(), map_references(value, instead)));
            Json::Object(members.collect::<Map<_, _>>())
        }
        scalar => scalar.clone(),
    }
}

fn is_literal(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.iter().all(is_literal),
        Json::Object(members) => {
            members.iter().all(|(key, value)| key != "Ref" && !key.starts_with("Fn::") && is_literal(value))
        }
        Json::String(text) => !text.contains("{{resolve:"),
        _ => true,
    }
}

/// Whether two literals are the same to CloudFormation, which makes text of each number and boolean.
fn is_same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let keys: BTreeSet<_> = one.keys().chain(other.keys()).collect();
            keys.into_iter().all(|key| matches!((one.get(key), other.get(key)), (Some(a), Some(b)) if is_same(a, b)))
        }
        _ => text_of(one) == text_of(other) && text_of(one).is_some(),
    }
}

fn text_of(scalar: &Json) -> Option<String> {
    match scalar {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(scalar.to_string()),
        _ => None,
    }
}
