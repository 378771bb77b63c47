//! `Custom::ChimeChannelMemberships`: a list of users and bots that are members of a channel.
//!
//! Chime adds members in batches of a hundred and removes them one by one. There is no record of who added a member.
//! The physical id therefore contains the time when this resource was created, and earlier members are not removed.

mod batch;
mod id;
mod rejected;
mod unconfirmed;

use crate::properties::chime::membership::MembershipType;
use crate::properties::problems::Problems;
use crate::properties::same_app_instance::{app_instance_of, must_be_of_one_app_instance};
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn, InAppInstance};
use crate::properties::values::lists::List;
use crate::resource::prelude::*;
use crate::resources::channel_membership::ChannelMembership;
use crate::resources::channel_memberships::batch::{Batch, Removal};
use crate::resources::channel_memberships::id::ChannelMembershipsId;
use std::collections::{HashMap, HashSet};

properties! {
    /// Up to 10,000 users and bots that are members of a channel. They are added in batches of a hundred, and an update
    /// adds and removes only the differences. Existing members, who joined before the resource was created, are not
    /// removed. If a deployment that changes the ChannelArn is rolled back, the members of the first channel count as
    /// existing members from then on. If two resources name the same member, the one that was created first removes it.
    /// Removing a member takes two calls, so a list of more than a thousand is better split over several resources.
    pub struct ChannelMembershipsProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" create_only,
        /// The users and bots, without duplicates. CloudFormation's event has at most 1 MB, and an update contains the
        /// old list and the new one: some 3,500 ARNs. A reason has at most 4 KB: if Chime rejects many members, it
        /// names the first ones.
        member_arns: List<AppInstanceMemberArn, 0, 10000> => "MemberArns",
        /// Who manages the memberships: an admin of the app instance, a moderator of the channel, or any member if the
        /// channel's Mode is UNRESTRICTED.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer" unobserved,
        /// Whether the other members see them (DEFAULT, the default) or not (HIDDEN). Chime cannot change this for existing members:
        /// remove the resource in one deployment, and add it in the next.
        membership_type: MembershipType => "Type" create_only default "DEFAULT",
    }
}

fn fits_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    let members = raw.items::<AppInstanceMemberArn>("MemberArns").into_iter().enumerate();
    let members = members.filter_map(|(at, member)| Some((format!("MemberArns[{at}]"), member?)));
    let members: Vec<_> = members.collect();
    let others = members.iter().map(|(name, member)| (name.as_str(), Some(member.app_instance_arn())));
    let bearer = ("ChimeBearer", app_instance_of::<AppInstanceMemberArn>(raw, "ChimeBearer"));
    let others: Vec<_> = others.chain([bearer]).collect();
    must_be_of_one_app_instance(app_instance_of::<ChannelArn>(raw, "ChannelArn"), &others, problems);
    let mut seen = HashMap::new();
    for (name, member) in &members {
        if let Some(first) = seen.insert(member.as_str(), name) {
            problems.within(name, |problems| problems.add(format_args!("is the same as {first}")));
        }
    }
}

/// A list of memberships.
#[derive(Debug)]
pub struct ChannelMemberships;

impl Resource for ChannelMemberships {
    const TYPE: &'static str = "ChimeChannelMemberships";
    const REF: &'static str = "`<ChannelArn>/memberships/<Type>/<creation time>`";
    const ATTRIBUTES: Attributes<Self> =
        &[Attribute::of_id("ChannelArn", "The ARN of the channel.", |id| id.channel.to_string())];
    const TRACKING: Tracking = Tracking::Untracked;
    const HAS_TEMPLATE_ID: bool = true;
    const LISTS: Option<(&'static str, &'static str)> = Some((ChannelMembership::TYPE, "MemberArns"));
    const NEEDS_BEARER: bool = true;
    const EXISTENCE: Existence = Existence::Observation;
    const ADOPTION_NOTE: &'static str =
        " Users and bots who were members before stay members when the resource is deleted.";
    const IS_ADOPTABLE: bool = false;
    type Id = ChannelMembershipsId;
    type Properties = ChannelMembershipsProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        let (channel, membership_type) = (raw.get("ChannelArn")?, raw.get("Type").unwrap_or_default());
        Some(Locator::ById(ChannelMembershipsId { channel, membership_type, since: None }))
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let (channel, membership_type) = (desired.channel_arn.clone(), desired.membership_type.clone());
        let id = ChannelMembershipsId { channel, membership_type, since: Some(cx.clock().sent()) };
        Batch::stated(cx, &id, &desired.chime_bearer).add(&arns(desired)).await?;
        Ok(Provisioned::new(id))
    }

    /// Adds and removes the differences.
    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        let (current, desired) = (change.current.map(arns).unwrap_or_default(), arns(change.desired));
        let (current_set, desired_set) =
            (current.iter().collect::<HashSet<_>>(), desired.iter().collect::<HashSet<_>>());
        let added: Vec<&str> = desired.iter().filter(|member| !current_set.contains(member)).copied().collect();
        let removed = current.iter().filter(|member| !desired_set.contains(member)).map(|member| (*member).to_owned());
        let former = change.current.map(|current| current.chime_bearer.to_string());
        let batch = Batch::stated(cx, id, &change.desired.chime_bearer).with_former_bearer(former);
        batch.add(&added).await?;
        batch.remove(removed.collect(), Removal::ByUpdate).await?;
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, raw: &RawProperties<'_>, actor: &Actor) -> Result<()> {
        Batch::acting(cx, id, raw, actor).remove(stated_arns(raw), Removal::ByDelete).await
    }

    /// If the id has a time: the members of the list that are in the channel. If it has none: the first of them that a
    /// create of this resource may have added. A create checks each member itself, so for a create there is nothing to
    /// observe.
    async fn observe(
        cx: &Context,
        id: &Self::Id,
        raw: &RawProperties<'_>,
        actor: &Actor,
        stated: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let batch = Batch::acting(cx, id, raw, actor);
        let of = |members: Vec<AppInstanceMemberArn>| ChannelMembershipsProperties {
            channel_arn: id.channel.clone(),
            member_arns: List::unchecked(members),
            chime_bearer: AppInstanceMemberArn::unchecked(actor.as_str()),
            membership_type: id.membership_type.clone(),
        };
        match (id.since, stated) {
            (None, Some(_)) => Ok(None),
            (None, None) => Ok(batch
                .find(&stated_arns(raw))
                .await?
                .map(|found| Observed::new(of(Vec::new()), found.created_timestamp()))),
            (Some(_), stated) => {
                let stated: Vec<_> = stated.map(|stated| stated.member_arns.to_vec()).unwrap_or_default();
                let arns: Vec<_> = stated.iter().map(ToString::to_string).collect();
                let listed = batch.listed(&arns).await?;
                let members = stated.into_iter().filter(|member| listed.contains(member.as_str())).collect();
                Ok(Some(Observed::new(of(members), None)))
            }
        }
    }

    /// Only the members that are stated are observed. Those that were stated before may still be there, and Chime may still show those that
    /// were removed a moment ago and are stated again.
    fn include_former(observed: &mut Self::Properties, former: &Self::Properties, desired: &Self::Properties) {
        let (stated, former_arns) =
            (arns(desired).into_iter().collect::<HashSet<_>>(), arns(former).into_iter().collect::<HashSet<_>>());
        let stays = observed.member_arns.iter().filter(|member| former_arns.contains(member.as_str()));
        let others = former.member_arns.iter().filter(|member| !stated.contains(member.as_str()));
        observed.member_arns = List::unchecked(stays.chain(others).cloned().collect());
        observed.chime_bearer = former.chime_bearer.clone();
    }

    /// Without a time, only members that a create may have added are observed.
    fn is_trace(id: &Self::Id, _: &Observed<Self::Properties>, _: &RawProperties<'_>) -> bool {
        id.since.is_none()
    }
}

fn arns(properties: &ChannelMembershipsProperties) -> Vec<&str> {
    properties.member_arns.iter().map(AppInstanceMemberArn::as_str).collect()
}

fn stated_arns(raw: &RawProperties<'_>) -> Vec<String> {
    raw.each::<AppInstanceMemberArn>("MemberArns").iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    #[test]
    fn members_are_unique_and_belong_to_the_channels_app_instance() {
        let (user, other) = (format!("{APP}/user/u"), format!("{APP}x/user/u"));
        let wrong =
            json!({"ChannelArn": format!("{APP}/channel/c"), "ChimeBearer": user, "MemberArns": [user, other, user]});
        assert_eq!(
            read::<ChannelMembershipsProperties>(&wrong).expect_err("wrong").to_string(),
            format!("MemberArns[1] must belong to {APP}, not to {APP}x; MemberArns[2] is the same as MemberArns[0]")
        );
    }
}
