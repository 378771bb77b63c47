//! What a resource type is, and what it is given to work with.
//!
//! Between the types, which know Chime, and the lifecycle, which knows CloudFormation: the trait of a type, its erased form,
//! and ownership, which both sides rely on.

pub mod actor;
pub mod attribute;
pub mod bearer;
pub mod change;
pub mod context;
pub mod erased;
pub mod ids;
pub mod observed;
pub mod ownership;
pub mod pages;
pub mod parent;
pub mod prelude;
pub mod relations;
pub mod schema;
pub mod sdk_types;

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
use crate::resource::ownership::owner::Tracking;
use crate::resource::pages::Page;
use std::fmt::Display;
use std::str::FromStr;

/// One `Custom::…` type. An implementation says what Chime needs; the lifecycle decides when.
pub trait Resource: Sized + 'static {
    /// The type's name, without the leading `Custom::`.
    const TYPE: &'static str;

    /// What `Ref` gives.
    const REF: &'static str;

    /// What `Fn::GetAtt` gives, after an update as after a create.
    const ATTRIBUTES: Attributes<Self>;

    /// Where the owner of a resource of this type is noted.
    const TRACKING: Tracking;

    /// Whether the template names the resource, so that the same name may come to be another's. Otherwise Chime chooses its id.
    const HAS_TEMPLATE_ID: bool;

    /// What the reference says of a rename beside what holds for all that the template names.
    const RENAME_NOTE: &'static str = "";

    /// Whether Chime asks who acts.
    const NEEDS_BEARER: bool = false;

    /// What tells whether a resource of this type exists.
    const EXISTENCE: Existence = Existence::List;

    /// The physical id. Whatever does not parse as one is none of ours.
    type Id: PhysicalId;

    /// The properties, as a template states them.
    type Properties: Properties;

    /// Where the resource is that the properties name; `None` where they do not say. An id that is derived from the request is that
    /// of `made_by`.
    fn locate(raw: &RawProperties<'_>, made_by: Option<&RequestId>) -> Option<Locator<Self::Id>>;

    /// The properties with the defaults that depend on the request: what Chime is to show.
    fn desired(cx: &Context, stated: &Self::Properties) -> Self::Properties {
        let _ = cx;
        stated.clone()
    }

    /// Creates, in one Chime call where Chime allows it, and calls [`Context::claim`] as soon as Chime has said yes.
    fn create(cx: &Context, desired: &Self::Properties) -> impl Future<Output = Result<Provisioned<Self::Id>>>;

    /// Brings what exists to what is desired, all but its tags. Without a difference it makes no changing call.
    fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> impl Future<Output = Result<Provisioned<Self::Id>>>;

    /// Deletes. An error may mean that there is nothing left to delete.
    fn delete(cx: &Context, id: &Self::Id, raw: &RawProperties<'_>, actor: &Actor) -> impl Future<Output = Result<()>>;

    /// What Chime shows of the resource in the words of its properties, all but its tags; `None` where Chime shows that there is none. What
    /// Chime does not show is as in `stated`, if that is known.
    fn observe(
        cx: &Context,
        id: &Self::Id,
        raw: &RawProperties<'_>,
        actor: &Actor,
        stated: Option<&Self::Properties>,
    ) -> impl Future<Output = Result<Option<Observed<Self::Properties>>>>;

    /// A page of what `parent` holds of this type: the first, or the one that `token` leads to. A setting has no List.
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

    /// Whether what is observed is the trace of a create with these properties. Asked where no owner is noted.
    fn is_trace(id: &Self::Id, observed: &Observed<Self::Properties>, raw: &RawProperties<'_>) -> bool {
        let _ = (id, observed, raw);
        false
    }

    /// The ARN of the resource whose tags note the owner.
    fn owner_arn(id: &Self::Id) -> String {
        id.to_string()
    }

    /// The `Tags` that a template states.
    fn tags(_: &Self::Properties) -> Option<&Tags> {
        None
    }
}

/// A physical id: the ARN where Chime gives one, otherwise the path of the resource in the Chime REST API.
pub trait PhysicalId: FromStr + Display + PartialEq + Send + Sync + 'static {
    /// What it says of a property. It carries all that cannot change, as far as Chime lets it.
    fn property(&self, name: &str) -> Option<String>;

    /// The ARN of what holds the resource; empty for the account.
    fn parent(&self) -> String;
}

/// Where a resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locator<Id> {
    /// It is this one and no other: its id is known before Chime is asked.
    ById(Id),
    /// Chime chooses its id; it is among what the resource with this ARN holds (the account, if empty).
    InParent(String),
}

/// What tells whether a resource exists, when Chime refuses to say so of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// The List of its parent.
    List,
    /// What Chime shows of it, or its 404, which Chime's models declare; and the List after any other refusal.
    ObservationOrList,
    /// What Chime shows of it: a setting has no List.
    Observation,
}

/// What `Fn::GetAtt` gives of a type, each name declared once.
pub type Attributes<R> = &'static [Attribute<<R as Resource>::Id, <R as Resource>::Properties>];
