//! `Custom::ChimeChannelModerator`: a user or a bot that may do everything in a channel.

use crate::properties::problems::Problems;
use crate::properties::same_app_instance::{app_instance_of, must_be_of_one_app_instance};
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn};
use crate::resource::ids::relation;
use crate::resource::prelude::*;
use aws_sdk_chimesdkmessaging::types::ChannelModerator as SdkChannelModerator;

properties! {
    /// A user or a bot that may do everything in a channel. Chime makes it a member as well, and whoever creates a channel is its moderator.
    pub struct ChannelModeratorProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" replaces,
        /// The user or bot.
        channel_moderator_arn: AppInstanceMemberArn => "ChannelModeratorArn" replaces,
        /// Who acts: an admin of the app instance, or a moderator of the channel.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer",
    }
}

fn fits_together(stated: &Stated<'_>, problems: &mut Problems) {
    let others = [
        ("ChannelModeratorArn", app_instance_of::<AppInstanceMemberArn>(stated, "ChannelModeratorArn")),
        ("ChimeBearer", app_instance_of::<AppInstanceMemberArn>(stated, "ChimeBearer")),
    ];
    must_be_of_one_app_instance(app_instance_of::<ChannelArn>(stated, "ChannelArn"), &others, problems);
}

relation! {
    /// The path of a moderator.
    pub struct ChannelModeratorId {
        channel: ChannelArn => "ChannelArn",
        "/moderators/",
        member: AppInstanceMemberArn => "ChannelModeratorArn",
    }
}

/// A moderator.
#[derive(Debug)]
pub struct ChannelModerator;

const NAME: &str = "ChannelModeratorName";

impl Resource for ChannelModerator {
    const TYPE: &'static str = "ChimeChannelModerator";
    const REF: &'static str = "`<ChannelArn>/moderators/<ChannelModeratorArn>`";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("ChannelArn", "The ARN of the channel.", |id| id.channel.to_string()),
        Attribute::of_id("ChannelModeratorArn", "The ARN of the user or bot.", |id| id.member.to_string()),
        Attribute::told(NAME, "The name of the user or bot."),
    ];
    const NOTED: Noted = Noted::Nowhere;
    const IS_NAMED: bool = true;
    const NEEDS_BEARER: bool = true;
    type Id = ChannelModeratorId;
    type Properties = ChannelModeratorProperties;

    fn place(stated: &Stated<'_>, _: Option<&str>) -> Option<Place<Self::Id>> {
        let (channel, member) = (stated.get("ChannelArn")?, stated.get("ChannelModeratorArn")?);
        Some(Place::Known(ChannelModeratorId { channel, member }))
    }

    async fn create(cx: &Context, properties: &Self::Properties) -> Result<Live<Self::Id>> {
        let (channel, member) = (properties.channel_arn.clone(), properties.channel_moderator_arn.clone());
        let id = ChannelModeratorId { channel, member };
        let create = cx
            .messaging()
            .create_channel_moderator()
            .channel_arn(id.channel.as_str())
            .channel_moderator_arn(id.member.as_str());
        let output = create.chime_bearer(properties.chime_bearer.as_str()).send().await?;
        cx.claim(&id);
        Ok(Live::new(id).with(NAME, output.channel_moderator().and_then(|member| member.name())))
    }

    async fn update(cx: &Context, id: &Self::Id, change: &Change<'_, Self::Properties>) -> Result<Live<Self::Id>> {
        let found = describe(cx, id, change.wanted.chime_bearer.as_str()).await?;
        Ok(Live::new(id.clone()).with(NAME, found.moderator().and_then(|member| member.name())))
    }

    async fn delete(cx: &Context, id: &Self::Id, stated: &Stated<'_>) -> Result<()> {
        let delete = cx.messaging().delete_channel_moderator().channel_arn(id.channel.as_str());
        delete.channel_moderator_arn(id.member.as_str()).chime_bearer(stated.bearer()).send().await?;
        Ok(())
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, stated: &Stated<'_>) -> Result<Page> {
        let list = cx.messaging().list_channel_moderators().channel_arn(parent).chime_bearer(stated.bearer());
        let page = list.max_results(50).set_next_token(token).send().await?;
        let members = page.channel_moderators().iter().filter_map(|summary| summary.moderator()?.arn());
        Ok(Page::of_paths(parent, "moderators", members, page.next_token()))
    }

    async fn is_there(cx: &Context, id: &Self::Id, stated: &Stated<'_>) -> Result<Option<bool>> {
        by_description(describe(cx, id, &stated.bearer()).await)
    }

    async fn look(cx: &Context, id: &Self::Id, wanted: Option<&Self::Properties>, stated: &Stated<'_>) -> Result<Seen> {
        let found = describe(cx, id, &stated.bearer()).await?;
        let by = found.created_by().and_then(|by| by.arn());
        let seen = Seen::beside(found.created_timestamp(), wanted, |_| Ok(true))?;
        // Its own role comes with a channel that it creates.
        Ok(seen.stated(is_by(by, stated) && by != Some(id.member.as_str())))
    }
}

async fn describe(cx: &Context, id: &ChannelModeratorId, bearer: &str) -> Result<SdkChannelModerator> {
    let describe = cx.messaging().describe_channel_moderator().channel_arn(id.channel.as_str());
    let output = describe.channel_moderator_arn(id.member.as_str()).chime_bearer(bearer).send().await?;
    output.channel_moderator.ok_or_else(|| Error::new(Kind::NotFound, format!("{id} is not shown")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_path_of_the_moderator() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let text = format!("{app}/channel/c/moderators/{app}/user/u");
        assert_eq!(text.parse::<ChannelModeratorId>().expect("an id").to_string(), text);
        assert!(format!("{app}/channel/c/memberships/{app}/user/u").parse::<ChannelModeratorId>().is_err());
    }
}
