//! `Custom::ChimeChannelMembership`: a user or bot that is a member of a channel. For many members, use
//! `Custom::ChimeChannelMemberships`.
//!
//! A channel's creator becomes a member immediately. A resource for the creator's own membership finds it and leaves it
//! alone.

use crate::properties::chime::membership::{MembershipPreferences, MembershipType};
use crate::properties::problems::Problems;
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn};
use crate::resource::ids::relation;
use crate::resource::memberships::{describe, page, remove};
use crate::resource::prelude::*;
use crate::resource::relations::{is_by_stated_bearer, may_be_creators_own, must_be_of_one_channel};
use crate::resource::sdk_types::{membership_preferences, observed_preferences};
use crate::resource::untracked_id::UntrackedId;

properties! {
    /// A user or bot that is a member of a channel. An existing membership is left as it is.
    pub struct ChannelMembershipProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" create_only,
        /// The user or bot.
        member_arn: AppInstanceMemberArn => "MemberArn" create_only,
        /// Who manages the membership: an admin of the app instance, a moderator of the channel, or any member if the
        /// channel's Mode is UNRESTRICTED.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer" unobserved,
        /// Whether the other members see it (DEFAULT, the default) or not (HIDDEN). Chime cannot change this for an existing member:
        /// remove the resource in one deployment, and add it in the next.
        membership_type: MembershipType => "Type" create_only default "DEFAULT",
        /// The member's push-notification preferences. Chime lets only the member set them, so the function makes this
        /// call on the member's behalf.
        preferences: Option<MembershipPreferences> => "Preferences",
    }
}

fn fits_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    must_be_of_one_channel(raw, "MemberArn", problems);
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
        Attribute::observed(NAME, "The name of the user or bot."),
    ];
    const ADOPTION_NOTE: &'static str = " `Preferences` are compared only if the template has some.";
    const TRACKING: Tracking = Tracking::Untracked;
    const HAS_TEMPLATE_ID: bool = true;
    const IDENTIFIERS: &'static [&'static str] = &["ChannelArn", "MemberArn"];
    const NEEDS_BEARER: bool = true;
    const EXISTENCE: Existence = Existence::ObservationOrList;
    type Id = UntrackedId<ChannelMembershipId>;
    type Properties = ChannelMembershipProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        let (channel, member) = (raw.get("ChannelArn")?, raw.get("MemberArn")?);
        Some(Locator::ById(UntrackedId::made(ChannelMembershipId { channel, member })))
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let (channel, member) = (desired.channel_arn.clone(), desired.member_arn.clone());
        let id = UntrackedId::made(ChannelMembershipId { channel, member });
        let create = cx.messaging().create_channel_membership().channel_arn(id.channel.as_str());
        let create = create.member_arn(id.member.as_str()).r#type(desired.membership_type.as_str().into());
        let output = create.chime_bearer(desired.chime_bearer.as_str()).send().await?;
        cx.claim(&id);
        if desired.preferences.is_some() {
            put_preferences(cx, &id, desired.preferences.as_ref()).await?;
        }
        let name = output.member().and_then(|member| member.name());
        Ok(Provisioned::new(id).with(NAME, name))
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        if change.differs(|properties| &properties.preferences) {
            put_preferences(cx, id, change.desired.preferences.as_ref()).await?;
        }
        let found = describe(cx, &id.channel, id.member.as_str(), change.desired.chime_bearer.as_str()).await?;
        Ok(Provisioned::new(id.clone()).with(NAME, found.member().and_then(|member| member.name())))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, actor: &Actor) -> Result<()> {
        remove(cx, &id.channel, id.member.as_str(), actor.as_str()).await
    }

    /// The preferences are read only if the template sets some. Preferences that the member has set stay unchanged.
    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        actor: &Actor,
        stated: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let found = describe(cx, &id.channel, id.member.as_str(), actor.as_str()).await?;
        let preferences = match stated.and_then(|stated| stated.preferences.as_ref()) {
            Some(_) => get_preferences(cx, id).await?,
            None => None,
        };
        let shown = found.r#type().map(|kind| MembershipType::unchecked(kind.as_str()));
        let membership_type = shown.or_else(|| stated.map(|stated| stated.membership_type.clone()));
        let properties = ChannelMembershipProperties {
            channel_arn: id.channel.clone(),
            member_arn: id.member.clone(),
            chime_bearer: AppInstanceMemberArn::unchecked(actor.as_str()),
            membership_type: membership_type.unwrap_or_default(),
            preferences,
        };
        let by = found.invited_by().and_then(|by| by.arn());
        Ok(Some(Observed::new(properties, found.created_timestamp()).by(by)))
    }

    async fn list(
        cx: &Context,
        parent: &str,
        token: Option<String>,
        raw: &RawProperties<'_>,
        actor: &Actor,
    ) -> Result<Page> {
        page(cx, parent, &raw.get("Type").unwrap_or_default(), actor.as_str(), token).await
    }

    /// Preferences that the template no longer sets are not read, but those it set before have to go.
    fn include_former(observed: &mut Self::Properties, former: &Self::Properties, desired: &Self::Properties) {
        observed.keep_former(former, desired);
        if desired.preferences.is_none() {
            observed.preferences.clone_from(&former.preferences);
        }
    }

    /// A channel's creator is a member from the start, so that membership does not come from this resource.
    fn is_trace(id: &Self::Id, observed: &Observed<Self::Properties>, raw: &RawProperties<'_>) -> bool {
        let is_creators_own = may_be_creators_own(id.member.as_str(), observed.created_by.as_deref());
        is_by_stated_bearer(observed, raw) && !is_creators_own
    }
}

/// Reads the preferences as the member, because only the member may read or set them.
async fn get_preferences(cx: &Context, id: &ChannelMembershipId) -> Result<Option<MembershipPreferences>> {
    let get = cx.messaging().get_channel_membership_preferences().channel_arn(id.channel.as_str());
    let output = get.member_arn(id.member.as_str()).chime_bearer(id.member.as_str()).send().await?;
    Ok(output.preferences().and_then(observed_preferences))
}

async fn put_preferences(
    cx: &Context,
    id: &ChannelMembershipId,
    preferences: Option<&MembershipPreferences>,
) -> Result<()> {
    let put = cx.messaging().put_channel_membership_preferences().channel_arn(id.channel.as_str());
    let put = put.member_arn(id.member.as_str()).chime_bearer(id.member.as_str());
    put.preferences(membership_preferences(preferences)?).send().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_path_of_the_membership() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let text = format!("{app}/channel/c/memberships/{app}/user/u");
        let id: ChannelMembershipId = text.parse().expect("an id");
        assert_eq!((id.to_string(), id.channel.to_string()), (text, format!("{app}/channel/c")));
        for other in ["moderators", "bans"] {
            assert!(format!("{app}/channel/c/{other}/{app}/user/u").parse::<ChannelMembershipId>().is_err());
        }
    }
}
