//! From the text of an event to the members of a request, whatever the text is like.
//!
//! The envelope must be read even where the properties cannot be: JSON may be nested deeper than its reader goes, hold half a
//! surrogate pair or a number beyond all floats. A stack whose ResponseURL was lost so would wait an hour.

use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fmt;

/// The members of an event, and why some of them are missing.
#[derive(Debug, PartialEq)]
pub struct Members {
    /// Those that could be read.
    pub read: Map<String, Json>,
    /// Those that could not.
    pub unreadable: Vec<Unread>,
}

/// A member that could not be read. Displays as a sentence.
#[derive(Debug, PartialEq)]
pub struct Unread {
    /// What it is called.
    pub name: String,
    why: String,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An event can be one name of six megabytes.
        write!(f, "{:.60} cannot be read: {}", self.name, self.why)
    }
}

/// The members of the event in `text`: its own, or those of the message that SNS has wrapped in it.
///
/// # Errors
/// It is no JSON object. What it is instead is not repeated, as it may hold secrets.
pub fn members(text: &str) -> Result<Members, String> {
    let own = match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(read)) => Members { read, unreadable: Vec::new() },
        Ok(_) => return Err("The event is not a JSON object".to_owned()),
        Err(_) => parse_leniently(text)?,
    };
    match sns_message(&own.read) {
        // The message of an SNS-backed custom resource is the request itself; SNS wraps nothing twice.
        Some(message) => match serde_json::from_str::<Json>(message) {
            Ok(Json::Object(read)) => Ok(Members { read, unreadable: Vec::new() }),
            Ok(_) => Err("The message of the SNS event is not a JSON object".to_owned()),
            Err(_) => parse_leniently(message),
        },
        None => Ok(own),
    }
}

fn parse_leniently(text: &str) -> Result<Members, String> {
    let raw: BTreeMap<Name, Box<RawValue>> =
        serde_json::from_str(text).map_err(|_| "The event is not a JSON object".to_owned())?;
    let mut members = Members { read: Map::new(), unreadable: Vec::new() };
    for (Name(name), value) in raw {
        match serde_json::from_str(value.get()) {
            Ok(value) => {
                members.read.insert(name, value);
            }
            Err(error) => members.unreadable.push(Unread { name, why: error.to_string() }),
        }
    }
    Ok(members)
}

/// The name of a member. What is no text in it, half a surrogate pair, is replaced.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Name, E> {
                Ok(Name(String::from_utf8_lossy(bytes).into_owned()))
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html>
fn sns_message(event: &Map<String, Json>) -> Option<&str> {
    event.get("Records")?.get(0)?.get("Sns")?.get("Message")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_is_unwrapped_from_sns() {
        let message = json!({"RequestType": "Create"}).to_string();
        let event = json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": message}}]});
        assert_eq!(members(&event.to_string()).expect("members").read["RequestType"], "Create");
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_rest_is_read() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for properties in [deep.as_str(), r#""\ud800""#, "1e999"] {
            let members =
                members(&format!(r#"{{"RequestId": "r", "ResourceProperties": {properties}}}"#)).expect("members");
            assert_eq!(members.read, *json!({"RequestId": "r"}).as_object().expect("a map"));
            assert!(
                members.unreadable[0].to_string().starts_with("ResourceProperties cannot be read: "),
                "{members:?}"
            );
        }
    }

    #[test]
    fn a_name_that_is_no_text_costs_no_other_member() {
        let members = members(r#"{"RequestId": "r", "\ud800x": 1, "caf\u00e9": "\ud800"}"#).expect("members");
        assert_eq!(members.read["RequestId"], "r");
        assert!(members.unreadable[0].to_string().starts_with("café cannot be read: "), "{members:?}");
        let long = super::members(&format!(r#"{{"{}": 1e999}}"#, "é".repeat(1000))).expect("members");
        assert!(long.unreadable[0].to_string().starts_with(&format!("{} cannot be read: ", "é".repeat(60))));
    }

    #[test]
    fn what_is_no_object_is_not_repeated() {
        for text in ["\"secret\"", "secret", "[\"secret\"]"] {
            assert_eq!(members(text).expect_err("no event"), "The event is not a JSON object");
        }
    }
}
