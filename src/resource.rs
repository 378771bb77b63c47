//! Defines what a resource type is and what its implementation works with.
//!
//! This module sits between the types, which know Chime, and the lifecycle, which knows CloudFormation. It contains the
//! trait of a type, its object-safe form, and ownership, which both sides use.

pub mod actor;
pub mod attribute;
pub mod bearer;
pub mod change;
pub mod context;
pub mod erased;
pub mod ids;
pub mod memberships;
pub mod observed;
pub mod ownership;
pub mod pages;
pub mod parent;
pub mod prelude;
pub mod readable;
pub mod relations;
pub mod schema;
pub mod sdk_types;
pub mod untracked_id;

use crate::chime::error::Result;
use crate::properties::Properties;
use crate::properties::raw::RawProperties;
use crate::properties::values::tags::Tags;
use crate::request::request_id::RequestId;
use crate::resource::actor::Actor;
use crate::resource::attribute::{Attribute, Provisioned};
use crate::resource::change::Change;
use crate::resource::context::Context;
use crate::resource::observed::Observed;
use crate::resource::ownership::{Standing, Tracking};
use crate::resource::pages::Page;
use std::fmt::Display;
use std::str::FromStr;

/// A `Custom::…` type. An implementation defines the Chime calls, and the lifecycle decides when to make them.
pub trait Resource: Sized + 'static {
    /// The type's name, without the leading `Custom::`.
    const TYPE: &'static str;

    /// What `Ref` returns.
    const REF: &'static str;

    /// What `Fn::GetAtt` returns. An update returns the same attributes as a create.
    const ATTRIBUTES: Attributes<Self>;

    /// Where the owner of a resource of this type is recorded.
    const TRACKING: Tracking;

    /// Whether the template determines the resource's id, so that another resource may use the same id later. Otherwise
    /// Chime chooses the id.
    const HAS_TEMPLATE_ID: bool;

    /// The properties that together identify the resource in Chime: two resources of a stack with the same values are one resource in
    /// Chime. Empty if Chime chooses the id, or if several resources may have the same values.
    const IDENTIFIERS: &'static [&'static str] = &[];

    /// The property that names the user or bot to whom the resource gives the rights that a bearer needs: in what the other
    /// [`IDENTIFIERS`](Self::IDENTIFIERS) name, or in the whole app instance if there are no others.
    const AUTHORIZES: Option<&'static str> = None;

    /// For a resource that states several of another type: that type, and the property that lists them.
    const LISTS: Option<(&'static str, &'static str)> = None;

    /// A note for the reference about renaming, in addition to the general text for types with a template id.
    const RENAME_NOTE: &'static str = "";

    /// A note for the reference about what is compared on adoption, in addition to the general text.
    const ADOPTION_NOTE: &'static str = "";

    /// Whether Chime requires a bearer.
    const NEEDS_BEARER: bool = false;

    /// Whether AdoptExisting can take over a resource of this type.
    const IS_ADOPTABLE: bool = true;

    /// What tells whether a resource of this type exists.
    const EXISTENCE: Existence = Existence::List;

    /// The physical id. An id that does not parse belongs to another type or provider.
    type Id: PhysicalId;

    /// The properties, as in a template.
    type Properties: Properties;

    /// Where the resource is that the properties name, or `None` if they do not say. `made_by` is the request from
    /// which an id may be derived.
    fn locate(raw: &RawProperties<'_>, made_by: Option<&RequestId>) -> Option<Locator<Self::Id>>;

    /// The properties with request-specific defaults: what Chime should show.
    fn desired(cx: &Context, stated: &Self::Properties) -> Self::Properties {
        let _ = cx;
        stated.clone()
    }

    /// Creates the resource, in one Chime call if possible. Calls [`Context::claim`] as soon as Chime has confirmed the
    /// creation.
    fn create(cx: &Context, desired: &Self::Properties) -> impl Future<Output = Result<Provisioned<Self::Id>>>;

    /// Updates the existing resource to the desired properties, except for its tags. Without a difference, it makes no
    /// changing call.
    fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> impl Future<Output = Result<Provisioned<Self::Id>>>;

    /// Deletes the resource. An error may mean that it no longer exists.
    fn delete(cx: &Context, id: &Self::Id, raw: &RawProperties<'_>, actor: &Actor) -> impl Future<Output = Result<()>>;

    /// What Chime shows of the resource, in terms of its properties, except for its tags. `None` if Chime shows that it
    /// does not exist. Values that Chime does not show are taken from `stated`, if known.
    fn observe(
        cx: &Context,
        id: &Self::Id,
        raw: &RawProperties<'_>,
        actor: &Actor,
        stated: Option<&Self::Properties>,
    ) -> impl Future<Output = Result<Option<Observed<Self::Properties>>>>;

    /// A page of `parent`'s resources of this type: the first page, or the one for `token`. Empty if there is no List.
    fn list(
        cx: &Context,
        parent: &str,
        token: Option<String>,
        raw: &RawProperties<'_>,
        actor: &Actor,
    ) -> impl Future<Output = Result<Page>> {
        let _ = (cx, parent, token, raw, actor);
        async { Ok(Page::default()) }
    }

    /// Whether a create with these properties may have produced the observed resource. Used only if no owner is
    /// recorded.
    fn is_trace(id: &Self::Id, observed: &Observed<Self::Properties>, raw: &RawProperties<'_>) -> bool {
        let _ = (id, observed, raw);
        false
    }

    /// Uses the former properties to correct what was observed. A Resync needs this: an observation may show only what is desired, and it
    /// may not show yet what a request did a moment ago.
    fn include_former(observed: &mut Self::Properties, former: &Self::Properties, desired: &Self::Properties) {
        observed.keep_former(former, desired);
    }

    /// The ARN of the resource whose tags record the owner.
    fn owner_arn(id: &Self::Id) -> String {
        id.to_string()
    }

    /// The template's `Tags`.
    fn tags(_: &Self::Properties) -> Option<&Tags> {
        None
    }
}

/// A physical id: the ARN if Chime has one, otherwise the resource's path in the Chime REST API.
pub trait PhysicalId: FromStr + Display + PartialEq + Send + Sync + 'static {
    /// The value of a property, if the id contains it. The id contains all create-only properties, as far as Chime
    /// allows it.
    fn property(&self, name: &str) -> Option<String>;

    /// The ARN of the parent. Empty if the parent is the account.
    fn parent(&self) -> String;

    /// Whether the resource existed before the stack. Only the ids of untracked resources say so.
    fn standing(&self) -> Standing {
        Standing::Made
    }

    /// The id with this standing. Ids that contain no standing are returned unchanged.
    #[must_use]
    fn with_standing(self, standing: Standing) -> Self {
        let _ = standing;
        self
    }
}

/// Where a resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locator<Id> {
    /// Its id is known before Chime is called.
    ById(Id),
    /// Chime chooses its id. It is one of the resources of the parent with this ARN, or of the account if the ARN is
    /// empty.
    InParent(String),
}

/// How to find out whether a resource exists if a call for its id is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// By its parent's List.
    List,
    /// By the Describe call or its 404, which Chime's models declare. After any other error, by the List.
    ObservationOrList,
    /// By the Describe call alone, because no List contains it.
    Observation,
}

/// The attributes of a type for `Fn::GetAtt`. Each name is declared once.
pub type Attributes<R> = &'static [Attribute<<R as Resource>::Id, <R as Resource>::Properties>];
