//! `Tags`: those of the template beside those that say whose a resource is.

use crate::error::{Error, Kind};
use crate::ownership::Owner;
use crate::properties::{Problems, Value};
use crate::resource::{Change, Context};
use crate::values::{List, Text};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Chime takes fifty tags, and three of them are ours.
const MAX_TAGS: usize = 47;

/// A template's `Tags`: at most 47 of the 50 that Chime takes, because three are [ownership](crate::ownership) tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

crate::properties! {
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

/// What a change of `Tags` asks for. It touches no key but those that the template names or named.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TagChange<'a> {
    put: Vec<(&'a str, &'a str)>,
    remove: Vec<&'a str>,
}

impl<'a> TagChange<'a> {
    /// The change from the properties before to those wanted. Nothing is removed where those before are not known.
    pub fn of<P>(change: &Change<'a, P>, tags: impl Fn(&'a P) -> Option<&'a Tags>) -> Self {
        static NONE: Tags = Tags(BTreeMap::new());
        let wanted = &tags(change.wanted).unwrap_or(&NONE).0;
        let before = &change.before.and_then(tags).unwrap_or(&NONE).0;
        Self {
            put: wanted.iter().filter(|(k, v)| before.get(*k) != Some(v)).map(|(k, v)| (&**k, &**v)).collect(),
            remove: before.keys().filter(|key| !wanted.contains_key(*key)).map(|key| &**key).collect(),
        }
    }
}

/// The tag operations, which both Chime APIs have in the same shape under types of their own.
macro_rules! tagging {
    ($(#[$meta:meta])* $service:ident, $sdk:ident) => {
        $(#[$meta])*
        pub mod $service {
            use super::*;
            use $sdk::types::Tag as SdkTag;

            fn sdk_tag(key: &str, value: &str) -> Result<SdkTag, Error> {
                SdkTag::builder().key(key).value(value).build().map_err(Error::bug)
            }

            /// The tags of a create call: the template's, and the ownership tags.
            ///
            /// # Errors
            /// None in practice: the SDK asks for a key and a value, and each tag has both.
            pub fn at_creation(cx: &Context, tags: Option<&Tags>) -> Result<Vec<SdkTag>, Error> {
                let ours = cx.owner().tags();
                let ours = ours.iter().map(|(key, value)| sdk_tag(key, value));
                tags.iter().flat_map(|tags| &tags.0).map(|(key, value)| sdk_tag(key, value)).chain(ours).collect()
            }

            /// Applies a change of tags, with a call only where there is something to change.
            ///
            /// # Errors
            /// Those of TagResource and UntagResource.
            pub async fn apply(cx: &Context, arn: &str, change: &TagChange<'_>) -> Result<(), Error> {
                if !change.put.is_empty() {
                    let tags: Result<Vec<_>, _> = change.put.iter().map(|(key, value)| sdk_tag(key, value)).collect();
                    cx.$service().tag_resource().resource_arn(arn).set_tags(Some(tags?)).send().await?;
                }
                if !change.remove.is_empty() {
                    let keys = change.remove.iter().map(|key| (*key).to_owned()).collect();
                    cx.$service().untag_resource().resource_arn(arn).set_tag_keys(Some(keys)).send().await?;
                }
                Ok(())
            }

            /// Those of `candidates`, ARNs that may be of nothing, that exist and are `owner`'s.
            ///
            /// # Errors
            /// Those of ListTagsForResource, except its words for what does not exist.
            pub async fn owned<Id: FromStr>(
                cx: &Context,
                candidates: Vec<&str>,
                owner: &Owner,
            ) -> Result<Vec<Id>, Error> {
                let mut owned = Vec::new();
                for arn in candidates {
                    let listed = cx.$service().list_tags_for_resource().resource_arn(arn).send().await;
                    match listed.map_err(Error::from) {
                        Ok(listed) => {
                            let is_owned = owner.owns(listed.tags().iter().map(|tag| (tag.key(), tag.value())));
                            owned.extend(arn.parse().ok().filter(|_| is_owned));
                        }
                        Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Forbidden) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(owned)
            }
        }
    };
}

tagging! {
    /// Tags of app instances, users and bots.
    identity, aws_sdk_chimesdkidentity
}

tagging! {
    /// Tags of channel flows.
    messaging, aws_sdk_chimesdkmessaging
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
        let change = Change { wanted: &wanted, before: Some(&before) };
        let expected = TagChange { put: vec![("b", "2"), ("d", "1")], remove: vec!["c"] };
        assert_eq!(TagChange::of(&change, Some), expected);
        let unknown = Change { wanted: &wanted, before: None };
        assert_eq!(TagChange::of(&unknown, Some).remove, Vec::<&str>::new());
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
