//! Differences between what Chime shows and what the template says, by path.

use crate::properties::visible::visible;
use serde_json::Value as Json;
use std::fmt;

/// How many characters of a value a message repeats. An ARN with generated ids has about 220.
const MAX_SHOWN: usize = 256;

/// One property that differs. Displays as a clause: `Name is "Chat" in Chime and "Support" here`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The property's path, such as `Processors[0].Name`.
    pub path: String,
    /// The values in Chime and in the template, null if absent. `None` for a secret, which must not be shown.
    values: Option<(Json, Json)>,
}

impl Difference {
    /// The values in Chime and in the template, null where there is none. `None` for a secret, which must not be shown.
    pub fn values(&self) -> Option<(&Json, &Json)> {
        self.values.as_ref().map(|(observed, stated)| (observed, stated))
    }

    /// The same as text for people. Long values are shortened to the part that differs.
    pub fn shown(&self) -> Option<(String, String)> {
        let (observed, stated) = self.values()?;
        let (observed, stated) = (written(observed), written(stated));
        let from = first_shown(&observed, &stated);
        Some((shown(&observed, from), shown(&stated, from)))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shown() {
            Some((observed, stated)) => write!(f, "{} is {observed} in Chime and {stated} here", visible(&self.path)),
            None => write!(f, "{} differs (the values are secret)", visible(&self.path)),
        }
    }
}

fn written(value: &Json) -> String {
    match value {
        Json::Null => "not set".to_owned(),
        value => visible(&value.to_string()),
    }
}

/// The character from which two values are shown. Long values that begin alike are shown from shortly before the part
/// that differs.
fn first_shown(observed: &str, stated: &str) -> usize {
    let equal = observed.chars().zip(stated.chars()).take_while(|(observed, stated)| observed == stated).count();
    if equal < MAX_SHOWN { 0 } else { equal - MAX_SHOWN / 2 }
}

fn shown(text: &str, from: usize) -> String {
    let part: String = text.chars().skip(from).take(MAX_SHOWN).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if text.chars().nth(from + MAX_SHOWN).is_some() { "…" } else { "" };
    format!("{before}{part}{after}")
}

/// All differences as one text, separated by `; `.
pub fn listed(differences: &[Difference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Collects differences.
#[derive(Debug, Default)]
pub struct Differences {
    path: String,
    found: Vec<Difference>,
}

impl Differences {
    /// Adds that the current value is `observed` instead of `stated`.
    pub fn add(&mut self, observed: Json, stated: Json) {
        self.found.push(Difference { path: self.path.clone(), values: Some((observed, stated)) });
    }

    /// Adds that the current value differs, without showing either value.
    pub fn add_secret(&mut self) {
        self.found.push(Difference { path: self.path.clone(), values: None });
    }

    /// Compares a part of the current value: a property by name, or an item as `[0]`.
    pub fn within(&mut self, part: &str, compare: impl FnOnce(&mut Self)) {
        let outer_len = self.path.len();
        if outer_len > 0 && !part.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(part);
        compare(self);
        self.path.truncate(outer_len);
    }

    /// All differences, in order.
    pub fn into_vec(self) -> Vec<Difference> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_not_shown_and_a_long_value_is_truncated() {
        let mut differences = Differences::default();
        differences.within("Metadata", Differences::add_secret);
        differences.within("Name", |at| at.add(json!("n".repeat(500)), Json::Null));
        let [metadata, name] = &differences.into_vec()[..] else { panic!("two differences") };
        assert_eq!(metadata.to_string(), "Metadata differs (the values are secret)");
        assert!(name.to_string().ends_with("n… in Chime and not set here"), "{name}");
    }

    #[test]
    fn an_invisible_character_is_escaped_in_a_value_and_in_a_path() {
        let mut differences = Differences::default();
        differences.within("[a\u{a0}]", |at| at.add(json!("Ada\u{200b}\n"), json!("Ada")));
        let shown = differences.into_vec()[0].to_string();
        assert_eq!(shown, r#"[a\u{a0}] is "Ada\u{200b}\n" in Chime and "Ada" here"#);
    }

    #[test]
    fn long_values_are_shown_where_they_differ() {
        let list = |last: &str| {
            let mut list = vec!["arn:aws:chime:us-east-1:123456789012:app-instance/a/user/u"; 9];
            list.push(last);
            json!(list)
        };
        let mut differences = Differences::default();
        differences.within("MemberArns", |at| at.add(list("ada"), list("eve")));
        let shown = differences.into_vec()[0].to_string();
        assert!(shown.starts_with("MemberArns is …") && shown.contains("\"ada\"] in Chime and …"), "{shown}");
        assert!(shown.ends_with("\"eve\"] here"), "{shown}");
    }
}
