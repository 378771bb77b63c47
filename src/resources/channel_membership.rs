//! `Custom::ChimeChannelMembership`: a user or a bot that takes part in a channel.
//!
//! Whoever creates a channel is a member at once, and so is its moderator: stating that membership finds it and leaves it.

use crate::properties::chime::membership::{MembershipPreferences, MembershipType};
use crate::properties::problems::Problems;
use crate::properties::same_app_instance::{app_instance_of, must_be_of_one_app_instance};
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn, InAppInstance};
use crate::properties::values::lists::List;
use crate::resource::PhysicalId;
use crate::resource::prelude::*;
use crate::resource::sdk_types::membership_preferences;
use crate::resources::channel_membership_id::{ChannelMembershipId, ChannelMembershipsId, MembershipId};
use crate::resources::channel_memberships::{self, Memberships};
use aws_sdk_chimesdkmessaging::types::{
    ChannelMembership as SdkMembership, ChannelMembershipPreferences as SdkPreferences,
};
use std::collections::{HashMap, HashSet};

properties! {
    /// A user or a bot that takes part in a channel, or many of them. What is a member already stays as it is.
    pub struct ChannelMembershipProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" replaces,
        /// The user or bot. Either this or MemberArns.
        member_arn: Option<AppInstanceMemberArn> => "MemberArn" replaces,
        /// Up to 10,000 users and bots, in place of MemberArn. They are added a hundred to a call, and an update adds and removes those that
        /// differ. Whoever was a member before the resource was made is not removed. (When a deployment is rolled back that had changed the
        /// ChannelArn, those in the first channel count as such from then on.) Two resources that name the same member share it: whichever
        /// was made first removes it. Removing takes two calls for each, so that a list of more than a thousand is better split over several
        /// resources. CloudFormation's event holds 1 MB at most, in an update with the list before beside the list after: some 3,500 ARNs. A
        /// reason holds 4 KB: of many members that Chime does not take it names the first.
        member_arns: Option<List<AppInstanceMemberArn, 0, 10000>> => "MemberArns",
        /// Who acts: an admin of the app instance, a moderator of the channel, or a member where its Mode is UNRESTRICTED.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer",
        /// Whether the other members see it. Chime cannot change that of a member: remove the resource in one deployment, and add it in the
        /// next.
        membership_type: MembershipType => "Type" replaces default "DEFAULT",
        /// What it wants to hear of. Chime lets nobody else set that: the member itself acts. Not with MemberArns.
        preferences: Option<MembershipPreferences> => "Preferences",
    }
}

fn fits_together(stated: &Stated<'_>, problems: &mut Problems) {
    let one = stated.get::<AppInstanceMemberArn>("MemberArn").map(|member| ("MemberArn".to_owned(), member));
    let many = stated.items::<AppInstanceMemberArn>("MemberArns").into_iter().enumerate();
    let many = many.filter_map(|(at, member)| Some((format!("MemberArns[{at}]"), member?)));
    let named: Vec<_> = one.into_iter().chain(many).collect();
    let members = named.iter().map(|(name, member)| (name.as_str(), Some(member.app_instance_arn())));
    let bearer = ("ChimeBearer", app_instance_of::<AppInstanceMemberArn>(stated, "ChimeBearer"));
    let all: Vec<_> = members.chain([bearer]).collect();
    must_be_of_one_app_instance(app_instance_of::<ChannelArn>(stated, "ChannelArn"), &all, problems);
    match (stated.has("MemberArn"), stated.has("MemberArns")) {
        (false, false) => {
            problems.within("MemberArn", |problems| problems.add("is required, or MemberArns in its place"))
        }
        (true, true) => problems.within("MemberArns", |problems| problems.add("cannot be set beside MemberArn")),
        _ => {}
    }
    if stated.has("MemberArns") && stated.has("Preferences") {
        problems.within("Preferences", |problems| problems.add("cannot be set of MemberArns, only of a MemberArn"));
    }
    let mut seen = HashMap::new();
    for (name, member) in &named {
        if let Some(first) = seen.insert(member.as_str(), name) {
            problems.within(name, |problems| problems.add(format_args!("is the same as {first}")));
        }
    }
}

impl ChannelMembershipProperties {
    /// The members of `MemberArns`.
    fn many(&self) -> Vec<&str> {
        self.member_arns.iter().flat_map(|members| members.iter().map(AppInstanceMemberArn::as_str)).collect()
    }
}

/// A membership, or many.
#[derive(Debug)]
pub struct ChannelMembership;

const NAME: &str = "MemberName";

type Id = ChannelMembershipId;

impl Resource for ChannelMembership {
    const TYPE: &'static str = "ChimeChannelMembership";
    const REF: &'static str =
        "`<ChannelArn>/memberships/<MemberArn>`; with MemberArns `<ChannelArn>/memberships/<Type>/<when it was made>`";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("ChannelArn", "The ARN of the channel.", PhysicalId::parent),
        Attribute::of_some_ids("MemberArn", "The ARN of the user or bot. None with MemberArns.", |id| match id {
            Id::One(id) => Some(id.member.to_string()),
            Id::Many(_) => None,
        }),
        Attribute::told(NAME, "The name of the user or bot. None with MemberArns."),
    ];
    const NOTED: Noted = Noted::Nowhere;
    const IS_NAMED: bool = true;
    const NEEDS_BEARER: bool = true;
    type Id = Id;
    type Properties = ChannelMembershipProperties;

    fn place(stated: &Stated<'_>, _: Option<&str>) -> Option<Place<Id>> {
        let channel = stated.get("ChannelArn")?;
        if stated.has("MemberArns") {
            let kind = stated.get("Type").unwrap_or_default();
            return Some(Place::Known(Id::Many(ChannelMembershipsId { channel, kind, since: None })));
        }
        Some(Place::Known(Id::One(MembershipId { channel, member: stated.get("MemberArn")? })))
    }

    async fn create(cx: &Context, properties: &Self::Properties) -> Result<Live<Id>> {
        let (channel, kind) = (properties.channel_arn.clone(), properties.membership_type);
        let Some(member) = properties.member_arn.clone() else {
            let id = ChannelMembershipsId { channel, kind, since: Some(cx.sent()) };
            memberships(cx, &id, properties).add(&properties.many()).await?;
            return Ok(Live::new(Id::Many(id)));
        };
        let id = MembershipId { channel, member };
        let create = cx.messaging().create_channel_membership().channel_arn(id.channel.as_str());
        let create = create.member_arn(id.member.as_str()).r#type(kind.as_str().into());
        let output = create.chime_bearer(properties.chime_bearer.as_str()).send().await?;
        cx.claim(&id);
        if properties.preferences.is_some() {
            put_preferences(cx, &id, properties).await?;
        }
        let name = output.member().and_then(|member| member.name());
        Ok(Live::new(Id::One(id)).with(NAME, name))
    }

    async fn update(cx: &Context, id: &Id, change: &Change<'_, Self::Properties>) -> Result<Live<Id>> {
        let one = match id {
            Id::Many(many) => {
                update_many(cx, many, change).await?;
                return Ok(Live::new(id.clone()));
            }
            Id::One(one) => one,
        };
        if change.wanted.member_arns.is_some() {
            return Err(Error::new(
                Kind::Invalid,
                "MemberArns cannot take the place of a MemberArn in the same channel",
            )
            .advise("Remove the resource in one deployment, and add it with MemberArns in the next."));
        }
        // Where nobody knows what was set before, what the member has set itself stays.
        let is_known = change.before.is_some() || change.wanted.preferences.is_some();
        if is_known && change.differs(|properties| &properties.preferences) {
            put_preferences(cx, one, change.wanted).await?;
        }
        let found = describe(cx, one, change.wanted.chime_bearer.as_str()).await?;
        Ok(Live::new(id.clone()).with(NAME, found.member().and_then(|member| member.name())))
    }

    async fn delete(cx: &Context, id: &Id, stated: &Stated<'_>) -> Result<()> {
        match id {
            Id::Many(many) => stated_memberships(cx, many, stated).remove(stated_members(stated)).await,
            Id::One(one) => channel_memberships::delete(cx, &one.channel, one.member.as_str(), &stated.bearer()).await,
        }
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, stated: &Stated<'_>) -> Result<Page> {
        let kind = stated.get::<MembershipType>("Type").unwrap_or_default();
        let page = channel_memberships::page(cx, parent, kind, &stated.bearer(), token).await?;
        let members = page.channel_memberships().iter().filter_map(|summary| summary.member()?.arn());
        Ok(Page::of_paths(parent, "memberships", members, page.next_token()))
    }

    async fn is_there(cx: &Context, id: &Id, stated: &Stated<'_>) -> Result<Option<bool>> {
        match id {
            Id::One(one) => by_description(describe(cx, one, &stated.bearer()).await),
            Id::Many(many) => {
                Ok(Some(stated_memberships(cx, many, stated).find(&stated_members(stated)).await?.is_some()))
            }
        }
    }

    async fn look(cx: &Context, id: &Id, wanted: Option<&Self::Properties>, stated: &Stated<'_>) -> Result<Seen> {
        let one = match id {
            Id::One(one) => one,
            // Of many each is looked at for itself, when it is added or removed.
            Id::Many(many) if wanted.is_some() || many.since.is_some() => return Ok(Seen::NOTHING),
            Id::Many(many) => {
                let found = stated_memberships(cx, many, stated).find(&stated_members(stated)).await?;
                let Some(found) = found else { return Ok(Seen::NOTHING) };
                return Ok(Seen::beside(found.created_timestamp(), wanted, |_| Ok(false))?.stated(true));
            }
        };
        let found = describe(cx, one, &stated.bearer()).await?;
        let by = found.invited_by().and_then(|by| by.arn());
        let wants = wanted.and_then(|wanted| wanted.preferences.as_ref());
        let prefers = match wants {
            Some(_) => get_preferences(cx, one).await? == Some(membership_preferences(wants)?),
            None => true,
        };
        let is_meant = wanted
            .is_some_and(|wanted| found.r#type().is_none_or(|kind| kind.as_str() == wanted.membership_type.as_str()));
        let seen = Seen::beside(found.created_timestamp(), wanted, |_| Ok(prefers))?.meant(is_meant);
        // Its own membership comes with a channel that it creates.
        Ok(seen.stated(is_by(by, stated) && by != Some(one.member.as_str())))
    }
}

/// Adds and removes those that differ.
async fn update_many(
    cx: &Context,
    id: &ChannelMembershipsId,
    change: &Change<'_, ChannelMembershipProperties>,
) -> Result<()> {
    let before = change.before.map(ChannelMembershipProperties::many).unwrap_or_default();
    let wanted = change.wanted.many();
    let (had, wants) = (before.iter().collect::<HashSet<_>>(), wanted.iter().collect::<HashSet<_>>());
    let added: Vec<&str> = wanted.iter().filter(|member| !had.contains(member)).copied().collect();
    let removed = before.iter().filter(|member| !wants.contains(member)).map(|member| (*member).to_owned());
    let memberships = memberships(cx, id, change.wanted);
    memberships.add(&added).await?;
    memberships.remove(removed.collect()).await
}

fn memberships<'a>(
    cx: &'a Context,
    id: &'a ChannelMembershipsId,
    properties: &ChannelMembershipProperties,
) -> Memberships<'a> {
    let bearer = properties.chime_bearer.to_string();
    Memberships::new(cx, id, bearer.clone(), bearer)
}

fn stated_memberships<'a>(cx: &'a Context, id: &'a ChannelMembershipsId, stated: &Stated<'_>) -> Memberships<'a> {
    Memberships::new(cx, id, stated.bearer(), stated.own_bearer())
}

fn stated_members(stated: &Stated<'_>) -> Vec<String> {
    stated.each::<AppInstanceMemberArn>("MemberArns").iter().map(ToString::to_string).collect()
}

async fn describe(cx: &Context, id: &MembershipId, bearer: &str) -> Result<SdkMembership> {
    channel_memberships::describe(cx, &id.channel, id.member.as_str(), bearer).await
}

/// Nobody but the member may see them, or set them.
async fn get_preferences(cx: &Context, id: &MembershipId) -> Result<Option<SdkPreferences>> {
    let get = cx.messaging().get_channel_membership_preferences().channel_arn(id.channel.as_str());
    let output = get.member_arn(id.member.as_str()).chime_bearer(id.member.as_str()).send().await?;
    Ok(output.preferences)
}

async fn put_preferences(cx: &Context, id: &MembershipId, properties: &ChannelMembershipProperties) -> Result<()> {
    let put = cx.messaging().put_channel_membership_preferences().channel_arn(id.channel.as_str());
    let put = put.member_arn(id.member.as_str()).chime_bearer(id.member.as_str());
    put.preferences(membership_preferences(properties.preferences.as_ref())?).send().await?;
    Ok(())
}
