//! Relations between a channel and members of its app instance: moderators and bans.
//!
//! The two differ only in the names of Chime's operations and properties. A type provides these names, and this module
//! contains the shared logic.

use crate::chime::error::Result;
use crate::properties::Properties;
use crate::properties::problems::Problems;
use crate::properties::raw::RawProperties;
use crate::properties::same_app_instance::{app_instance_of, must_be_of_one_app_instance};
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn};
use crate::request::request_id::RequestId;
use crate::resource::actor::Actor;
use crate::resource::attribute::{Attribute, Provisioned};
use crate::resource::change::Change;
use crate::resource::context::Context;
use crate::resource::observed::Observed;
use crate::resource::ownership::Tracking;
use crate::resource::pages::Page;
use crate::resource::{Attributes, Existence, Locator, PhysicalId, Resource};
use aws_smithy_types::DateTime;

/// A relation between a channel and a member of its app instance.
pub trait ChannelRelation: Sized + 'static {
    /// See [`Resource::TYPE`].
    const TYPE_NAME: &'static str;

    /// See [`Resource::REF`].
    const REF_DOC: &'static str;

    /// See [`Resource::ATTRIBUTES`].
    const GET_ATT: &'static [Attribute<Self::Key, Self::Stated>];

    /// The property that names the member.
    const MEMBER: &'static str;

    /// The attribute with the member's name, which only Chime knows.
    const MEMBER_NAME: &'static str;

    /// Whether a channel's creator has this relation from the start.
    const COMES_WITH_CREATION: bool;

    /// Whether the member may act as a bearer in the channel.
    const AUTHORIZES_MEMBER: bool = false;

    /// The id: the path of the relation.
    type Key: PhysicalId + Clone + RelationId;

    /// The properties.
    type Stated: Properties;

    /// The properties with these ARNs.
    fn stated(id: &Self::Key, bearer: AppInstanceMemberArn) -> Self::Stated;

    /// The id and the bearer in the properties.
    fn parts(stated: &Self::Stated) -> (Self::Key, &AppInstanceMemberArn);

    /// Creates the relation. Returns the member's name.
    fn add(cx: &Context, id: &Self::Key, bearer: &str) -> impl Future<Output = Result<Option<String>>>;

    /// Deletes the relation.
    fn remove(cx: &Context, id: &Self::Key, bearer: &str) -> impl Future<Output = Result<()>>;

    /// What Chime shows of the relation.
    fn describe(cx: &Context, id: &Self::Key, bearer: &str) -> impl Future<Output = Result<Described>>;

    /// A page of the members with this relation to a channel.
    fn members(cx: &Context, channel: &str, token: Option<String>, bearer: &str) -> impl Future<Output = Result<Page>>;
}

/// The id of a relation.
pub trait RelationId {
    /// The id for this channel and member.
    fn of(channel: ChannelArn, member: AppInstanceMemberArn) -> Self;

    /// The member.
    fn member(&self) -> &AppInstanceMemberArn;
}

/// What Chime shows of a relation.
#[derive(Debug)]
pub struct Described {
    /// The member's name.
    pub name: Option<String>,
    /// When it was created.
    pub created: Option<DateTime>,
    /// The ARN of its creator.
    pub created_by: Option<String>,
}

/// Adds a problem for each ARN of a relation that belongs to another app instance. `member` is the property that names
/// the member.
pub fn must_be_of_one_channel(raw: &RawProperties<'_>, member: &'static str, problems: &mut Problems) {
    let others = [member, "ChimeBearer"].map(|name| (name, app_instance_of::<AppInstanceMemberArn>(raw, name)));
    must_be_of_one_app_instance(app_instance_of::<ChannelArn>(raw, "ChannelArn"), &others, problems);
}

impl<R: ChannelRelation> Resource for R {
    const TYPE: &'static str = R::TYPE_NAME;
    const REF: &'static str = R::REF_DOC;
    const ATTRIBUTES: Attributes<Self> = R::GET_ATT;
    const TRACKING: Tracking = Tracking::Untracked;
    const HAS_TEMPLATE_ID: bool = true;
    const IDENTIFIERS: &'static [&'static str] = &["ChannelArn", R::MEMBER];
    const AUTHORIZES: Option<&'static str> = if R::AUTHORIZES_MEMBER { Some(R::MEMBER) } else { None };
    const NEEDS_BEARER: bool = true;
    const EXISTENCE: Existence = Existence::ObservationOrList;
    type Id = R::Key;
    type Properties = R::Stated;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        Some(Locator::ById(RelationId::of(raw.get("ChannelArn")?, raw.get(R::MEMBER)?)))
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let (id, bearer) = R::parts(desired);
        let name = R::add(cx, &id, bearer.as_str()).await?;
        cx.claim(&id);
        Ok(Provisioned::new(id).with(R::MEMBER_NAME, name.as_deref()))
    }

    /// Nothing can change in place. The member's name is read again.
    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        let (_, bearer) = R::parts(change.desired);
        let found = R::describe(cx, id, bearer.as_str()).await?;
        Ok(Provisioned::new(id.clone()).with(R::MEMBER_NAME, found.name.as_deref()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, actor: &Actor) -> Result<()> {
        R::remove(cx, id, actor.as_str()).await
    }

    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        actor: &Actor,
        _: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let found = R::describe(cx, id, actor.as_str()).await?;
        let properties = R::stated(id, AppInstanceMemberArn::unchecked(actor.as_str()));
        Ok(Some(Observed::new(properties, found.created.as_ref()).by(found.created_by.as_deref())))
    }

    async fn list(
        cx: &Context,
        parent: &str,
        token: Option<String>,
        _: &RawProperties<'_>,
        actor: &Actor,
    ) -> Result<Page> {
        R::members(cx, parent, token, actor.as_str()).await
    }

    fn is_trace(id: &Self::Id, observed: &Observed<Self::Properties>, raw: &RawProperties<'_>) -> bool {
        let by = observed.created_by.as_deref();
        let is_creators_own = R::COMES_WITH_CREATION && may_be_creators_own(id.member().as_str(), by);
        is_by_stated_bearer(observed, raw) && !is_creators_own
    }
}

/// Whether a relation of `member` may have come with the channel. A channel's creator is its member and moderator from the start, and
/// Chime shows the creator as having made that. A cleanup leaves it alone: nothing tells it from what `member` made as a bearer.
pub fn may_be_creators_own(member: &str, created_by: Option<&str>) -> bool {
    created_by == Some(member)
}

/// Whether the template's bearer created the observed resource.
pub fn is_by_stated_bearer<P>(observed: &Observed<P>, raw: &RawProperties<'_>) -> bool {
    let bearer = raw.bearer();
    observed.created_by.is_some() && observed.created_by.as_deref() == bearer.as_ref().map(AppInstanceMemberArn::as_str)
}
