//! `Custom::ChimeChannelMembership`: a user or a bot that takes part in a channel.
//!
//! Whoever creates a channel is a member at once, and so is its moderator: stating that membership finds it and leaves it.

use crate::resource::ids::relation;
use crate::resource::prelude::*;
use crate::resource::sdk::membership_preferences;
use crate::template::arns::{AppInstanceMemberArn, ChannelArn, InAppInstance, must_be_of_one_app_instance};
use crate::template::membership::{MembershipPreferences, MembershipType};
use crate::template::problems::Problems;
use aws_sdk_chimesdkmessaging::types::{
    ChannelMembership as SdkMembership, ChannelMembershipPreferences as SdkPreferences, ChannelMembershipType,
};

properties! {
    /// A user or a bot that takes part in a channel. What is a member already stays as it is.
    pub struct ChannelMembershipProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" replaces,
        /// The user or bot.
        member_arn: AppInstanceMemberArn => "MemberArn" replaces,
        /// Who acts: an admin of the app instance, a moderator of the channel, or a member where its Mode is UNRESTRICTED.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer",
        /// Whether the other members see it.
        membership_type: MembershipType => "Type" replaces default "DEFAULT",
        /// What it wants to hear of. Chime lets nobody else set that: the member itself acts.
        preferences: Option<MembershipPreferences> => "Preferences",
    }
}

fn fits_together(properties: &ChannelMembershipProperties, problems: &mut Problems) {
    let others: [(&str, &dyn InAppInstance); 2] =
        [("MemberArn", &properties.member_arn), ("ChimeBearer", &properties.chime_bearer)];
    must_be_of_one_app_instance(&properties.channel_arn, &others, problems);
}

relation! {
    /// The path of a membership.
    pub struct ChannelMembershipId {
        channel: ChannelArn => "ChannelArn",
        "/memberships/",
        member: AppInstanceMemberArn => "MemberArn",
    }
}

/// A membership.
#[derive(Debug)]
pub struct ChannelMembership;

const NAME: &str = "MemberName";

impl Resource for ChannelMembership {
    const TYPE: &'static str = "ChimeChannelMembership";
    const REF: &'static str = "`<ChannelArn>/memberships/<MemberArn>`";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("ChannelArn", "The ARN of the channel.", |id| id.channel.to_string()),
        Attribute::of_id("MemberArn", "The ARN of the user or bot.", |id| id.member.to_string()),
        Attribute::told(NAME, "The name of the user or bot."),
    ];
    const NOTED: Noted = Noted::Nowhere;
    const IS_NAMED: bool = true;
    const NEEDS_BEARER: bool = true;
    type Id = ChannelMembershipId;
    type Properties = ChannelMembershipProperties;

    fn place(stated: &Stated<'_>, _: Option<&str>) -> Option<Place<Self::Id>> {
        let (channel, member) = (stated.get("ChannelArn")?, stated.get("MemberArn")?);
        Some(Place::Known(ChannelMembershipId { channel, member }))
    }

    async fn create(cx: &Context, properties: &Self::Properties) -> Result<Live<Self::Id>> {
        let id = ChannelMembershipId { channel: properties.channel_arn.clone(), member: properties.member_arn.clone() };
        let create = cx.messaging().create_channel_membership().channel_arn(id.channel.as_str());
        let create = create.member_arn(id.member.as_str()).r#type(properties.membership_type.as_str().into());
        let output = create.chime_bearer(properties.chime_bearer.as_str()).send().await?;
        cx.claim(&id);
        if properties.preferences.is_some() {
            put_preferences(cx, &id, properties).await?;
        }
        let name = output.member().and_then(|member| member.name());
        Ok(Live::new(id).with(NAME, name))
    }

    async fn update(cx: &Context, id: &Self::Id, change: &Change<'_, Self::Properties>) -> Result<Live<Self::Id>> {
        // Where nobody knows what was set before, what the member has set itself stays.
        let is_known = change.before.is_some() || change.wanted.preferences.is_some();
        if is_known && change.differs(|properties| &properties.preferences) {
            put_preferences(cx, id, change.wanted).await?;
        }
        let found = describe(cx, id, change.wanted.chime_bearer.as_str()).await?;
        Ok(Live::new(id.clone()).with(NAME, found.member().and_then(|member| member.name())))
    }

    async fn delete(cx: &Context, id: &Self::Id, stated: &Stated<'_>) -> Result<()> {
        let delete = cx.messaging().delete_channel_membership().channel_arn(id.channel.as_str());
        delete.member_arn(id.member.as_str()).chime_bearer(stated.bearer()).send().await?;
        Ok(())
    }

    /// A hidden member is on a List of its own.
    async fn list(cx: &Context, parent: &str, token: Option<String>, stated: &Stated<'_>) -> Result<Page> {
        let kind =
            stated.get::<MembershipType>("Type").map_or(ChannelMembershipType::Default, |kind| kind.as_str().into());
        let list = cx.messaging().list_channel_memberships().channel_arn(parent).r#type(kind).max_results(50);
        let page = list.chime_bearer(stated.bearer()).set_next_token(token).send().await?;
        let members = page.channel_memberships().iter().filter_map(|summary| summary.member()?.arn());
        Ok(Page::of_paths(parent, "memberships", members, page.next_token()))
    }

    async fn is_there(cx: &Context, id: &Self::Id, stated: &Stated<'_>) -> Result<Option<bool>> {
        by_description(describe(cx, id, &stated.bearer()).await)
    }

    async fn look(cx: &Context, id: &Self::Id, wanted: Option<&Self::Properties>, stated: &Stated<'_>) -> Result<Seen> {
        let found = describe(cx, id, &stated.bearer()).await?;
        let by = found.invited_by().and_then(|by| by.arn());
        let wants = wanted.and_then(|wanted| wanted.preferences.as_ref());
        let prefers = match wants {
            Some(_) => get_preferences(cx, id).await? == Some(membership_preferences(wants)?),
            None => true,
        };
        let is_meant = wanted
            .is_some_and(|wanted| found.r#type().is_none_or(|kind| kind.as_str() == wanted.membership_type.as_str()));
        let seen = Seen::beside(found.created_timestamp(), wanted, |_| Ok(prefers))?.meant(is_meant);
        // Its own membership comes with a channel that it creates.
        Ok(seen.stated(is_by(by, stated) && by != Some(id.member.as_str())))
    }
}

async fn describe(cx: &Context, id: &ChannelMembershipId, bearer: &str) -> Result<SdkMembership> {
    let describe = cx.messaging().describe_channel_membership().channel_arn(id.channel.as_str());
    let output = describe.member_arn(id.member.as_str()).chime_bearer(bearer).send().await?;
    output.channel_membership.ok_or_else(|| Error::new(Kind::NotFound, format!("{id} is not shown")))
}

/// Nobody but the member may see them, or set them.
async fn get_preferences(cx: &Context, id: &ChannelMembershipId) -> Result<Option<SdkPreferences>> {
    let get = cx.messaging().get_channel_membership_preferences().channel_arn(id.channel.as_str());
    let output = get.member_arn(id.member.as_str()).chime_bearer(id.member.as_str()).send().await?;
    Ok(output.preferences)
}

async fn put_preferences(
    cx: &Context,
    id: &ChannelMembershipId,
    properties: &ChannelMembershipProperties,
) -> Result<()> {
    let put = cx.messaging().put_channel_membership_preferences().channel_arn(id.channel.as_str());
    let put = put.member_arn(id.member.as_str()).chime_bearer(id.member.as_str());
    put.preferences(membership_preferences(properties.preferences.as_ref())?).send().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::PhysicalId;

    #[test]
    fn the_id_is_the_path_of_the_membership() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let text = format!("{app}/channel/c/memberships/{app}/user/u");
        let id: ChannelMembershipId = text.parse().expect("an id");
        assert_eq!(id.to_string(), text);
        assert_eq!(id.parent(), format!("{app}/channel/c"));
        assert!(format!("{app}/channel/c/moderators/{app}/user/u").parse::<ChannelMembershipId>().is_err());
    }
}
