//! A type as the lifecycle sees it: the object-safe face of a [`Resource`], so that the lifecycle is compiled once and not once
//! for each type.

use crate::chime::error::{Error, Result};
use crate::properties::problems::Problems;
use crate::properties::raw::Stated;
use crate::properties::values::tags::{TagChange, Tags};
use crate::properties::{self, Properties};
use crate::resource::attribute::{Gives, Live};
use crate::resource::change::Change;
use crate::resource::context::Context;
use crate::resource::observed::Seen;
use crate::resource::ownership::owner::Noted;
use crate::resource::ownership::tags;
use crate::resource::pages::Page;
use crate::resource::parent;
use crate::resource::{PhysicalId, Place, Resource};
use serde_json::Value as Json;
use std::marker::PhantomData;
use std::pin::Pin;

/// Something under way.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A thing that exists: what `Ref` and `Fn::GetAtt` give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The physical id.
    pub id: String,
    /// The attributes, all of them, after an update as after a create.
    pub attributes: Vec<(&'static str, String)>,
}

/// A type. Ids are texts here; those that a type does not know are errors.
pub trait Face: Sync {
    /// The type's name, without the leading `Custom::`.
    fn type_name(&self) -> &'static str;

    /// Where it is noted whose a thing is.
    fn noted(&self) -> Noted;

    /// The ARN of the thing whose tags note the owner of `id`.
    fn noted_at(&self, id: &str) -> String;

    /// See [`Resource::IS_NAMED`].
    fn is_named(&self) -> bool;

    /// Whether `text` is a physical id of this type.
    fn is_id(&self, text: &str) -> bool;

    /// Where the thing is that the properties name.
    fn place(&self, stated: &Stated<'_>, made_by: Option<&str>) -> Option<Place<String>>;

    /// See [`Resource::NEEDS_BEARER`].
    fn needs_bearer(&self) -> bool;

    /// Reads properties as the template's author wrote them.
    ///
    /// # Errors
    /// All that is wrong with them.
    fn read<'a>(&self, properties: &'a Json) -> Result<Box<dyn Wanted + 'a>, Problems>;

    /// See [`Resource::delete`].
    fn delete<'a>(&'a self, cx: &'a Context, id: &'a str, stated: Stated<'a>) -> Task<'a, ()>;

    /// See [`Resource::list`]. A parent that is gone holds nothing.
    fn list<'a>(
        &'a self,
        cx: &'a Context,
        parent: &'a str,
        token: Option<String>,
        stated: Stated<'a>,
    ) -> Task<'a, Page>;

    /// See [`Resource::is_there`].
    fn is_there<'a>(&'a self, cx: &'a Context, id: &'a str, stated: Stated<'a>) -> Task<'a, Option<bool>>;

    /// What Chime shows of the thing `id`.
    fn look<'a>(&'a self, cx: &'a Context, id: &'a str, stated: Stated<'a>) -> Task<'a, Seen>;

    /// The ARN of what holds `id`; empty for the account.
    fn parent(&self, id: &str) -> String;

    /// See [`PhysicalId::is_many`].
    fn is_many(&self, id: &str) -> bool;

    /// See [`PhysicalId::is_in_the_way_of`].
    fn is_in_the_way_of(&self, id: &str, other: &str) -> bool;
}

/// Properties that are right, of whichever type.
pub trait Wanted: Send + Sync {
    /// Whether they name another thing than `id`: by what the id says, or else by what the properties before said.
    fn replaces(&self, id: &str, before: Option<&Json>) -> bool;

    /// See [`Resource::create`].
    fn create<'a>(&'a self, cx: &'a Context) -> Task<'a, Answered>;

    /// See [`Resource::update`]; the tags are brought along. Properties before that cannot be read, or that name another thing, say
    /// nothing about this one.
    fn update<'a>(&'a self, cx: &'a Context, id: &'a str, before: Option<&'a Json>) -> Task<'a, Answered>;

    /// What Chime shows of the thing `id`, and whether it is as these properties want it, tags included.
    fn look<'a>(&'a self, cx: &'a Context, id: &'a str) -> Task<'a, Seen>;
}

/// The face of `R`.
#[derive(Debug)]
pub struct FaceOf<R>(PhantomData<fn() -> R>);

impl<R> FaceOf<R> {
    /// The face.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The properties of an `R`, and what they were read from.
struct WantedOf<'p, R: Resource> {
    properties: R::Properties,
    stated: Stated<'p>,
}

/// The one place where an id's text becomes an id again.
fn id<R: Resource>(text: &str) -> Result<R::Id> {
    text.parse().map_err(|_| Error::bug(format!("{text} is not an id of a {}", R::TYPE)))
}

impl<R: Resource> Face for FaceOf<R> {
    fn type_name(&self) -> &'static str {
        R::TYPE
    }

    fn noted(&self) -> Noted {
        R::NOTED
    }

    fn noted_at(&self, id: &str) -> String {
        id.parse().map(|id| R::noted_at(&id)).unwrap_or_default()
    }

    fn is_named(&self) -> bool {
        R::IS_NAMED
    }

    fn is_id(&self, text: &str) -> bool {
        text.parse::<R::Id>().is_ok()
    }

    fn place(&self, stated: &Stated<'_>, made_by: Option<&str>) -> Option<Place<String>> {
        Some(match R::place(stated, made_by)? {
            Place::Known(id) => Place::Known(id.to_string()),
            Place::In(parent) => Place::In(parent),
        })
    }

    fn needs_bearer(&self) -> bool {
        R::NEEDS_BEARER
    }

    fn read<'a>(&self, properties: &'a Json) -> Result<Box<dyn Wanted + 'a>, Problems> {
        let stated = Stated::of(properties);
        Ok(Box::new(WantedOf::<R> { properties: properties::read(properties)?, stated }))
    }

    fn delete<'a>(&'a self, cx: &'a Context, text: &'a str, stated: Stated<'a>) -> Task<'a, ()> {
        Box::pin(async move { R::delete(cx, &id::<R>(text)?, &stated).await })
    }

    fn list<'a>(
        &'a self,
        cx: &'a Context,
        parent: &'a str,
        token: Option<String>,
        stated: Stated<'a>,
    ) -> Task<'a, Page> {
        let bearer = stated.bearer();
        let listed = Box::pin(async move { R::list(cx, parent, token, &stated).await });
        unless_gone(cx, listed, parent.to_owned(), bearer, Page::default())
    }

    fn is_there<'a>(&'a self, cx: &'a Context, text: &'a str, stated: Stated<'a>) -> Task<'a, Option<bool>> {
        let bearer = stated.bearer();
        let answered = Box::pin(async move { R::is_there(cx, &id::<R>(text)?, &stated).await });
        unless_gone(cx, answered, self.parent(text), bearer, Some(false))
    }

    fn look<'a>(&'a self, cx: &'a Context, text: &'a str, stated: Stated<'a>) -> Task<'a, Seen> {
        Box::pin(async move { R::look(cx, &id::<R>(text)?, None, &stated).await })
    }

    fn parent(&self, id: &str) -> String {
        id.parse::<R::Id>().map(|id| id.parent()).unwrap_or_default()
    }

    fn is_many(&self, id: &str) -> bool {
        id.parse::<R::Id>().is_ok_and(|id| id.is_many())
    }

    fn is_in_the_way_of(&self, id: &str, other: &str) -> bool {
        id.parse::<R::Id>().is_ok_and(|id| other.parse().is_ok_and(|other| id.is_in_the_way_of(&other)))
    }
}

/// Whether `wanted` properties are of another thing than `id`, by what the id says, or else by what the properties `before` said.
fn replaces<R: Resource>(wanted: &R::Properties, id: &R::Id, before: Option<&R::Properties>) -> bool {
    let before = before.map(R::Properties::fixed);
    wanted.fixed().into_iter().enumerate().any(|(at, (name, wanted))| match id.property(name) {
        // What may be left out is as the id says.
        Some(now) => wanted.is_some_and(|wanted| wanted != now),
        None => before.as_ref().is_some_and(|before| before.get(at).is_some_and(|(_, before)| *before != wanted)),
    })
}

impl<R: Resource> WantedOf<'_, R> {
    fn answered(&self, live: Live<R::Id>) -> Answered {
        let value = |name: &str, gives: &Gives<R::Id, R::Properties>| match gives {
            Gives::Id(of) => Some(of(&live.id)),
            Gives::IdOfSome(of) => of(&live.id),
            Gives::Property(of) => Some(of(&self.properties)),
            Gives::Told => live.told.iter().find(|(told, _)| *told == name).map(|(_, value)| value.clone()),
        };
        let attributes = R::ATTRIBUTES
            .iter()
            .filter_map(|attribute| Some((attribute.name, value(attribute.name, &attribute.value)?)));
        Answered { id: live.id.to_string(), attributes: attributes.collect() }
    }
}

impl<R: Resource> Wanted for WantedOf<'_, R> {
    fn replaces(&self, text: &str, before: Option<&Json>) -> bool {
        let before = before.and_then(|before| properties::read(before).ok());
        text.parse().is_ok_and(|id| replaces::<R>(&self.properties, &id, before.as_ref()))
    }

    fn create<'a>(&'a self, cx: &'a Context) -> Task<'a, Answered> {
        Box::pin(async move { Ok(self.answered(R::create(cx, &self.properties).await?)) })
    }

    fn update<'a>(&'a self, cx: &'a Context, text: &'a str, before: Option<&'a Json>) -> Task<'a, Answered> {
        let updated = Box::pin(async move {
            let id = id::<R>(text)?;
            let before = before.and_then(|before| properties::read::<R::Properties>(before).ok());
            // Old properties that name another thing are those of a replacement that failed.
            let before = before.filter(|before| !replaces::<R>(before, &id, None));
            let change = Change { wanted: &self.properties, before: before.as_ref() };
            let live = R::update(cx, &id, &change).await?;
            let tags = TagChange::of(change.before.and_then(R::tags), R::tags(&self.properties));
            Ok((self.answered(live), tags))
        });
        with_its_tags(cx, text, updated)
    }

    fn look<'a>(&'a self, cx: &'a Context, text: &'a str) -> Task<'a, Seen> {
        let looked = Box::pin(async move { R::look(cx, &id::<R>(text)?, Some(&self.properties), &self.stated).await });
        beside_its_tags(cx, text, R::tags(&self.properties), looked)
    }
}

// What follows is no matter of the type, and so compiled once.

/// What was `asked` of something in `parent`; `nothing` where Chime refuses because the parent is gone.
fn unless_gone<'a, T: Send + 'a>(
    cx: &'a Context,
    asked: Task<'a, T>,
    parent: String,
    bearer: String,
    nothing: T,
) -> Task<'a, T> {
    Box::pin(async move {
        match asked.await {
            Err(error) if error.may_mean_missing() && !parent.is_empty() => {
                if parent::is_there(cx, &parent, &bearer).await? { Err(error) } else { Ok(nothing) }
            }
            answered => answered,
        }
    })
}

/// What was `updated`, once its tags are brought along.
fn with_its_tags<'a>(cx: &'a Context, id: &'a str, updated: Task<'a, (Answered, TagChange)>) -> Task<'a, Answered> {
    Box::pin(async move {
        let (answered, tags) = updated.await?;
        tags::apply(cx, id, tags).await?;
        Ok(answered)
    })
}

/// What was seen of a thing, beside the tags that are `wanted` of it as well.
fn beside_its_tags<'a>(
    cx: &'a Context,
    id: &'a str,
    wanted: Option<&'a Tags>,
    looked: Task<'a, Seen>,
) -> Task<'a, Seen> {
    Box::pin(async move {
        let seen = looked.await?;
        match wanted {
            Some(wanted) if seen.is_as_wanted => {
                let held = tags::read(cx, id).await?;
                let holds = |(key, value): (&str, &str)| held.iter().any(|(k, v)| k == key && v == value);
                Ok(Seen { is_as_wanted: Tags::iter(wanted).all(holds), ..seen })
            }
            _ => Ok(seen),
        }
    })
}
