//! What a template can state as it is, and what it cannot.

use crate::export::template::Resource;
use chime_messaging_resources::account::{Export, Tracking, tracking};
use serde_json::{Value as Json, json};

/// The most tags that leave room for ownership and marks: Chime allows fifty.
const MOST_TAGS: usize = 44;

/// The resource that states what Chime shows, still without a logical id.
///
/// # Errors
/// Why a template could not adopt it as it is.
pub fn statement(
    type_name: &'static str,
    id: &str,
    export: Export,
    tags: &[(String, String)],
) -> Result<Resource, String> {
    if !export.problems.is_empty() {
        return Err(format!("a template cannot state it as it is: {}", export.problems.join("; ")));
    }
    let is_tagged = tracking(type_name) == Some(Tracking::Tags);
    let tags = if is_tagged { tags } else { &[] };
    let (own, reserved): (Vec<_>, Vec<_>) =
        tags.iter().partition(|(key, value)| !is_reserved(key) && !value.is_empty());
    if own.len() > MOST_TAGS {
        return Err(format!(
            "it has {} tags, and more than {MOST_TAGS} leave no room for those of the owner",
            own.len()
        ));
    }
    let mut properties = export.properties;
    if !own.is_empty() {
        let tags = own.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        properties.insert("Tags".to_owned(), tags);
    }
    if let Some(name) = unstatable(properties.iter().map(|(name, value)| (name.as_str(), value))) {
        return Err(format!(
            "a template cannot state it as it is: {name} contains a dynamic reference of CloudFormation's or a token of CDK's, which \
             would be replaced"
        ));
    }
    let foreign: Vec<_> =
        reserved.iter().filter(|(key, _)| !key.starts_with("cfn:")).map(|(key, _)| key.as_str()).collect();
    let stay = "A template cannot state these tags, which stay as they are";
    let comments = if foreign.is_empty() { Vec::new() } else { vec![format!("{stay}: {}", foreign.join(", "))] };
    Ok(Resource {
        logical_id: String::new(),
        type_name,
        physical_id: id.to_owned(),
        properties,
        depends_on: Vec::new(),
        comments,
    })
}

/// The first property whose text CloudFormation or CDK would replace by something else, wherever it stands.
fn unstatable<'a>(properties: impl IntoIterator<Item = (&'a str, &'a Json)>) -> Option<&'a str> {
    let replaced = |value: &Json| ["{{resolve:", "${Token["].iter().any(|begin| value.to_string().contains(begin));
    properties.into_iter().find(|(_, value)| replaced(value)).map(|(name, _)| name)
}

/// Whether a template may not state a tag with this key.
fn is_reserved(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    ["aws:", "cfn:"].iter().any(|prefix| lower.starts_with(prefix))
}
