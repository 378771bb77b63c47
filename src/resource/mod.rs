//! What a resource type is, and what it is given to work with.
//!
//! Between the types, which know Chime, and the lifecycle, which knows CloudFormation: the trait of a type, its object-safe face,
//! and ownership, which both sides rely on.

pub mod context;
pub mod face;
pub mod ids;
pub mod owner;
pub mod ownership;
pub mod parent;
pub mod prelude;
pub mod schema;
pub mod tags;

use crate::chime::error::Result;
use crate::resource::context::Context;
use crate::template::properties::Properties;
use crate::template::stated::Stated;
use crate::template::tags::Tags;
use std::fmt::Display;
use std::str::FromStr;
use std::time::SystemTime;

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

    /// The physical id. Whatever does not parse as one is none of ours.
    type Id: PhysicalId;

    /// The properties, as a template states them.
    type Properties: Properties;

    /// Where the thing is that `stated` properties name; `None` where they do not say.
    fn place(cx: &Context, stated: Stated<'_>) -> Option<Place<Self::Id>>;

    /// Creates, in one Chime call where Chime allows it, and calls [`Context::claim`] as soon as Chime has said yes.
    fn create(cx: &Context, properties: &Self::Properties) -> impl Future<Output = Result<Live<Self::Id>>> + Send;

    /// Brings what exists to what is wanted, all but its tags. Without a difference it makes no changing call.
    fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> impl Future<Output = Result<Live<Self::Id>>> + Send;

    /// Deletes. An error may mean that there is nothing left to delete.
    fn delete(cx: &Context, id: &Self::Id, stated: Stated<'_>) -> impl Future<Output = Result<()>> + Send;

    /// A page of what `parent` holds of this type: the first, or the one that `token` leads to.
    fn list(
        cx: &Context,
        parent: &str,
        token: Option<String>,
        stated: Stated<'_>,
    ) -> impl Future<Output = Result<Page>> + Send;

    /// What Chime shows of the thing, beside what is `wanted` of it, all but its tags.
    fn look(
        cx: &Context,
        id: &Self::Id,
        wanted: Option<&Self::Properties>,
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
}

/// Where the owner of a thing is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// In tags of its own, set in the very call that creates it.
    OwnTags,
    /// In a tag with this key on the thing that it is a setting of.
    Mark(&'static str),
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

/// What `Fn::GetAtt` gives by one name.
#[derive(Debug)]
pub struct Attribute<Id, P> {
    /// The name.
    pub name: &'static str,
    /// What it is, for the reference.
    pub doc: &'static str,
    /// Where it comes from.
    pub value: Gives<Id, P>,
}

impl<Id, P> Attribute<Id, P> {
    /// One that the physical id says.
    pub const fn of_id(name: &'static str, doc: &'static str, value: fn(&Id) -> String) -> Self {
        Self { name, doc, value: Gives::Id(value) }
    }

    /// One that the properties say.
    pub const fn of_properties(name: &'static str, doc: &'static str, value: fn(&P) -> String) -> Self {
        Self { name, doc, value: Gives::Property(value) }
    }

    /// One that Chime alone knows.
    pub const fn told(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, value: Gives::Told }
    }
}

/// Where the value of an attribute comes from.
#[derive(Debug)]
pub enum Gives<Id, P> {
    /// From the physical id.
    Id(fn(&Id) -> String),
    /// From the properties.
    Property(fn(&P) -> String),
    /// From Chime: [`Live::told`] has it.
    Told,
}

/// A thing that exists.
#[derive(Clone, Debug)]
pub struct Live<Id> {
    /// The physical id.
    pub id: Id,
    /// The attributes that only Chime knows, by name.
    pub told: Vec<(&'static str, String)>,
}

impl<Id> Live<Id> {
    /// A thing of which the id and the properties say all.
    pub fn new(id: Id) -> Self {
        Self { id, told: Vec::new() }
    }

    /// The same, with an attribute that Chime told; empty where it told none.
    #[must_use]
    pub fn with(mut self, attribute: &'static str, value: Option<&str>) -> Self {
        self.told.push((attribute, value.unwrap_or_default().to_owned()));
        self
    }
}

/// What an update is from and to.
#[derive(Debug)]
pub struct Change<'a, P> {
    /// The properties to bring the thing to.
    pub wanted: &'a P,
    /// The properties that it has; `None` where nobody knows, and everything has to be said again.
    pub before: Option<&'a P>,
}

impl<'a, P> Change<'a, P> {
    /// Whether this part of the properties is different, or may be.
    pub fn differs<T: PartialEq>(&self, part: impl Fn(&'a P) -> T) -> bool {
        self.before.is_none_or(|before| part(before) != part(self.wanted))
    }
}

/// A page of a List.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What is on it.
    pub things: Vec<Listed>,
    /// What leads to the next; `None` on the last.
    pub next_token: Option<String>,
}

impl Page {
    /// A page with these ids and names. A List's member without an id is of no use to anybody.
    pub fn of<'a>(
        things: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>,
        next_token: Option<&str>,
    ) -> Self {
        let listed = |(id, name): (Option<&str>, Option<&str>)| {
            Some(Listed { id: id?.to_owned(), name: name.map(str::to_owned) })
        };
        let next_token = next_token.filter(|token| !token.is_empty()).map(str::to_owned);
        Self { things: things.filter_map(listed).collect(), next_token }
    }

    /// What a thing of which there is one at most comes to.
    pub fn of_one(id: Option<String>) -> Self {
        let things = id.into_iter().map(|id| Listed { id, name: None }).collect();
        Self { things, next_token: None }
    }
}

/// One thing on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its physical id.
    pub id: String,
    /// Its name, if it has one and the List says it.
    pub name: Option<String>,
}

/// What Chime shows of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it was made, if Chime says so.
    pub created: Option<SystemTime>,
    /// Whether it is as it is wanted.
    pub is_as_wanted: bool,
}

impl Seen {
    /// What a Describe shows.
    pub fn new(created: Option<&aws_smithy_types::DateTime>, is_as_wanted: bool) -> Self {
        Self { created: created.and_then(|time| SystemTime::try_from(*time).ok()), is_as_wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_from_nobody_knows_what_differs_in_everything() {
        assert!(Change { wanted: &1, before: None }.differs(|n| n));
        assert!(!Change { wanted: &1, before: Some(&1) }.differs(|n| n));
        assert!(Change { wanted: &1, before: Some(&2) }.differs(|n| n));
    }
}
