//! Parents: app instances, and the channels in them. If a parent is gone, so is everything in it.

use crate::chime::error::Result;
use crate::resource::context::Context;
use crate::resource::pages::{Page, holds};
use aws_sdk_chimesdkmessaging::types::ChannelPrivacy;

/// A page of the account's app instances.
///
/// # Errors
/// Those of ListAppInstances.
pub async fn list_app_instances(cx: &Context, token: Option<String>) -> Result<Page> {
    let page = cx.identity().list_app_instances().max_results(50).set_next_token(token).send().await?;
    let app_instances = page.app_instances().iter();
    Ok(Page::of(app_instances.map(|found| (found.app_instance_arn(), found.name())), page.next_token()))
}

/// A token with this prefix means that all private channels have been listed.
const PUBLIC: &str = "PUBLIC ";

/// A page of an app instance's channels, as `bearer` sees them. Private channels come first, then public ones. An admin
/// sees all of them.
///
/// # Errors
/// Those of ListChannels.
pub async fn list_channels(cx: &Context, app_instance: &str, bearer: &str, token: Option<String>) -> Result<Page> {
    let (privacy, token) = match token.as_deref().map(|token| (token.strip_prefix(PUBLIC), token)) {
        Some((Some(token), _)) => (ChannelPrivacy::Public, Some(token.to_owned()).filter(|token| !token.is_empty())),
        Some((None, token)) => (ChannelPrivacy::Private, Some(token.to_owned())),
        None => (ChannelPrivacy::Private, None),
    };
    let list = cx.messaging().list_channels().app_instance_arn(app_instance).chime_bearer(bearer);
    let page = list.privacy(privacy.clone()).max_results(50).set_next_token(token).send().await?;
    let channels = page.channels().iter();
    let listed = Page::of(channels.map(|found| (found.channel_arn(), found.name())), page.next_token());
    let next_token = match (privacy, listed.next_token) {
        (ChannelPrivacy::Public, token) => token.map(|token| format!("{PUBLIC}{token}")),
        (_, None) => Some(PUBLIC.to_owned()),
        (_, token) => token,
    };
    Ok(Page { next_token, ..listed })
}

/// The first page of the admins of `arn`'s app instance.
///
/// # Errors
/// Those of ListAppInstanceAdmins.
pub async fn admins(cx: &Context, arn: &str) -> Result<Vec<String>> {
    let list = cx.identity().list_app_instance_admins().app_instance_arn(app_instance_of(arn)).max_results(50);
    let page = list.send().await?;
    let admins = page.app_instance_admins().iter().filter_map(|summary| summary.admin()?.arn());
    Ok(admins.map(str::to_owned).collect())
}

/// How many admins to try. The first ones may be about to be deleted as well.
pub const MAX_ADMINS: usize = 5;

/// Whether the parent with this ARN exists: its app instance and, if it is a channel, the channel. Only an admin sees all private channels, so
/// an admin decides if `bearer` does not see it. Without an admin who may list them, the bearer does.
///
/// # Errors
/// Those of ListAppInstances, ListAppInstanceAdmins and ListChannels.
pub async fn is_there(cx: &Context, parent: &str, bearer: &str) -> Result<bool> {
    if !has_app_instance_of(cx, parent).await? {
        return Ok(false);
    }
    let seen_by_bearer = is_listed_to(cx, parent, bearer).await;
    if let Ok(true) = seen_by_bearer {
        return Ok(true);
    }
    match is_listed_to_one_of(cx, parent, bearer, admins(cx, parent).await?).await? {
        Some(is_listed) => Ok(is_listed),
        None => seen_by_bearer,
    }
}

/// Whether an admin's List holds a channel that `bearer`'s lacks. `None` if there is no admin who may list, or `bearer` is one.
///
/// # Errors
/// Those of ListAppInstanceAdmins and ListChannels, unless Chime refuses.
pub async fn is_listed_to_admin(cx: &Context, channel: &str, bearer: &str) -> Result<Option<bool>> {
    match admins(cx, channel).await {
        Ok(admins) if admins.iter().any(|admin| admin == bearer) => Ok(None),
        Ok(admins) => is_listed_to_one_of(cx, channel, bearer, admins).await,
        Err(error) if error.could_be_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the first of the admins sees who may list. `None` if there is none beside `bearer`.
async fn is_listed_to_one_of(cx: &Context, parent: &str, bearer: &str, admins: Vec<String>) -> Result<Option<bool>> {
    for admin in admins.iter().filter(|admin| *admin != bearer).take(MAX_ADMINS) {
        match is_listed_to(cx, parent, admin).await {
            Err(error) if error.could_be_not_found() => {}
            seen => return seen.map(Some),
        }
    }
    Ok(None)
}

/// Whether an ARN is a channel's.
pub fn is_channel(arn: &str) -> bool {
    arn.split_once("/channel/").is_some_and(|(_, id)| !id.contains('/'))
}

/// Whether the channel with this ARN exists and Chime shows it to `bearer`.
///
/// # Errors
/// Those of ListChannels, unless Chime refuses.
pub async fn is_visible(cx: &Context, channel: &str, bearer: &str) -> Result<bool> {
    match is_listed_to(cx, channel, bearer).await {
        Err(error) if error.could_be_not_found() => Ok(false),
        is_listed => is_listed,
    }
}

/// Whether the List of channels that `actor` sees holds `parent`. Of an app instance there is nothing to list.
async fn is_listed_to(cx: &Context, parent: &str, actor: &str) -> Result<bool> {
    let Some((app_instance, _)) = parent.split_once("/channel/") else { return Ok(true) };
    holds(|token| Box::pin(list_channels(cx, app_instance, actor, token)), parent).await
}

/// Whether the account contains `arn`'s app instance.
///
/// # Errors
/// Those of ListAppInstances.
pub async fn has_app_instance_of(cx: &Context, arn: &str) -> Result<bool> {
    holds(|token| Box::pin(list_app_instances(cx, token)), app_instance_of(arn)).await
}

/// The ARN of `arn`'s app instance. An app instance's ARN is returned unchanged.
pub fn app_instance_of(arn: &str) -> &str {
    let end = arn.match_indices('/').nth(1).map_or(arn.len(), |(at, _)| at);
    &arn[..end]
}
