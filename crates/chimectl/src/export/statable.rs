//! What a template can state as it is, and what it cannot.

use chime_messaging_resources::account::{Tracking, tracking};
use serde_json::Value as Json;

/// The most tags that leave room for ownership and marks: Chime allows fifty.
pub const MOST_TAGS: usize = 44;

/// The first property whose text CloudFormation or CDK would replace by something else, wherever it stands.
pub fn unstatable<'a>(properties: impl IntoIterator<Item = (&'a str, &'a Json)>) -> Option<&'a str> {
    let replaced = |value: &Json| ["{{resolve:", "${Token["].iter().any(|begin| value.to_string().contains(begin));
    properties.into_iter().find(|(_, value)| replaced(value)).map(|(name, _)| name)
}

/// Whether resources of this type have tags of their own.
pub fn recorded_in_tags(type_name: &str) -> bool {
    tracking(type_name) == Some(Tracking::Tags)
}

/// Whether a template may not state a tag with this key.
pub fn is_reserved(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    ["aws:", "cfn:"].iter().any(|prefix| lower.starts_with(prefix))
}
