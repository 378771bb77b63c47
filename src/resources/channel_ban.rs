//! `Custom::ChimeChannelBan`: a user or bot that is banned from a channel.

use crate::properties::problems::Problems;
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn};
use crate::resource::ids::relation;
use crate::resource::prelude::*;
use crate::resource::relations::{ChannelRelation, Described, must_be_of_one_channel};
use crate::resource::untracked_id::UntrackedId;

properties! {
    /// A user or bot that is banned from a channel. Chime ends its membership. Admins and moderators cannot be banned.
    /// Deleting the resource lifts the ban and does not restore the membership.
    pub struct ChannelBanProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" create_only,
        /// The user or bot.
        member_arn: AppInstanceMemberArn => "MemberArn" create_only,
        /// Who manages the ban: an admin of the app instance, or a moderator of the channel.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer" unobserved,
    }
}

fn fits_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    must_be_of_one_channel(raw, ChannelBan::MEMBER, problems);
}

relation! {
    /// The path of a ban.
    pub struct ChannelBanId of_channel {
        channel: ChannelArn => "ChannelArn",
        "/bans/",
        member: AppInstanceMemberArn => "MemberArn",
    }
}

/// A ban.
#[derive(Debug)]
pub struct ChannelBan;

impl ChannelRelation for ChannelBan {
    const TYPE_NAME: &'static str = "ChimeChannelBan";
    const REF_DOC: &'static str = "`<ChannelArn>/bans/<MemberArn>`";
    const GET_ATT: &'static [Attribute<Self::Key, Self::Stated>] = &[
        Attribute::of_id("ChannelArn", "The ARN of the channel.", |id| id.channel.to_string()),
        Attribute::of_id("MemberArn", "The ARN of the user or bot.", |id| id.member.to_string()),
        Attribute::observed(Self::MEMBER_NAME, "The name of the user or bot."),
    ];
    const MEMBER: &'static str = "MemberArn";
    const MEMBER_NAME: &'static str = "MemberName";
    const COMES_WITH_CREATION: bool = false;
    type Key = UntrackedId<ChannelBanId>;
    type Stated = ChannelBanProperties;

    fn stated(id: &Self::Key, chime_bearer: AppInstanceMemberArn) -> ChannelBanProperties {
        ChannelBanProperties { channel_arn: id.channel.clone(), member_arn: id.member.clone(), chime_bearer }
    }

    fn parts(stated: &ChannelBanProperties) -> (Self::Key, &AppInstanceMemberArn) {
        let id = ChannelBanId { channel: stated.channel_arn.clone(), member: stated.member_arn.clone() };
        (UntrackedId::made(id), &stated.chime_bearer)
    }

    async fn add(cx: &Context, id: &Self::Key, bearer: &str) -> Result<Option<String>> {
        let create = cx.messaging().create_channel_ban().channel_arn(id.channel.as_str());
        let output = create.member_arn(id.member.as_str()).chime_bearer(bearer).send().await?;
        Ok(output.member().and_then(|member| member.name()).map(str::to_owned))
    }

    async fn remove(cx: &Context, id: &Self::Key, bearer: &str) -> Result<()> {
        let delete = cx.messaging().delete_channel_ban().channel_arn(id.channel.as_str());
        delete.member_arn(id.member.as_str()).chime_bearer(bearer).send().await?;
        Ok(())
    }

    async fn describe(cx: &Context, id: &Self::Key, bearer: &str) -> Result<Described> {
        let describe = cx.messaging().describe_channel_ban().channel_arn(id.channel.as_str());
        let output = describe.member_arn(id.member.as_str()).chime_bearer(bearer).send().await?;
        let found =
            output.channel_ban.ok_or_else(|| Error::new(Kind::NotFound, format!("Chime does not show {id}")))?;
        Ok(Described {
            name: found.member().and_then(|member| member.name()).map(str::to_owned),
            created: found.created_timestamp,
            created_by: found.created_by.and_then(|by| by.arn),
        })
    }

    async fn members(cx: &Context, channel: &str, token: Option<String>, bearer: &str) -> Result<Page> {
        let list = cx.messaging().list_channel_bans().channel_arn(channel).chime_bearer(bearer);
        let page = list.max_results(50).set_next_token(token).send().await?;
        let members = page.channel_bans().iter().filter_map(|summary| summary.member()?.arn());
        Ok(Page::of_paths(channel, "bans", members, page.next_token()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_path_of_the_ban() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let text = format!("{app}/channel/c/bans/{app}/user/u");
        assert_eq!(text.parse::<ChannelBanId>().expect("an id").to_string(), text);
        assert!(format!("{app}/channel/c/memberships/{app}/user/u").parse::<ChannelBanId>().is_err());
    }
}
