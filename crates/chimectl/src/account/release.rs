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

/// Where commands go.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The region of the Chime calls.
    pub region: String,
    /// The profile, if one was named.
    pub profile: Option<String>,
}

impl Target {
    /// A command with the region and the profile.
    pub fn line(&self, command: &str) -> String {
        let profile = self.profile.as_ref().map(|profile| format!(" --profile {}", quoted(profile)));
        format!("{command} --region {}{}", self.region, profile.unwrap_or_default())
    }
}

/// A word of a command in a shell. ARNs and Chime's ids need no quotes.
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
