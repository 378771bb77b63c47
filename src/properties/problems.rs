//! Everything that is wrong with a template, collected with the path of each value.

use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::fmt;

/// Properties of every type, which no resource reads: the function's own address, how long CloudFormation waits, a token in place of which
/// CloudFormation's RequestId is sent, what exists already and is to be taken over, and a text whose change brings Chime in line again.
pub const COMMON_PROPERTIES: [&str; 5] =
    ["ServiceToken", "ServiceTimeout", "ClientRequestToken", ADOPT_EXISTING, RESYNC];

/// Names what exists already and is to be taken over.
pub const ADOPT_EXISTING: &str = "AdoptExisting";

/// A change of it brings Chime in line with the template again.
pub const RESYNC: &str = "Resync";

/// Properties of AWS's own types, or of Chime's calls, that are resources of their own here.
const OF_OTHER_TYPES: [(&str, &str); 3] = [
    ("MemberArns", "Custom::ChimeChannelMemberships"),
    ("ModeratorArns", "Custom::ChimeChannelModerator"),
    ("ChannelFlowArn", "Custom::ChimeChannelFlowAssociation"),
];

/// How much of a wrong value is repeated in a problem, in characters.
const SHOWN: usize = 60;

/// The same of an ARN: its end says what kind of thing it names. With the ids that Chime makes up, an admin's has some 220 characters.
const SHOWN_OF_ARN: usize = 256;

/// The text of a scalar, as CloudFormation would have sent it; `None` for a map, a list or nothing.
///
/// Numbers and booleans arrive only in events that did not come from CloudFormation, such as those of a local run.
pub fn scalar(json: &Json) -> Option<Cow<'_, str>> {
    match json {
        Json::String(text) => Some(Cow::Borrowed(text)),
        Json::Number(number) => Some(Cow::Owned(number.to_string())),
        Json::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Everything that is wrong with a template's properties. Displays as one sentence a problem, `; ` between them.
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
    /// A problem of its own, which no property's path leads to.
    pub fn of(sentence: impl Into<String>) -> Self {
        Self { path: String::new(), found: vec![sentence.into()] }
    }

    /// Adds what is wrong with the value at hand: `must be …`, `is required`.
    pub fn add(&mut self, predicate: impl fmt::Display) {
        let subject = if self.path.is_empty() { "ResourceProperties" } else { &self.path };
        self.found.push(format!("{subject} {predicate}"));
    }

    /// Adds that the value at hand must be `wanted`, and shows what it is instead.
    pub fn must_be(&mut self, wanted: impl fmt::Display, json: &Json) {
        let is_empty_item = self.path.ends_with(']') && json == "";
        let hint = if is_empty_item { ", which is what an empty CommaDelimitedList gives" } else { "" };
        self.add(format_args!("must be {wanted}, not {}{hint}", shown(json)));
    }

    /// Adds that the value at hand must be one of `words`, and which one was probably meant.
    pub fn must_be_one_of(&mut self, words: &[&str], json: &Json) {
        let meant = scalar(json).and_then(|text| did_you_mean(&text, words)).filter(|_| words.len() > 1);
        let hint = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
        self.add(format_args!("must be {}, not {}{hint}", words.join(" or "), shown(json)));
    }

    /// Reads a part of the value at hand: a property by its name, or an item as `[0]`.
    pub fn within<T>(&mut self, part: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let whole = self.path.len();
        if whole > 0 && !part.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(part);
        let outcome = read(self);
        self.path.truncate(whole);
        outcome
    }

    /// The map at hand, once every name in it that is not one of `names` is a problem.
    pub fn map<'a>(&mut self, json: &'a Json, names: &[&str]) -> Option<&'a Map<String, Json>> {
        let Some(map) = json.as_object() else {
            self.must_be(format_args!("a map of {}", names.join(", ")), json);
            return None;
        };
        // Those of every type are read elsewhere, and may be misspelled here.
        let is_top = self.path.is_empty();
        let more = if is_top { &COMMON_PROPERTIES[..] } else { &[] };
        let known = [names, more].concat();
        for name in map.keys().filter(|name| !names.contains(&name.as_str())) {
            let elsewhere = OF_OTHER_TYPES.iter().find(|(property, _)| property == name && is_top);
            let hint = match (elsewhere, did_you_mean(name, &known)) {
                (Some((_, of)), _) => format!("is not a property, state a {of} for it"),
                (None, Some(meant)) => format!("is not a property, did you mean {meant}?"),
                (None, None) => format!("is not a property (there are {})", names.join(", ")),
            };
            self.within(name, |problems| problems.add(hint));
        }
        Some(map)
    }

    /// Adds problems that no property's path leads to.
    pub fn extend(&mut self, sentences: impl IntoIterator<Item = String>) {
        self.found.extend(sentences);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

/// The one of `choices` that was probably meant, if any comes near.
pub fn did_you_mean<'a>(written: &str, choices: &[&'a str]) -> Option<&'a str> {
    let near = |choice: &str| {
        let length = choice.chars().count();
        let most = 1 + length / 5;
        // The comparison takes memory for each pair of characters, and a wrong value may have megabytes.
        if written.chars().nth(length + most).is_some() {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&written.to_lowercase(), &choice.to_lowercase());
        (distance <= most).then_some(distance)
    };
    let nearest = choices.iter().filter_map(|choice| Some((near(choice)?, *choice))).min().map(|(_, best)| best);
    nearest.or_else(|| only_one_that_begins_with(written, choices))
}

fn only_one_that_begins_with<'a>(written: &str, choices: &[&'a str]) -> Option<&'a str> {
    let begins = |choice: &&&str| choice.get(..written.len()).is_some_and(|part| part.eq_ignore_ascii_case(written));
    let mut all = choices.iter().filter(begins);
    all.next().copied().filter(|_| written.len() >= 3 && all.next().is_none())
}

/// A wrong value as a problem repeats it, cut to [`SHOWN`] characters, or to [`SHOWN_OF_ARN`].
fn shown(json: &Json) -> String {
    match (scalar(json), json) {
        (Some(text), Json::String(_)) => {
            let most = if text.starts_with("arn:") { SHOWN_OF_ARN } else { SHOWN };
            match text.char_indices().nth(most) {
                Some((end, _)) => format!("\"{}…\"", text.get(..end).unwrap_or_default()),
                None => format!("\"{text}\""),
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
    fn an_arn_is_repeated_to_its_end_which_says_what_it_is_of() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/8c5e5a1e-5b3c-4f0e-9a35-000000000001";
        let admin = format!("{app}/admins/{app}/user/8c5e5a1e-5b3c-4f0e-9a35-000000000002");
        assert_eq!(repeated(&admin), format!("ChimeBearer must be the ARN of a user, not \"{admin}\""));
        let endless = format!("arn:{}", "x".repeat(1_000_000));
        assert_eq!(repeated(&endless).chars().count(), repeated("").chars().count() + 257);
    }

    #[test]
    fn an_empty_item_says_where_it_may_come_from() {
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
    fn any_other_value_is_cut_between_two_characters() {
        assert!(repeated(&"ä".repeat(61)).ends_with(&format!("\"{}…\"", "ä".repeat(60))));
        assert!(repeated(&"ä".repeat(60)).ends_with(&format!("\"{}\"", "ä".repeat(60))));
    }
}
