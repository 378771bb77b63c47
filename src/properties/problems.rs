//! Collects all problems of a template, each with the path of its value.

use crate::properties::visible::visible;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::fmt;

/// Properties that every type accepts and no resource reads:
///
/// - `ServiceToken`: the function's ARN.
/// - `ServiceTimeout`: how long CloudFormation waits.
/// - `ClientRequestToken`: ignored. CloudFormation's RequestId is sent instead.
/// - [`ADOPT_EXISTING`] and [`RESYNC`]: see there.
pub const COMMON_PROPERTIES: [&str; 5] =
    ["ServiceToken", "ServiceTimeout", "ClientRequestToken", ADOPT_EXISTING, RESYNC];

/// The property with the id of an existing resource to take over.
pub const ADOPT_EXISTING: &str = "AdoptExisting";

/// The property whose change makes an update compare Chime with the template and correct every difference.
pub const RESYNC: &str = "Resync";

/// Properties of AWS's own types or of Chime's calls that are separate resources here.
const SEPARATE_RESOURCES: [(&str, &str); 3] = [
    ("MemberArns", "Custom::ChimeChannelMemberships"),
    ("ModeratorArns", "Custom::ChimeChannelModerator"),
    ("ChannelFlowArn", "Custom::ChimeChannelFlowAssociation"),
];

/// Properties that Chime's calls and our types have inside another property.
const NESTED: [(&str, &str); 3] =
    [("DeviceToken", "EndpointAttributes"), ("VoipDeviceToken", "EndpointAttributes"), ("Lex", "Configuration")];

/// How many characters of an invalid value a problem repeats.
const MAX_SHOWN: usize = 60;

/// The same for an ARN. It is longer because the end of an ARN says what it names. An admin's ARN with generated ids has
/// about 220 characters.
const MAX_SHOWN_ARN: usize = 256;

/// The text of a scalar, as CloudFormation would have sent it. `None` for a map, a list or null.
///
/// Numbers and booleans occur only in events that CloudFormation did not send, such as those of a local run.
pub fn scalar(json: &Json) -> Option<Cow<'_, str>> {
    match json {
        Json::String(text) => Some(Cow::Borrowed(text)),
        Json::Number(number) => Some(Cow::Owned(number.to_string())),
        Json::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// All problems of a template's properties. Displays as one sentence for each problem, separated by `; `.
#[derive(Debug, Default)]
pub struct Problems {
    path: String,
    found: Vec<String>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.found.join("; "))
    }
}

impl Problems {
    /// A single problem that does not belong to a property.
    pub fn of(sentence: impl Into<String>) -> Self {
        Self { path: String::new(), found: vec![sentence.into()] }
    }

    /// Adds a problem of the current value: `must be …`, `is required`.
    pub fn add(&mut self, predicate: impl fmt::Display) {
        let subject = if self.path.is_empty() { "ResourceProperties" } else { &self.path };
        self.found.push(format!("{subject} {predicate}"));
    }

    /// Adds that the current value must be `wanted`, and shows the actual value.
    pub fn must_be(&mut self, wanted: impl fmt::Display, json: &Json) {
        let is_empty_item = self.path.ends_with(']') && json == "";
        let hint = if is_empty_item { ", which is what an empty CommaDelimitedList gives" } else { "" };
        self.add(format_args!("must be {wanted}, not {}{hint}", shown(json)));
    }

    /// Adds that the current value must be one of `words`, and suggests the one that was probably meant.
    pub fn must_be_one_of(&mut self, words: &[&str], json: &Json) {
        let meant = scalar(json).and_then(|text| did_you_mean(&text, words)).filter(|_| words.len() > 1);
        let hint = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
        self.add(format_args!("must be {}, not {}{hint}", words.join(" or "), shown(json)));
    }

    /// Reads a part of the current value: a property by name, or an item as `[0]`.
    pub fn within<T>(&mut self, part: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer_len = self.path.len();
        if outer_len > 0 && !part.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(part);
        let outcome = read(self);
        self.path.truncate(outer_len);
        outcome
    }

    /// The current value as a map. Adds a problem for every name that is not in `names`.
    pub fn map<'a>(&mut self, json: &'a Json, names: &[&str]) -> Option<&'a Map<String, Json>> {
        let Some(map) = json.as_object() else {
            self.must_be(format_args!("a map of {}", names.join(", ")), json);
            return None;
        };
        // Common properties are read elsewhere, but their names may be misspelled here.
        let is_top = self.path.is_empty();
        let common = if is_top { &COMMON_PROPERTIES[..] } else { &[] };
        let known = [names, common].concat();
        for name in map.keys().filter(|name| !names.contains(&name.as_str())) {
            let elsewhere = SEPARATE_RESOURCES.iter().find(|(property, _)| property == name && is_top);
            let inside = NESTED.iter().find(|(property, outer)| property == name && names.contains(outer));
            let hint = match (elsewhere, inside, did_you_mean(name, &known)) {
                (Some((_, resource_type)), ..) => {
                    format!("is not a property here, use a {resource_type} resource instead")
                }
                (None, Some((_, outer)), _) => format!("is not a property here, it belongs in {outer}"),
                (None, None, Some(meant)) => format!("is not a property, did you mean {meant}?"),
                (None, None, None) => format!("is not a property (there are {})", names.join(", ")),
            };
            self.within(&visible(name), |problems| problems.add(hint));
        }
        Some(map)
    }

    /// Adds problems that do not belong to a property.
    pub fn extend(&mut self, sentences: impl IntoIterator<Item = String>) {
        self.found.extend(sentences);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

/// The one of `choices` that was probably meant, if any is similar.
pub fn did_you_mean<'a>(written: &str, choices: &[&'a str]) -> Option<&'a str> {
    let distance_to = |choice: &str| {
        let length = choice.chars().count();
        let limit = 1 + length / 5;
        // The comparison uses memory for each pair of characters, and an invalid value may have megabytes.
        if written.chars().nth(length + limit).is_some() {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&written.to_lowercase(), &choice.to_lowercase());
        (distance <= limit).then_some(distance)
    };
    let nearest = choices.iter().filter_map(|choice| Some((distance_to(choice)?, *choice))).min().map(|(_, best)| best);
    nearest.or_else(|| unique_completion(written, choices))
}

fn unique_completion<'a>(written: &str, choices: &[&'a str]) -> Option<&'a str> {
    let is_completion =
        |choice: &&&str| choice.get(..written.len()).is_some_and(|part| part.eq_ignore_ascii_case(written));
    let mut all = choices.iter().filter(is_completion);
    all.next().copied().filter(|_| written.len() >= 3 && all.next().is_none())
}

/// An invalid value for a problem, cut to [`MAX_SHOWN`] characters, or to [`MAX_SHOWN_ARN`] for an ARN.
pub fn shown(json: &Json) -> String {
    match (scalar(json), json) {
        (Some(text), Json::String(_)) => {
            let limit = if text.starts_with("arn:") { MAX_SHOWN_ARN } else { MAX_SHOWN };
            match text.char_indices().nth(limit) {
                Some((end, _)) => format!("\"{}…\"", visible(text.get(..end).unwrap_or_default())),
                None => format!("\"{}\"", visible(&text)),
            }
        }
        (Some(text), _) => text.into_owned(),
        (None, Json::Array(_)) => "a list".to_owned(),
        (None, Json::Object(_)) => "a map".to_owned(),
        (None, _) => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn repeated(value: &str) -> String {
        let mut problems = Problems::default();
        problems.within("ChimeBearer", |problems| problems.must_be("the ARN of a user", &json!(value)));
        problems.to_string()
    }

    #[test]
    fn an_arn_is_repeated_in_full_up_to_256_characters() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/8c5e5a1e-5b3c-4f0e-9a35-000000000001";
        let admin = format!("{app}/admins/{app}/user/8c5e5a1e-5b3c-4f0e-9a35-000000000002");
        assert_eq!(repeated(&admin), format!("ChimeBearer must be the ARN of a user, not \"{admin}\""));
        let very_long = format!("arn:{}", "x".repeat(1_000_000));
        assert_eq!(repeated(&very_long).chars().count(), repeated("").chars().count() + 257);
    }

    #[test]
    fn an_empty_list_item_is_explained() {
        let mut problems = Problems::default();
        problems.within("MemberArns", |problems| {
            problems.must_be("a list", &json!(""));
            problems.within("[0]", |problems| problems.must_be("an ARN", &json!("")));
            problems.within("[1]", |problems| problems.must_be("an ARN", &json!("x")));
        });
        let said = "MemberArns must be a list, not \"\"; MemberArns[0] must be an ARN, not \"\", which is what an empty \
                    CommaDelimitedList gives; MemberArns[1] must be an ARN, not \"x\"";
        assert_eq!(problems.to_string(), said);
    }

    #[test]
    fn an_invisible_character_is_escaped() {
        for (value, shown) in [
            ("a\nb", r#""a\nb""#),
            ("a b\u{a0}", r#""a b\u{a0}""#),
            ("\u{feff}x\u{200b}", r#""\u{feff}x\u{200b}""#),
            ("größe \"1\" e\u{301}", "\"größe \"1\" e\u{301}\""),
        ] {
            assert_eq!(repeated(value), format!("ChimeBearer must be the ARN of a user, not {shown}"));
        }
    }

    #[test]
    fn any_other_value_is_cut_between_two_characters() {
        assert!(repeated(&"ä".repeat(61)).ends_with(&format!("\"{}…\"", "ä".repeat(60))));
        assert!(repeated(&"ä".repeat(60)).ends_with(&format!("\"{}\"", "ä".repeat(60))));
    }

    #[test]
    fn a_property_that_belongs_in_another_one_is_told_so() {
        let mut problems = Problems::default();
        problems.map(&json!({"DeviceToken": "t"}), &["EndpointAttributes"]);
        assert_eq!(problems.to_string(), "DeviceToken is not a property here, it belongs in EndpointAttributes");
    }
}
