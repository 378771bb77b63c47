//! Extracts the fields of a request from the text of an event, even if parts of the text are invalid.
//!
//! The envelope must be readable even when the properties are not. JSON may be nested too deeply for the parser,
//! contain half a surrogate pair or a number that no float can hold. If the ResponseURL were lost for such a reason,
//! the stack would wait an hour.

use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fmt;

/// The fields of an event, and why some are missing.
#[derive(Debug, PartialEq)]
pub struct Fields {
    /// The fields that could be parsed.
    pub read: Map<String, Json>,
    /// The fields that could not.
    pub unreadable: Vec<UnreadableField>,
}

/// A field that could not be parsed. Displays as a sentence.
#[derive(Debug, PartialEq)]
pub struct UnreadableField {
    /// The field's name.
    pub name: String,
    why: String,
}

impl fmt::Display for UnreadableField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A single name in an event can be six megabytes long.
        write!(f, "{:.60} cannot be read: {}", self.name, self.why)
    }
}

/// The fields of the event in `text`. If SNS wraps the event, these are the fields of the wrapped message.
///
/// # Errors
/// The text is not a JSON object. The error does not repeat it, because it may contain secrets.
pub fn fields(text: &str) -> Result<Fields, String> {
    let own = match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(read)) => Fields { read, unreadable: Vec::new() },
        Ok(_) => return Err("The event is not a JSON object".to_owned()),
        Err(_) => parse_leniently(text)?,
    };
    match sns_message(&own.read) {
        // The message of an SNS-backed custom resource is the request itself. SNS never nests messages.
        Some(message) => match serde_json::from_str::<Json>(message) {
            Ok(Json::Object(read)) => Ok(Fields { read, unreadable: Vec::new() }),
            Ok(_) => Err("The message of the SNS event is not a JSON object".to_owned()),
            Err(_) => parse_leniently(message),
        },
        None => Ok(own),
    }
}

fn parse_leniently(text: &str) -> Result<Fields, String> {
    let raw: BTreeMap<Name, Box<RawValue>> =
        serde_json::from_str(text).map_err(|_| "The event is not a JSON object".to_owned())?;
    let mut fields = Fields { read: Map::new(), unreadable: Vec::new() };
    for (Name(name), value) in raw {
        match serde_json::from_str(value.get()) {
            Ok(value) => {
                fields.read.insert(name, value);
            }
            Err(error) => fields.unreadable.push(UnreadableField { name, why: error.to_string() }),
        }
    }
    Ok(fields)
}

/// A field name. Half surrogate pairs, which are not valid text, are replaced.
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
        assert_eq!(fields(&event.to_string()).expect("fields").read["RequestType"], "Create");
    }

    #[test]
    fn an_unreadable_field_is_named_and_the_others_are_read() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for properties in [deep.as_str(), r#""\ud800""#, "1e999"] {
            let fields =
                fields(&format!(r#"{{"RequestId": "r", "ResourceProperties": {properties}}}"#)).expect("fields");
            assert_eq!(fields.read, *json!({"RequestId": "r"}).as_object().expect("a map"));
            assert!(fields.unreadable[0].to_string().starts_with("ResourceProperties cannot be read: "), "{fields:?}");
        }
    }

    #[test]
    fn an_invalid_field_name_does_not_affect_other_fields() {
        let fields = fields(r#"{"RequestId": "r", "\ud800x": 1, "caf\u00e9": "\ud800"}"#).expect("fields");
        assert_eq!(fields.read["RequestId"], "r");
        assert!(fields.unreadable[0].to_string().starts_with("café cannot be read: "), "{fields:?}");
        let long = super::fields(&format!(r#"{{"{}": 1e999}}"#, "é".repeat(1000))).expect("fields");
        assert!(long.unreadable[0].to_string().starts_with(&format!("{} cannot be read: ", "é".repeat(60))));
    }

    #[test]
    fn text_that_is_not_an_object_is_not_repeated() {
        for text in ["\"secret\"", "secret", "[\"secret\"]"] {
            assert_eq!(fields(text).expect_err("no event"), "The event is not a JSON object");
        }
    }
}
