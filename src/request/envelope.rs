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

/// How many values a field may contain. A list of a channel's 10,000 members has half as many. A value of three bytes
/// can take half a kilobyte of memory, so an event of six megabytes would need a gigabyte.
const MAX_VALUES: usize = 20_000;

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
    let own = parse(text, "The event is not a JSON object")?;
    match sns_message(&own.read) {
        // The message of an SNS-backed custom resource is the request itself. SNS never nests messages.
        Some(message) => parse(message, "The message of the SNS event is not a JSON object"),
        None => Ok(own),
    }
}

/// Parses the whole text, or field by field if one of them is invalid or too large.
fn parse(text: &str, not_an_object: &str) -> Result<Fields, String> {
    if value_count(text) <= MAX_VALUES {
        match serde_json::from_str::<Json>(text) {
            Ok(Json::Object(read)) => return Ok(Fields { read, unreadable: Vec::new() }),
            Ok(_) => return Err(not_an_object.to_owned()),
            Err(_) => {}
        }
    }
    let raw: BTreeMap<Name, Box<RawValue>> = serde_json::from_str(text).map_err(|_| not_an_object.to_owned())?;
    let mut fields = Fields { read: Map::new(), unreadable: Vec::new() };
    for (Name(name), value) in raw {
        let parsed = match value_count(value.get()) {
            0..=MAX_VALUES => serde_json::from_str(value.get()).map_err(|error| error.to_string()),
            _ => Err(format!("more than {MAX_VALUES} values")),
        };
        match parsed {
            Ok(value) => {
                fields.read.insert(name, value);
            }
            Err(why) => fields.unreadable.push(UnreadableField { name, why }),
        }
    }
    Ok(fields)
}

/// The number of values in JSON, without parsing it. An empty list or map counts as two.
fn value_count(json: &str) -> usize {
    let (mut count, mut is_text, mut is_escaped) = (1, false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => count += 1,
            _ => {}
        }
    }
    count
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
    fn a_field_with_too_many_values_is_not_parsed() {
        let event = |count: usize| json!({"RequestId": "r", "ResourceProperties": vec![json!({}); count]}).to_string();
        let just_enough = (MAX_VALUES - 1) / 2;
        assert!(fields(&event(just_enough)).expect("fields").unreadable.is_empty());
        for text in [event(just_enough + 1), json!({"Records": [{"Sns": {"Message": event(MAX_VALUES)}}]}).to_string()]
        {
            let fields = fields(&text).expect("fields");
            assert_eq!(fields.read, *json!({"RequestId": "r"}).as_object().expect("a map"));
            assert_eq!(fields.unreadable[0].to_string(), "ResourceProperties cannot be read: more than 20000 values");
        }
    }

    #[test]
    fn punctuation_in_a_text_is_not_counted() {
        for (json, count) in [(r#""[,{\"[\\""#, 1), (r#"["a,b", {"c": 1}]"#, 4), ("[[],[]]", 5), ("1", 1)] {
            assert_eq!(value_count(json), count, "{json}");
        }
    }

    #[test]
    fn text_that_is_not_an_object_is_not_repeated() {
        for text in ["\"secret\"", "secret", "[\"secret\"]"] {
            assert_eq!(fields(text).expect_err("no event"), "The event is not a JSON object");
        }
    }
}
