//! The calls about a channel's memberships. A single membership and a list of them are two types, and both make these calls.

use crate::chime::error::{Error, Kind, Result};
use crate::properties::chime::membership::MembershipType;
use crate::properties::values::arns::ChannelArn;
use crate::resource::context::Context;
use crate::resource::pages::Page;
use aws_sdk_chimesdkmessaging::types::ChannelMembership;

/// Describes a membership.
///
/// # Errors
/// Those of DescribeChannelMembership.
pub async fn describe(cx: &Context, channel: &ChannelArn, member: &str, bearer: &str) -> Result<ChannelMembership> {
    let describe = cx.messaging().describe_channel_membership().channel_arn(channel.as_str());
    let output = describe.member_arn(member).chime_bearer(bearer).send().await?;
    output
        .channel_membership
        .ok_or_else(|| Error::new(Kind::NotFound, format!("Chime does not show the membership of {member}")))
}

/// Deletes a membership.
///
/// # Errors
/// Those of DeleteChannelMembership.
pub async fn remove(cx: &Context, channel: &ChannelArn, member: &str, bearer: &str) -> Result<()> {
    let delete = cx.messaging().delete_channel_membership().channel_arn(channel.as_str());
    delete.member_arn(member).chime_bearer(bearer).send().await?;
    Ok(())
}

/// A page of a channel's members. Hidden members have their own List.
///
/// # Errors
/// Those of ListChannelMemberships.
pub async fn page(
    cx: &Context,
    channel: &str,
    membership_type: &MembershipType,
    bearer: &str,
    token: Option<String>,
) -> Result<Page> {
    let list = cx.messaging().list_channel_memberships().channel_arn(channel).r#type(membership_type.as_str().into());
    let page = list.max_results(50).chime_bearer(bearer).set_next_token(token).send().await?;
    let members = page.channel_memberships().iter().filter_map(|summary| summary.member()?.arn());
    Ok(Page::of_paths(channel, "memberships", members, page.next_token()))
}
