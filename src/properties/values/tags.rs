//! `Tags`: those of the template beside those that say whose a resource is.

use crate::properties::differences::Differences;
use crate::properties::problems::Problems;
use crate::properties::values::lists::List;
use crate::properties::values::text::Text;
use crate::properties::{Value, properties};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Chime takes fifty tags. Six are ours: three say who owns a resource, one that it is being handed over, and at most two are marks of its
/// settings.
const MAX_TAGS: usize = 44;

/// A template's `Tags`: at most 44 of the 50 that Chime takes, because six are kept for ownership, handover and marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

properties! {
    /// One tag, spelled as in every CloudFormation resource.
    pub struct Tag {
        /// The key. `aws:` is AWS's own, `cfn:` ours.
        key: TagKey => "Key",
        /// The value. Chime takes no empty one.
        value: Text<1, 256> => "Value",
    }
}

/// A tag's key: 1 to 128 characters, and none of AWS's or ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagKey(Text<1, 128>);

impl Value for TagKey {
    fn schema() -> Json {
        let mut schema = Text::<1, 128>::schema();
        schema["pattern"] = json!("^(?![aA][wW][sS]:|[cC][fF][nN]:)");
        schema
    }

    fn write(&self) -> Json {
        self.0.write()
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let key = Text::read(json, problems)?;
        let lower = key.as_str().to_ascii_lowercase();
        if ["aws:", "cfn:"].iter().any(|prefix| lower.starts_with(prefix)) {
            problems.add("must not begin with aws: or cfn:, which are reserved");
            return None;
        }
        Some(Self(key))
    }
}

impl Value for Tags {
    fn schema() -> Json {
        List::<Tag, 0, MAX_TAGS>::schema()
    }

    fn write(&self) -> Json {
        self.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
    }

    /// Those that others have put there are no difference.
    fn compare(observed: &Self, stated: &Self, differences: &mut Differences) {
        for (key, value) in &stated.0 {
            let held = observed.0.get(key);
            if held != Some(value) {
                differences.within(&format!("[{key}]"), |differences| differences.add(json!(held), json!(value)));
            }
        }
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let list = List::<Tag, 0, MAX_TAGS>::read(json, problems)?;
        let mut tags = BTreeMap::new();
        for (at, tag) in list.iter().enumerate() {
            let key = tag.key.0.as_str();
            if tags.insert(key.to_owned(), tag.value.as_str().to_owned()).is_some() {
                problems.within(&format!("[{at}].Key"), |p| p.add(format_args!("must not repeat \"{key}\"")));
            }
        }
        Some(Self(tags))
    }
}

impl Tags {
    /// The tags that Chime shows, those of their owner among them.
    pub fn observed(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// What a change of `Tags` asks for. It touches no key but those that the template names or named.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TagChange {
    /// Removed before anything is put, so that fifty are never passed.
    pub remove: Vec<String>,
    /// Keys and values.
    pub put: Vec<(String, String)>,
}

impl TagChange {
    /// The change from the tags that a template stated to those it states now.
    pub fn of(previous: Option<&Tags>, desired: Option<&Tags>) -> Self {
        static NONE: Tags = Tags(BTreeMap::new());
        let (previous, desired) = (&previous.unwrap_or(&NONE).0, &desired.unwrap_or(&NONE).0);
        let is_new = |(key, value): &(&String, &String)| previous.get(*key) != Some(*value);
        Self {
            remove: previous.keys().filter(|key| !desired.contains_key(*key)).cloned().collect(),
            put: desired.iter().filter(is_new).map(|(key, value)| (key.clone(), value.clone())).collect(),
        }
    }

    /// The change from the tags that Chime shows. Which of them another template stated nobody knows, so that none is removed.
    pub fn from_observed(observed: &Tags, desired: Option<&Tags>) -> Self {
        Self { remove: Vec::new(), ..Self::of(Some(observed), desired) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;

    fn tags(json: Json) -> Tags {
        read(&json).expect("right tags")
    }

    #[test]
    fn a_change_touches_only_the_keys_that_the_template_names_or_named() {
        let before = tags(json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}, {"Key": "c", "Value": "1"}]));
        let wanted = tags(json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}, {"Key": "d", "Value": "1"}]));
        let put = [("b", "2"), ("d", "1")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let expected = TagChange { remove: vec!["c".to_owned()], put: put.to_vec() };
        assert_eq!(TagChange::of(Some(&before), Some(&wanted)), expected);
        assert_eq!(TagChange::of(None, Some(&wanted)).remove, Vec::<String>::new());
    }

    #[test]
    fn there_are_at_most_44() {
        let of =
            |count: usize| json!((0..count).map(|n| json!({"Key": n.to_string(), "Value": "v"})).collect::<Vec<_>>());
        assert!(read::<Tags>(&of(44)).is_ok());
        let problems = read::<Tags>(&of(45)).expect_err("too many").to_string();
        assert_eq!(problems, "ResourceProperties must be a list of 0 to 44 items, it has 45");
    }

    #[test]
    fn reserved_and_repeated_keys_and_empty_values_are_problems() {
        let wrong = json!([{"Key": "cfn:stack-id", "Value": ""}, {"Key": "AWS:x", "Value": "x"}]);
        assert_eq!(
            read::<Tags>(&wrong).expect_err("wrong").to_string(),
            "[0].Key must not begin with aws: or cfn:, which are reserved; \
             [0].Value must be text of 1 to 256 characters, not \"\"; \
             [1].Key must not begin with aws: or cfn:, which are reserved"
        );
        let repeated = json!([{"Key": "a", "Value": "x"}, {"Key": "a", "Value": "y"}]);
        assert_eq!(read::<Tags>(&repeated).expect_err("wrong").to_string(), "[1].Key must not repeat \"a\"");
        let empty = read::<Tags>(&json!([{"Key": "a", "Value": ""}])).expect_err("wrong").to_string();
        assert_eq!(empty, "[0].Value must be text of 1 to 256 characters, not \"\"");
    }
}
