//! How long Chime takes to show what was created, and to stop showing what was deleted.

use crate::probe::answer::Abort;
use crate::probe::notes::Notes;
use crate::probe::session::{MOST_PAGES, Session};
use aws_sdk_chimesdkidentity::types::Tag;
use serde_json::json;

/// How often each lag is measured. It varies, and the longest counts.
const SAMPLES: usize = 3;

/// How long Describe does not show a new user or channel.
pub async fn read_after_write(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    for _ in 0..SAMPLES {
        let user = cx.user().await?;
        let look = async || {
            let describe = cx.identity().describe_app_instance_user().app_instance_user_arn(&user);
            Ok(cx.call(describe.send()).await?.refusal().is_none())
        };
        let took = cx.retry_until(look).await?;
        notes.time("DescribeAppInstanceUser sees a new user", took, cx.options.patience, "read_after_write_ms");
    }
    let channel = cx.channel().await?;
    let look = async || {
        let describe = cx.messaging().describe_channel().channel_arn(&channel).chime_bearer(&cx.sandbox()?.bearer);
        Ok(cx.call(describe.send()).await?.refusal().is_none())
    };
    let took = cx.retry_until(look).await?;
    notes.time("DescribeChannel sees a new channel", took, cx.options.patience, "read_after_write_ms");
    Ok(())
}

/// How long a List does not show a new user or member.
pub async fn list_lag(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let sandbox = cx.sandbox()?;
    for _ in 0..SAMPLES {
        let user = cx.user().await?;
        let took = cx.retry_until(async || Ok(cx.users().await?.iter().any(|(arn, _)| *arn == user))).await?;
        notes.time("ListAppInstanceUsers holds a new user", took, cx.options.patience, "list_lag_ms");
    }
    let member = cx.user().await?;
    let join = async || {
        let create = cx.messaging().create_channel_membership().channel_arn(&sandbox.channel).member_arn(&member);
        cx.call(create.r#type("DEFAULT".into()).chime_bearer(&sandbox.bearer).send()).await
    };
    cx.retry_until_accepted("CreateChannelMembership", join).await?;
    let took = cx.retry_until(async || is_member(cx, &member).await).await?;
    notes.time("ListChannelMemberships holds a new member", took, cx.options.patience, "list_lag_ms");
    Ok(())
}

/// Whether the channel's list of members has this one.
///
/// # Errors
/// ListChannelMemberships does not answer.
pub async fn is_member(cx: &Session, member: &str) -> Result<bool, Abort> {
    let sandbox = cx.sandbox()?;
    let mut token: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let list =
            cx.messaging().list_channel_memberships().channel_arn(&sandbox.channel).chime_bearer(&sandbox.bearer);
        let page = cx.call(list.set_next_token(token.clone()).send()).await?.require("ListChannelMemberships")?;
        let is_there = page
            .channel_memberships()
            .iter()
            .any(|listed| listed.member().and_then(|listed| listed.arn()) == Some(member));
        if is_there || page.next_token.is_none() || page.next_token == token {
            return Ok(is_there);
        }
        token = page.next_token;
    }
    Ok(false)
}

/// How long the tags of a create are not shown, and what is shown until then.
pub async fn tags(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let sandbox = cx.sandbox()?;
    let tag =
        Tag::builder().key("probe").value("tags").build().map_err(|error| Abort::NotPrepared(error.to_string()))?;
    for _ in 0..SAMPLES {
        let id = cx.fresh("tagged");
        let create = cx.identity().create_app_instance_user().app_instance_arn(&sandbox.app_instance);
        let create = create.app_instance_user_id(&id).name(&id).tags(tag.clone());
        let made = cx.call(create.client_request_token(cx.token()).send()).await?.require("CreateAppInstanceUser")?;
        let user = made.app_instance_user_arn.unwrap_or_default();
        let mut first = None;
        let look = async || {
            let list = cx.identity().list_tags_for_resource().resource_arn(&user);
            let answer = cx.call(list.send()).await?;
            let said = answer.to_string();
            let tags = answer.accepted().map(|listed| listed.tags.unwrap_or_default().len());
            first.get_or_insert((said, tags));
            Ok(tags.is_some_and(|tags| tags > 0))
        };
        let took = cx.retry_until(look).await?;
        notes.time("ListTagsForResource shows the tags of a new user", took, cx.options.patience, "tags_lag_ms");
        // Without a lag, nothing is known about the answer during one.
        match first {
            Some((said, None)) => {
                notes.switch("ListTagsForResource until then", said, "tags_empty_in_lag", [json!(false)]);
            }
            Some((_, Some(0))) => {
                notes.switch("ListTagsForResource until then", "no tags", "tags_empty_in_lag", [json!(true)]);
            }
            _ => {}
        }
    }
    Ok(())
}

/// How long the id of a deleted user stays taken.
pub async fn deleted_id(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let sandbox = cx.sandbox()?;
    let id = cx.fresh("again");
    let create = async || {
        let create = cx.identity().create_app_instance_user().app_instance_arn(&sandbox.app_instance);
        cx.call(create.app_instance_user_id(&id).name(&id).client_request_token(cx.token()).send()).await
    };
    let made = create().await?.require("CreateAppInstanceUser")?.app_instance_user_arn.unwrap_or_default();
    let delete = cx.identity().delete_app_instance_user().app_instance_user_arn(&made);
    cx.call(delete.send()).await?.require("DeleteAppInstanceUser")?;
    let mut last = String::new();
    let took = cx
        .retry_until(async || {
            let answer = create().await?;
            last = answer.to_string();
            Ok(answer.refusal().is_none())
        })
        .await?;
    let what = "CreateAppInstanceUser with the id of a deleted user is done";
    notes.time(what, took, cx.options.patience, "delete_time_ms");
    if took.is_none() {
        notes.record("CreateAppInstanceUser, the last time", last);
    }
    Ok(())
}
