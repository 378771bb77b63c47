//! `Custom::ChimeChannelMemberships`: the users and bots of a list that take part in a channel.
//!
//! Chime takes a hundred members at a time into a channel, and lets them go one by one. Nothing notes whose a membership is, so that
//! the physical id says since when this resource has been: whoever was a member before then is not removed.

mod batch;
mod id;

use crate::properties::chime::membership::MembershipType;
use crate::properties::problems::Problems;
use crate::properties::same_app_instance::{app_instance_of, must_be_of_one_app_instance};
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn, InAppInstance};
use crate::properties::values::lists::List;
use crate::resource::prelude::*;
use crate::resources::channel_memberships::batch::Batch;
use crate::resources::channel_memberships::id::ChannelMembershipsId;
use std::collections::{HashMap, HashSet};

properties! {
    /// Up to 10,000 users and bots that take part in a channel. They are added a hundred to a call, and an update adds and removes those
    /// that differ. Whoever was a member before the resource was made is not removed. (When a deployment is rolled back that had changed
    /// the ChannelArn, those in the first channel count as such from then on.) Two resources that name the same member share it: whichever
    /// was made first removes it. Removing takes two calls for each, so that a list of more than a thousand is better split over several
    /// resources.
    pub struct ChannelMembershipsProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" create_only,
        /// The users and bots, none of them twice. CloudFormation's event holds 1 MB at most, in an update with the list before beside the
        /// list after: some 3,500 ARNs. A reason holds 4 KB: of many members that Chime does not take it names the first.
        member_arns: List<AppInstanceMemberArn, 0, 10000> => "MemberArns",
        /// Who acts: an admin of the app instance, a moderator of the channel, or a member where its Mode is UNRESTRICTED.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer" unobserved,
        /// Whether the other members see them. Chime cannot change that of a member: to change it, remove the resource in one deployment,
        /// and add it in the next.
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

/// The memberships of a list.
#[derive(Debug)]
pub struct ChannelMemberships;

impl Resource for ChannelMemberships {
    const TYPE: &'static str = "ChimeChannelMemberships";
    const REF: &'static str = "`<ChannelArn>/memberships/<Type>/<when it was made>`";
    const ATTRIBUTES: Attributes<Self> =
        &[Attribute::of_id("ChannelArn", "The ARN of the channel.", |id| id.channel.to_string())];
    const TRACKING: Tracking = Tracking::Untracked;
    const HAS_TEMPLATE_ID: bool = true;
    const NEEDS_BEARER: bool = true;
    const EXISTENCE: Existence = Existence::Observation;
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

    /// Adds and removes those that differ.
    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        let (current, desired) = (change.current.map(arns).unwrap_or_default(), arns(change.desired));
        let (had, wants) = (current.iter().collect::<HashSet<_>>(), desired.iter().collect::<HashSet<_>>());
        let added: Vec<&str> = desired.iter().filter(|member| !had.contains(member)).copied().collect();
        let removed = current.iter().filter(|member| !wants.contains(member)).map(|member| (*member).to_owned());
        let batch = Batch::stated(cx, id, &change.desired.chime_bearer);
        batch.add(&added).await?;
        batch.remove(removed.collect()).await?;
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, raw: &RawProperties<'_>, actor: &Actor) -> Result<()> {
        Batch::acting(cx, id, raw, actor).remove(stated_arns(raw)).await
    }

    /// With a time, the members of the list that are members of the channel. Without one, the first of them that a create of this
    /// resource may have made: a create itself looks at each for itself.
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
                let listed = batch.listed().await?;
                let stated: Vec<_> = stated.map(|stated| stated.member_arns.to_vec()).unwrap_or_default();
                let members = stated.into_iter().filter(|member| listed.contains(member.as_str())).collect();
                Ok(Some(Observed::new(of(members), None)))
            }
        }
    }

    /// Only what can be one is observed without a time.
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
    fn no_member_is_stated_twice_or_of_another_app_instance() {
        let (user, other) = (format!("{APP}/user/u"), format!("{APP}x/user/u"));
        let wrong =
            json!({"ChannelArn": format!("{APP}/channel/c"), "ChimeBearer": user, "MemberArns": [user, other, user]});
        assert_eq!(
            read::<ChannelMembershipsProperties>(&wrong).expect_err("wrong").to_string(),
            format!("MemberArns[1] must belong to {APP}, not to {APP}x; MemberArns[2] is the same as MemberArns[0]")
        );
    }
}
