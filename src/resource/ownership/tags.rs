//! The calls that read, add and remove tags, and the tags of a create call.
//!
//! Both APIs have the same operations, and the resource's ARN decides which API is called. Every call is boxed, because
//! its future is large and the lifecycle would contain a copy for each place that makes the call.

use crate::chime::error::{Kind, Result};
use crate::properties::values::tags::{TagChange, Tags};
use crate::resource::context::Context;
use crate::resource::ownership::owner::Pairs;

/// Whether the resource with this ARN belongs to Chime SDK messaging.
pub fn is_messaging_resource(arn: &str) -> bool {
    arn.contains("/channel/") || arn.contains("/channel-flow/")
}

macro_rules! tagging {
    ($(#[$meta:meta])* $service:ident, $sdk:ident) => {
        $(#[$meta])*
        pub mod $service {
            use super::*;
            use $sdk::types::Tag;

            /// The tags for a create call: the template's tags and the ownership tags.
            ///
            /// # Errors
            /// None in practice. The SDK requires a key and a value, and each tag has both.
            pub fn creation_tags(cx: &Context, tags: Option<&Tags>) -> Result<Vec<Tag>> {
                let own = cx.owner().creation_tags();
                let stated = tags.into_iter().flat_map(Tags::iter);
                let all = stated.chain(own.iter().map(|(key, value)| (key.as_str(), value.as_str())));
                all.map(|(key, value)| Ok(Tag::builder().key(key).value(value).build()?)).collect()
            }

            pub(super) async fn read(cx: &Context, arn: &str) -> Result<Pairs> {
                let listed = cx.$service().list_tags_for_resource().resource_arn(arn).send().await?;
                Ok(listed.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect())
            }

            pub(super) async fn put(cx: &Context, arn: &str, tags: &Pairs) -> Result<()> {
                let tags: Result<Vec<_>> =
                    tags.iter().map(|(key, value)| Ok(Tag::builder().key(key).value(value).build()?)).collect();
                cx.$service().tag_resource().resource_arn(arn).set_tags(Some(tags?)).send().await?;
                Ok(())
            }

            pub(super) async fn remove(cx: &Context, arn: &str, keys: Vec<String>) -> Result<()> {
                cx.$service().untag_resource().resource_arn(arn).set_tag_keys(Some(keys)).send().await?;
                Ok(())
            }
        }
    };
}

tagging! {
    /// Tags of app instances, users and bots.
    identity, aws_sdk_chimesdkidentity
}

tagging! {
    /// Tags of channels and channel flows.
    messaging, aws_sdk_chimesdkmessaging
}

/// All tags of a resource.
///
/// # Errors
/// Those of ListTagsForResource.
pub async fn read(cx: &Context, arn: &str) -> Result<Pairs> {
    if is_messaging_resource(arn) {
        Box::pin(messaging::read(cx, arn)).await
    } else {
        Box::pin(identity::read(cx, arn)).await
    }
}

/// Adds tags to a resource.
///
/// # Errors
/// Those of TagResource.
pub async fn put(cx: &Context, arn: &str, tags: &Pairs) -> Result<()> {
    let put = if is_messaging_resource(arn) {
        Box::pin(messaging::put(cx, arn, tags)).await
    } else {
        Box::pin(identity::put(cx, arn, tags)).await
    };
    put.map_err(|error| match error.kind() {
        // This limit cannot be raised, so the general advice does not apply.
        Kind::LimitExceeded => {
            error.with_advice(format!("{arn} has no room for more tags: Chime allows 50. Remove some of them."))
        }
        _ => error,
    })
}

/// Removes tags from a resource.
///
/// # Errors
/// Those of UntagResource.
pub async fn remove(cx: &Context, arn: &str, keys: Vec<String>) -> Result<()> {
    if is_messaging_resource(arn) {
        Box::pin(messaging::remove(cx, arn, keys)).await
    } else {
        Box::pin(identity::remove(cx, arn, keys)).await
    }
}

/// Applies a change of the template's tags. It makes only the calls that the change needs.
///
/// # Errors
/// Those of UntagResource and TagResource.
pub async fn apply(cx: &Context, arn: &str, change: TagChange) -> Result<()> {
    if !change.remove.is_empty() {
        remove(cx, arn, change.remove).await?;
    }
    if !change.put.is_empty() {
        put(cx, arn, &change.put).await?;
    }
    Ok(())
}
