//! `Custom::ChimeChannelModerator`: a user or bot with full access to a channel.

use crate::properties::problems::Problems;
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn};
use crate::resource::ids::relation;
use crate::resource::prelude::*;
use crate::resource::relations::{ChannelRelation, Described, must_be_of_one_channel};
use crate::resource::untracked_id::UntrackedId;

properties! {
    /// A user or bot with full access to a channel. Chime also makes it a member. A channel's creator is a moderator
    /// from the start.
    pub struct ChannelModeratorProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" create_only,
        /// The user or bot.
        channel_moderator_arn: AppInstanceMemberArn => "ChannelModeratorArn" create_only,
        /// Who manages the moderator: an admin of the app instance, or another moderator of the channel.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer" unobserved,
    }
}

fn fits_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    must_be_of_one_channel(raw, ChannelModerator::MEMBER, problems);
}

relation! {
    /// The path of a moderator.
    pub struct ChannelModeratorId of_channel {
        channel: ChannelArn => "ChannelArn",
        "/moderators/",
        member: AppInstanceMemberArn => "ChannelModeratorArn",
    }
}

/// A moderator.
#[derive(Debug)]
pub struct ChannelModerator;

impl ChannelRelation for ChannelModerator {
    const TYPE_NAME: &'static str = "ChimeChannelModerator";
    const REF_DOC: &'static str = "`<ChannelArn>/moderators/<ChannelModeratorArn>`";
    const GET_ATT: &'static [Attribute<Self::Key, Self::Stated>] = &[
        Attribute::of_id("ChannelArn", "The ARN of the channel.", |id| id.channel.to_string()),
        Attribute::of_id("ChannelModeratorArn", "The ARN of the user or bot.", |id| id.member.to_string()),
        Attribute::observed(Self::MEMBER_NAME, "The name of the user or bot."),
    ];
    const MEMBER: &'static str = "ChannelModeratorArn";
    const MEMBER_NAME: &'static str = "ChannelModeratorName";
    const COMES_WITH_CREATION: bool = true;
    const AUTHORIZES_MEMBER: bool = true;
    type Key = UntrackedId<ChannelModeratorId>;
    type Stated = ChannelModeratorProperties;

    fn stated(id: &Self::Key, chime_bearer: AppInstanceMemberArn) -> ChannelModeratorProperties {
        let (channel_arn, channel_moderator_arn) = (id.channel.clone(), id.member.clone());
        ChannelModeratorProperties { channel_arn, channel_moderator_arn, chime_bearer }
    }

    fn parts(stated: &ChannelModeratorProperties) -> (Self::Key, &AppInstanceMemberArn) {
        let (channel, member) = (stated.channel_arn.clone(), stated.channel_moderator_arn.clone());
        (UntrackedId::made(ChannelModeratorId { channel, member }), &stated.chime_bearer)
    }

    async fn add(cx: &Context, id: &Self::Key, bearer: &str) -> Result<Option<String>> {
        let create = cx.messaging().create_channel_moderator().channel_arn(id.channel.as_str());
        let output = create.channel_moderator_arn(id.member.as_str()).chime_bearer(bearer).send().await?;
        Ok(output.channel_moderator().and_then(|member| member.name()).map(str::to_owned))
    }

    async fn remove(cx: &Context, id: &Self::Key, bearer: &str) -> Result<()> {
        let delete = cx.messaging().delete_channel_moderator().channel_arn(id.channel.as_str());
        delete.channel_moderator_arn(id.member.as_str()).chime_bearer(bearer).send().await?;
        Ok(())
    }

    async fn describe(cx: &Context, id: &Self::Key, bearer: &str) -> Result<Described> {
        let describe = cx.messaging().describe_channel_moderator().channel_arn(id.channel.as_str());
        let output = describe.channel_moderator_arn(id.member.as_str()).chime_bearer(bearer).send().await?;
        let found =
            output.channel_moderator.ok_or_else(|| Error::new(Kind::NotFound, format!("Chime does not show {id}")))?;
        Ok(Described {
            name: found.moderator().and_then(|member| member.name()).map(str::to_owned),
            created: found.created_timestamp,
            created_by: found.created_by.and_then(|by| by.arn),
        })
    }

    async fn members(cx: &Context, channel: &str, token: Option<String>, bearer: &str) -> Result<Page> {
        let list = cx.messaging().list_channel_moderators().channel_arn(channel).chime_bearer(bearer);
        let page = list.max_results(50).set_next_token(token).send().await?;
        let members = page.channel_moderators().iter().filter_map(|summary| summary.moderator()?.arn());
        Ok(Page::of_paths(channel, "moderators", members, page.next_token()))
    }
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
