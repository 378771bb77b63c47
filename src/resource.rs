//! What a resource type is, and what it is given to work with.
//!
//! Between the types, which know Chime, and the lifecycle, which knows CloudFormation: the trait of a type, its object-safe face,
//! and ownership, which both sides rely on.

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
use crate::properties::raw::Stated;
use crate::properties::values::tags::Tags;
use crate::resource::attribute::{Attribute, Live};
use crate::resource::change::Change;
use crate::resource::context::Context;
use crate::resource::observed::Seen;
use crate::resource::ownership::owner::Noted;
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

    /// Where it is noted whose a thing of this type is.
    const NOTED: Noted;

    /// Whether the template names the thing, so that the same name may come to be another's. Otherwise Chime chooses its id.
    const IS_NAMED: bool;

    /// What the reference says of a rename beside what holds for all that the template names.
    const RENAME_NOTE: &'static str = "";

    /// Whether Chime asks who acts.
    const NEEDS_BEARER: bool = false;

    /// The physical id. Whatever does not parse as one is none of ours.
    type Id: PhysicalId;

    /// The properties, as a template states them.
    type Properties: Properties;

    /// Where the thing is that `stated` properties name; `None` where they do not say. An id that is derived from the request is that
    /// of `made_by`.
    fn place(stated: &Stated<'_>, made_by: Option<&str>) -> Option<Place<Self::Id>>;

    /// Creates, in one Chime call where Chime allows it, and calls [`Context::claim`] as soon as Chime has said yes.
    fn create(cx: &Context, properties: &Self::Properties) -> impl Future<Output = Result<Live<Self::Id>>> + Send;

    /// Brings what exists to what is wanted, all but its tags. Without a difference it makes no changing call.
    fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> impl Future<Output = Result<Live<Self::Id>>> + Send;

    /// Deletes. An error may mean that there is nothing left to delete.
    fn delete(cx: &Context, id: &Self::Id, stated: &Stated<'_>) -> impl Future<Output = Result<()>> + Send;

    /// A page of what `parent` holds of this type: the first, or the one that `token` leads to. A setting has no List.
    fn list(
        cx: &Context,
        parent: &str,
        token: Option<String>,
        stated: &Stated<'_>,
    ) -> impl Future<Output = Result<Page>> + Send {
        let _ = (cx, parent, token, stated);
        async { Ok(Page::default()) }
    }

    /// Whether the thing is there, where an API answers that for its id; `None` where only the List of its parent does.
    fn is_there(cx: &Context, id: &Self::Id, stated: &Stated<'_>) -> impl Future<Output = Result<Option<bool>>> + Send {
        let _ = (cx, id, stated);
        async { Ok(None) }
    }

    /// What Chime shows of the thing, beside what is `wanted` of it, all but its tags.
    fn look(
        cx: &Context,
        id: &Self::Id,
        wanted: Option<&Self::Properties>,
        stated: &Stated<'_>,
    ) -> impl Future<Output = Result<Seen>> + Send;

    /// The ARN of the thing whose tags note the owner.
    fn noted_at(id: &Self::Id) -> String {
        id.to_string()
    }

    /// The `Tags` that a template states.
    fn tags(_: &Self::Properties) -> Option<&Tags> {
        None
    }
}

/// A physical id: the ARN where Chime gives one, otherwise the path of the thing in the Chime REST API.
pub trait PhysicalId: FromStr + Display + PartialEq + Send + Sync + 'static {
    /// What it says of a property. It carries all that cannot change, as far as Chime lets it.
    fn property(&self, name: &str) -> Option<String>;

    /// The ARN of what holds the thing; empty for the account.
    fn parent(&self) -> String;

    /// Whether it stands for many things, which are made one after the other.
    fn is_many(&self) -> bool {
        false
    }

    /// Whether `other` cannot be made while this is there, because both are the same thing or have a part in common.
    fn is_in_the_way_of(&self, other: &Self) -> bool {
        self == other
    }
}

/// Where a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place<Id> {
    /// It is this one and no other: its id is known before Chime is asked.
    Known(Id),
    /// Chime chooses its id; it is among what the thing with this ARN holds (the account, if empty).
    In(String),
}

/// What `Fn::GetAtt` gives of a type, each name declared once.
pub type Attributes<R> = &'static [Attribute<<R as Resource>::Id, <R as Resource>::Properties>];
