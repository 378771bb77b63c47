//! The template's `Tags`, as opposed to the ownership tags.

use crate::properties::differences::Differences;
use crate::properties::problems::Problems;
use crate::properties::values::lists::List;
use crate::properties::values::text::Text;
use crate::properties::visible::visible;
use crate::properties::{Value, properties};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Chime allows fifty tags. Six are reserved for the function: three for the owner, one for a handover, and at most two
/// for the marks of settings.
const MAX_TAGS: usize = 44;

/// A template's `Tags`: at most 44 of Chime's 50, because six are reserved for ownership, handover and marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

properties! {
    /// One tag, spelled as in every CloudFormation resource.
    pub struct Tag {
        /// The key. The prefixes `aws:` and `cfn:` are reserved for AWS and for this function.
        key: TagKey => "Key",
        /// The value. It must not be empty.
        value: Text<1, 256> => "Value",
    }
}

/// A tag key: 1 to 128 characters, without a reserved prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagKey(Text<1, 128>);

impl TagKey {
    const RESERVED: &'static str = "must not begin with aws: or cfn:, which are reserved";
}

impl Value for TagKey {
    fn schema() -> Json {
        let mut schema = Text::<1, 128>::schema();
        schema["pattern"] = json!("^(?![aA][wW][sS]:|[cC][fF][nN]:)");
        schema["patternErrorMessage"] = json!(Self::RESERVED);
        schema
    }

    fn write(&self) -> Json {
        self.0.write()
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let key = Text::read(json, problems)?;
        let lower = key.as_str().to_ascii_lowercase();
        if ["aws:", "cfn:"].iter().any(|prefix| lower.starts_with(prefix)) {
            problems.add(Self::RESERVED);
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

    /// Tags that others have added are not a difference.
    fn compare(observed: &Self, stated: &Self, differences: &mut Differences) {
        for (key, value) in &stated.0 {
            let current = observed.0.get(key);
            if current != Some(value) {
                differences.within(&format!("[{key}]"), |differences| differences.add(json!(current), json!(value)));
            }
        }
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let list = List::<Tag, 0, MAX_TAGS>::read(json, problems)?;
        let mut tags = BTreeMap::new();
        for (at, tag) in list.iter().enumerate() {
            let key = tag.key.0.as_str();
            if tags.insert(key.to_owned(), tag.value.as_str().to_owned()).is_some() {
                problems
                    .within(&format!("[{at}].Key"), |p| p.add(format_args!("must not repeat \"{}\"", visible(key))));
            }
        }
        Some(Self(tags))
    }
}

impl Tags {
    /// The tags that Chime shows, including the ownership tags.
    pub fn observed(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// A change of `Tags`. It touches only keys that the old or the new template contains.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TagChange {
    /// Removed before new tags are added, so that the total never exceeds fifty.
    pub remove: Vec<String>,
    /// Keys and values.
    pub put: Vec<(String, String)>,
}

impl TagChange {
    /// The change from the previous template's tags to the current ones.
    pub fn of(previous: Option<&Tags>, desired: Option<&Tags>) -> Self {
        static NONE: Tags = Tags(BTreeMap::new());
        let (previous, desired) = (&previous.unwrap_or(&NONE).0, &desired.unwrap_or(&NONE).0);
        let is_new = |(key, value): &(&String, &String)| previous.get(*key) != Some(*value);
        Self {
            remove: previous.keys().filter(|key| !desired.contains_key(*key)).cloned().collect(),
            put: desired.iter().filter(is_new).map(|(key, value)| (key.clone(), value.clone())).collect(),
        }
    }

    /// The change from the tags that Chime shows. Only those of the `former` template are removed: nobody knows where the
    /// others came from. What the former template had otherwise is changed even if Chime already shows it as desired: it may not show
    /// the former template's tags yet.
    pub fn from_observed(observed: &Tags, desired: Option<&Tags>, former: Option<&Tags>) -> Self {
        let put = Self::of(Some(observed), desired).put;
        let Some(former) = former else { return Self { remove: Vec::new(), put } };
        let mut change = Self::of(Some(former), desired);
        change.put.extend(put);
        change.put.sort_unstable();
        change.put.dedup();
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;

    fn tags(json: Json) -> Tags {
        read(&json).expect("valid tags")
    }

    #[test]
    fn a_change_touches_only_keys_of_the_old_or_new_template() {
        let before = tags(json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}, {"Key": "c", "Value": "1"}]));
        let wanted = tags(json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}, {"Key": "d", "Value": "1"}]));
        let put = [("b", "2"), ("d", "1")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let expected = TagChange { remove: vec!["c".to_owned()], put: put.to_vec() };
        assert_eq!(TagChange::of(Some(&before), Some(&wanted)), expected);
        assert_eq!(TagChange::of(None, Some(&wanted)).remove, Vec::<String>::new());
    }

    #[test]
    fn at_most_44_tags_are_allowed() {
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
