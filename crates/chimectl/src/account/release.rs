//! The one command after which another stack can adopt a resource: it removes the tags or the mark that name a stack.

use chime_messaging_resources::account::{OWNERSHIP_TAGS, Tracking, owner_arn, tracking};

/// The command of the AWS CLI, without region and profile. `None` if nothing names the owner of a resource of this type.
pub fn release(type_name: &str, id: &str) -> Option<String> {
    let (arn, keys) = match tracking(type_name)? {
        Tracking::Tags => (id.to_owned(), OWNERSHIP_TAGS.join(" ")),
        Tracking::ParentTag(key) => (owner_arn(type_name, id)?, key.to_owned()),
        Tracking::Untracked => return None,
    };
    Some(untag(&arn, &keys))
}

/// The command that removes tags.
pub fn untag(arn: &str, keys: &str) -> String {
    let is_messaging = arn.contains("/channel/") || arn.contains("/channel-flow/");
    let api = if is_messaging { "chime-sdk-messaging" } else { "chime-sdk-identity" };
    format!("aws {api} untag-resource --resource-arn {arn} --tag-keys {keys}")
}
