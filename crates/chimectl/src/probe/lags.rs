//! How long Chime takes until what has been made can be seen, and what has been deleted is gone.

use crate::probe::answer::Stop;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use aws_sdk_chimesdkidentity::types::Tag;
use serde_json::json;

/// How often each lag is measured: it varies, and the longest counts.
const SAMPLES: usize = 3;

/// How long until Describe sees what was just made.
pub async fn read_after_write(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    for _ in 0..SAMPLES {
        let user = cx.user().await?;
        let look = async || {
            let describe = cx.identity().describe_app_instance_user().app_instance_user_arn(&user);
            Ok(cx.ask(describe.send()).await?.no().is_none())
        };
        let took = cx.until(look).await?;
        notes.time("DescribeAppInstanceUser sees a new user", took, cx.given.patience, "read_after_write_ms");
    }
    let channel = cx.channel().await?;
    let look = async || {
        let describe = cx.messaging().describe_channel().channel_arn(&channel).chime_bearer(&cx.place()?.bearer);
        Ok(cx.ask(describe.send()).await?.no().is_none())
    };
    let took = cx.until(look).await?;
    notes.time("DescribeChannel sees a new channel", took, cx.given.patience, "read_after_write_ms");
    Ok(())
}

/// How long until a List holds what was just made.
pub async fn list_lag(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let place = cx.place()?;
    for _ in 0..SAMPLES {
        let user = cx.user().await?;
        let took = cx.until(async || Ok(cx.users().await?.iter().any(|(arn, _)| *arn == user))).await?;
        notes.time("ListAppInstanceUsers holds a new user", took, cx.given.patience, "list_lag_ms");
    }
    let member = cx.user().await?;
    let join = async || {
        let create = cx.messaging().create_channel_membership().channel_arn(&place.channel).member_arn(&member);
        cx.ask(create.r#type("DEFAULT".into()).chime_bearer(&place.bearer).send()).await
    };
    cx.soon("CreateChannelMembership", join).await?;
    let took = cx.until(async || is_member(cx, &member).await).await?;
    notes.time("ListChannelMemberships holds a new member", took, cx.given.patience, "list_lag_ms");
    Ok(())
}

/// Whether the members that are listed of the channel are with this one.
///
/// # Errors
/// Those of ListChannelMemberships.
pub async fn is_member(cx: &Session, member: &str) -> Result<bool, Stop> {
    let place = cx.place()?;
    let mut token: Option<String> = None;
    loop {
        let list = cx.messaging().list_channel_memberships().channel_arn(&place.channel).chime_bearer(&place.bearer);
        let page = cx.ask(list.set_next_token(token.clone()).send()).await?.needed("ListChannelMemberships")?;
        let is_there = page
            .channel_memberships()
            .iter()
            .any(|listed| listed.member().and_then(|listed| listed.arn()) == Some(member));
        if is_there || page.next_token.is_none() || page.next_token == token {
            return Ok(is_there);
        }
        token = page.next_token;
    }
}

/// How long until the tags of a create are seen, and what is said until then.
pub async fn tags(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let place = cx.place()?;
    let tag = Tag::builder().key("probe").value("tags").build().map_err(|error| Stop::Unprepared(error.to_string()))?;
    for _ in 0..SAMPLES {
        let id = cx.fresh("tagged");
        let create = cx.identity().create_app_instance_user().app_instance_arn(&place.app_instance);
        let create = create.app_instance_user_id(&id).name(&id).tags(tag.clone());
        let made = cx.ask(create.client_request_token(cx.token()).send()).await?.needed("CreateAppInstanceUser")?;
        let user = made.app_instance_user_arn.unwrap_or_default();
        let mut first = None;
        let look = async || {
            let list = cx.identity().list_tags_for_resource().resource_arn(&user);
            let answer = cx.ask(list.send()).await?;
            let said = answer.to_string();
            let tags = answer.yes().map(|listed| listed.tags.unwrap_or_default().len());
            first.get_or_insert((said, tags));
            Ok(tags.is_some_and(|tags| tags > 0))
        };
        let took = cx.until(look).await?;
        notes.time("ListTagsForResource shows the tags of a new user", took, cx.given.patience, "tags_lag_ms");
        // Where there was no lag, there is nothing to say of what is said during one.
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

/// How long the id of a deleted user is taken.
pub async fn deleted_id(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let place = cx.place()?;
    let id = cx.fresh("again");
    let create = async || {
        let create = cx.identity().create_app_instance_user().app_instance_arn(&place.app_instance);
        cx.ask(create.app_instance_user_id(&id).name(&id).client_request_token(cx.token()).send()).await
    };
    let made = create().await?.needed("CreateAppInstanceUser")?.app_instance_user_arn.unwrap_or_default();
    let delete = cx.identity().delete_app_instance_user().app_instance_user_arn(&made);
    cx.ask(delete.send()).await?.needed("DeleteAppInstanceUser")?;
    let mut last = String::new();
    let took = cx
        .until(async || {
            let answer = create().await?;
            last = answer.to_string();
            Ok(answer.no().is_none())
        })
        .await?;
    let what = "CreateAppInstanceUser with the id of a deleted user is done";
    notes.time(what, took, cx.given.patience, "delete_time_ms");
    if took.is_none() {
        notes.told("CreateAppInstanceUser, the last time", last);
    }
    Ok(())
}
