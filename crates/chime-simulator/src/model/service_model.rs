//! The model of one API: its operations, and the shapes of their requests and answers.

use crate::model::pattern;
use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The members of a request or an answer, by name.
pub type Members = Map<String, Json>;

/// One API: its operations, and the shapes of their requests and answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Model {
    /// The version of botocore that the model was read from.
    pub botocore: String,
    /// As the SDKs name it: `chime-sdk-identity` or `chime-sdk-messaging`.
    pub service: String,
    /// The API's version, a date.
    pub version: String,
    /// By name.
    pub operations: BTreeMap<String, Operation>,
    /// By name.
    pub shapes: BTreeMap<String, Shape>,
    #[serde(skip)]
    pub(crate) patterns: BTreeMap<String, Regex>,
}

/// One operation of an API.
#[derive(Debug, Clone, Deserialize)]
pub struct Operation {
    /// The HTTP method.
    pub method: String,
    /// The path with its `{members}`, and the fixed query if there is one.
    pub uri: String,
    /// The HTTP status of success.
    pub status: u16,
    /// The shape of the request, if it has members.
    pub input: Option<String>,
    /// The shape of the answer, if it has members.
    pub output: Option<String>,
    /// The errors that the model declares, with their HTTP status.
    pub errors: BTreeMap<String, u16>,
}

/// A type, with its limits.
#[derive(Debug, Clone, Deserialize)]
pub struct Shape {
    /// The kind of value.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Of a structure: the required members.
    #[serde(default)]
    pub required: Vec<String>,
    /// Of a structure: its members.
    #[serde(default)]
    pub members: BTreeMap<String, Member>,
    /// Of a list: the shape of each item.
    pub member: Option<String>,
    /// Of a map: the shape of each key.
    pub key: Option<String>,
    /// Of a map: the shape of each value.
    pub value: Option<String>,
    /// The least length in characters, number of items, or value.
    pub min: Option<i64>,
    /// The greatest length in characters, number of items, or value.
    pub max: Option<i64>,
    /// The published expression that the whole of a string has to match.
    pub pattern: Option<String>,
    /// Of a string: the allowed values.
    #[serde(default, rename = "enum")]
    pub values: Vec<String>,
}

/// The kinds of value that the two models use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Boolean,
    Timestamp,
}

/// One member of a structure.
#[derive(Debug, Clone, Deserialize)]
pub struct Member {
    /// The name of its shape.
    pub shape: String,
    /// Where it is in the request; none for the body.
    #[serde(rename = "in")]
    pub place: Option<Place>,
    /// Its name there, if that differs.
    pub name: Option<String>,
    /// Whether it is the idempotency token.
    #[serde(default)]
    pub token: bool,
}

/// Where a member is, other than in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Place {
    Uri,
    Querystring,
    Header,
}

impl Model {
    /// Reads a reduced model.
    ///
    /// # Errors
    /// The text is not a model, or has a pattern that cannot be read.
    pub(crate) fn load(text: &str) -> Result<Self, String> {
        let mut model: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for (name, shape) in &model.shapes {
            if let Some(published) = &shape.pattern {
                let pattern = pattern::compile(published).map_err(|error| format!("the pattern of {name}: {error}"))?;
                model.patterns.insert(name.clone(), pattern);
            }
        }
        Ok(model)
    }

    /// The names of the operation's idempotency tokens.
    pub fn tokens(&self, operation: &Operation) -> Vec<&str> {
        let shape = operation.input.as_ref().and_then(|name| self.shapes.get(name));
        let members = shape.iter().flat_map(|shape| &shape.members);
        members.filter(|(_, member)| member.token).map(|(name, _)| name.as_str()).collect()
    }
}
