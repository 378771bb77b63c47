//! The violations of a request or an answer, in the words of AWS.

use crate::model::service_model::{Kind, Members, Model, Shape};
use serde_json::Value as Json;

impl Model {
    /// Every violation of the shape by these members, with its path, worded as by AWS.
    ///
    /// The length of a string is its number of characters. Two messages are not AWS's: for a wrong type, and for a member that the model
    /// does not have.
    pub fn violations(&self, shape: &str, members: &Members) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(shape) = self.shapes.get(shape) {
            self.structure(shape, members, "", &mut found);
        }
        found
    }

    fn structure(&self, shape: &Shape, members: &Members, path: &str, found: &mut Vec<String>) {
        for required in &shape.required {
            if !members.contains_key(required) {
                fail(found, &join(path, required), "Member must not be null");
            }
        }
        for (name, value) in members {
            let path = join(path, name);
            match shape.members.get(name) {
                Some(member) => self.value(&member.shape, value, &path, found),
                None => fail(found, &path, "Member is not one of the model's"),
            }
        }
    }

    fn value(&self, name: &str, value: &Json, path: &str, found: &mut Vec<String>) {
        let Some(shape) = self.shapes.get(name) else { return };
        match (shape.kind, value) {
            (Kind::Structure, Json::Object(members)) => {
                let members = members.clone().into_iter().filter(|(_, value)| !value.is_null());
                self.structure(shape, &members.collect(), path, found);
            }
            (Kind::List, Json::Array(items)) => {
                between(shape, items.len() as i64, "length", path, found);
                for (index, item) in items.iter().enumerate() {
                    if let Some(member) = &shape.member {
                        self.value(member, item, &format!("{path}.{}.member", index + 1), found);
                    }
                }
            }
            (Kind::Map, Json::Object(entries)) => {
                for (key, value) in entries {
                    let path = format!("{path}.{key}");
                    if let (Some(of_key), Some(of_value)) = (&shape.key, &shape.value) {
                        self.value(of_key, &Json::from(key.as_str()), &path, found);
                        self.value(of_value, value, &path, found);
                    }
                }
            }
            (Kind::String, Json::String(text)) => self.text(name, shape, text, path, found),
            (Kind::Integer, Json::Number(number)) if number.as_i64().is_some() => {
                between(shape, number.as_i64().unwrap_or_default(), "value", path, found);
            }
            (Kind::Boolean, Json::Bool(_)) => {}
            (Kind::Timestamp, Json::Number(_) | Json::String(_)) => {}
            (kind, _) => {
                let kind = format!("{kind:?}").to_lowercase();
                fail(found, path, &format!("Member must be of type {kind}"));
            }
        }
    }

    fn text(&self, name: &str, shape: &Shape, text: &str, path: &str, found: &mut Vec<String>) {
        between(shape, text.chars().count() as i64, "length", path, found);
        if let (Some(regex), Some(published)) = (self.patterns.get(name), &shape.pattern)
            && !regex.is_match(text)
        {
            let rule = format!("Member must satisfy regular expression pattern: {published}");
            fail(found, path, &rule);
        }
        if !shape.values.is_empty() && !shape.values.iter().any(|value| value == text) {
            let rule = format!("Member must satisfy enum value set: [{}]", shape.values.join(", "));
            fail(found, path, &rule);
        }
    }
}

/// One message for all violations: `2 validation errors detected: Value at …; Value at …`.
pub fn message(violations: &[String]) -> String {
    let plural = if violations.len() == 1 { "" } else { "s" };
    format!("{} validation error{plural} detected: {}", violations.len(), violations.join("; "))
}

fn between(shape: &Shape, size: i64, what: &str, path: &str, found: &mut Vec<String>) {
    if let Some(max) = shape.max.filter(|max| size > *max) {
        fail(found, path, &format!("Member must have {what} less than or equal to {max}"));
    }
    if let Some(min) = shape.min.filter(|min| size < *min) {
        fail(found, path, &format!("Member must have {what} greater than or equal to {min}"));
    }
}

fn fail(found: &mut Vec<String>, path: &str, rule: &str) {
    found.push(format!("Value at '{path}' failed to satisfy constraint: {rule}"));
}

/// Appends a member to a path. AWS writes its first letter in lower case.
fn join(path: &str, name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let name: String = first.into_iter().chain(letters).collect();
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::apis::Apis;
    use serde_json::json;

    fn violations(operation: &str, input: Json) -> Vec<String> {
        let apis = Apis::load().unwrap();
        let model = [&apis.identity, &apis.messaging]
            .into_iter()
            .find(|model| model.operations.contains_key(operation))
            .unwrap();
        let shape = model.operations[operation].input.clone().unwrap();
        let found = model.violations(&shape, input.as_object().unwrap());
        found.iter().map(|text| text.replace(" failed to satisfy constraint: Member must", "")).collect()
    }

    #[test]
    fn a_good_request_has_no_violations() {
        let good = json!({"Name": "x".repeat(256), "ClientRequestToken": "ab", "Metadata": "",
            "Tags": [{"Key": "a", "Value": "b"}]});
        assert_eq!(violations("CreateAppInstance", good), [""; 0]);
    }

    #[test]
    fn every_violation_is_reported() {
        let bad = json!({"Name": "", "Metadata": "x".repeat(1025), "Tags": [], "Nmae": "x"});
        assert_eq!(
            violations("CreateAppInstance", bad),
            [
                "Value at 'clientRequestToken' not be null",
                "Value at 'metadata' have length less than or equal to 1024",
                "Value at 'name' have length greater than or equal to 1",
                "Value at 'nmae' failed to satisfy constraint: Member is not one of the model's",
                "Value at 'tags' have length greater than or equal to 1",
            ]
        );
    }

    #[test]
    fn length_is_counted_in_characters() {
        let name = |count| json!({"Name": "\u{e9}".repeat(count), "ClientRequestToken": "ab"});
        assert_eq!(violations("CreateAppInstance", name(256)), [""; 0]);
        assert_eq!(violations("CreateAppInstance", name(257)).len(), 1);
    }

    #[test]
    fn ranges_enums_types_and_patterns_are_checked_at_every_depth() {
        let arn = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let bad = json!({"AppInstanceArn": "nonsense", "Name": "f", "ClientRequestToken": "ab",
            "Processors": [{"Name": 7, "ExecutionOrder": 4, "FallbackAction": "STOP",
                "Configuration": {"Lambda": {"ResourceArn": arn}}}]});
        let found = violations("CreateChannelFlow", bad);
        let expected = [
            "Value at 'appInstanceArn' satisfy regular expression pattern: arn:",
            "Value at 'processors.1.member.configuration.lambda.invocationType' not be null",
            "Value at 'processors.1.member.configuration.lambda.resourceArn' satisfy regular",
            "Value at 'processors.1.member.executionOrder' have value less than or equal to 3",
            "Value at 'processors.1.member.fallbackAction' satisfy enum value set: [CONTINUE, ABORT]",
            "Value at 'processors.1.member.name' be of type string",
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    }

    #[test]
    fn a_number_in_quotes_is_not_a_number() {
        let arn = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let days = |days: Json| {
            let channel = json!({"RetentionDays": days});
            let settings = json!({"ChannelRetentionSettings": channel});
            json!({"AppInstanceArn": arn, "AppInstanceRetentionSettings": settings})
        };
        let operation = "PutAppInstanceRetentionSettings";
        assert_eq!(violations(operation, days(json!(30))), [""; 0]);
        assert_eq!(violations(operation, days(json!("30"))).len(), 1);
        assert_eq!(violations(operation, days(json!(5476))).len(), 1);
        assert_eq!(violations(operation, days(json!(1.5))).len(), 1);
        assert_eq!(violations(operation, days(Json::Null)), [""; 0]);
    }

    #[test]
    fn the_message_counts() {
        assert!(message(&["a".into()]).starts_with("1 validation error detected: a"));
        assert_eq!(message(&["a".into(), "b".into()]), "2 validation errors detected: a; b");
    }
}
