//! The limits of names, metadata and tags. The function accepts and rejects exactly what the models do, before any call.

use crate::probe::answer::{Abort, Answer};
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use aws_sdk_chimesdkidentity::types::Tag;

/// Names and metadata at the models' limits and beyond.
pub async fn names(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let sandbox = cx.sandbox()?;
    let user = cx.user().await?;
    let channel = cx.channel().await?;
    let update_user = async |name: &str, metadata: &str| {
        let update = cx.identity().update_app_instance_user().app_instance_user_arn(&user);
        cx.retry_until_visible(async || cx.call(update.clone().name(name).metadata(metadata).send()).await).await
    };
    let update_channel = async |name: &str| {
        let update = cx.messaging().update_channel().channel_arn(&channel).chime_bearer(&sandbox.bearer);
        cx.retry_until_visible(async || cx.call(update.clone().name(name).send()).await).await
    };
    let mut expectation = |what: &str, answer: Answer<()>, is_taken: bool| {
        notes.expectation(what, &answer, answer.refusal().is_none() == is_taken);
    };
    expectation("a user's Name of 100 characters", update_user(&"n".repeat(100), "").await?.map(drop), true);
    expectation("a user's Name of 101 characters", update_user(&"n".repeat(101), "").await?.map(drop), false);
    expectation("a user's Name beyond the basic plane of Unicode", update_user("\u{1F980}", "").await?.map(drop), true);
    expectation("a user's Name of one blank", update_user(" ", "").await?.map(drop), false);
    expectation(
        "Metadata of 1024 characters, 2048 bytes",
        update_user("n", &"\u{e9}".repeat(1024)).await?.map(drop),
        true,
    );
    expectation("Metadata of 1025 characters", update_user("n", &"m".repeat(1025)).await?.map(drop), false);
    expectation("Metadata with a line break", update_user("n", "a\nb").await?.map(drop), false);
    expectation("a channel's Name of 256 characters", update_channel(&"n".repeat(256)).await?.map(drop), true);
    expectation("a channel's Name of 257 characters", update_channel(&"n".repeat(257)).await?.map(drop), false);
    Ok(())
}

/// The function's ownership tags, in each of their forms.
pub async fn tags(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let user = cx.user().await?;
    let stack = format!("arn:aws:cloudformation:{}:123456789012:stack/chat/5f0a8b10-1c2d-11ef", cx.region());
    let mark = format!("chat/5f0a8b10-1c2d-11ef/r-1/Admin//1767229200{}", "0".repeat(209));
    for (what, key, value) in [("an owner", "cfn:stack-id", stack), ("a mark of 256 characters", "cfn:admin", mark)] {
        let tag =
            Tag::builder().key(key).value(&value).build().map_err(|error| Abort::NotPrepared(error.to_string()))?;
        let call = async || {
            let put = cx.identity().tag_resource().resource_arn(&user).tags(tag.clone());
            cx.call(put.send()).await
        };
        let answer = cx.retry_until_visible(call).await?;
        notes.expectation(format!("TagResource with {what} ({key})"), &answer, answer.refusal().is_none());
        if answer.refusal().is_some() {
            continue;
        }
        let look = async || {
            let list = cx.identity().list_tags_for_resource().resource_arn(&user);
            let listed = cx.call(list.send()).await?.accepted().and_then(|listed| listed.tags).unwrap_or_default();
            Ok(listed.iter().any(|tag| tag.key() == key && tag.value() == value))
        };
        let seen = cx.retry_until(look).await?.is_some();
        notes.expectation(
            format!("ListTagsForResource shows it ({key})"),
            if seen { "as it was put" } else { "not so" },
            seen,
        );
    }
    Ok(())
}
