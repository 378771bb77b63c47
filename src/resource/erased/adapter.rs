//! Implements the object-safe form for every [`Resource`].

use crate::chime::error::{Error, Result};
use crate::properties::differences::{Difference, Differences};
use crate::properties::problems::{ADOPT_EXISTING, Problems, shown};
use crate::properties::raw::RawProperties;
use crate::properties::values::tags::{TagChange, Tags};
use crate::properties::{self, Properties, Value};
use crate::request::request_id::RequestId;
use crate::resource::actor::Actor;
use crate::resource::attribute::{AttributeSource, Provisioned};
use crate::resource::change::Change;
use crate::resource::context::Context;
use crate::resource::erased::{Compared, Desired, DynResource, From, Outputs};
use crate::resource::observed::{Observation, Observed};
use crate::resource::ownership::tags;
use crate::resource::ownership::{Standing, Tracking};
use crate::resource::pages::Page;
use crate::resource::{Existence, Locator, PhysicalId, Resource, parent};
use futures_util::future::LocalBoxFuture;
use serde_json::Value as Json;
use std::marker::PhantomData;

/// The erased form of `R`.
#[derive(Debug)]
pub struct Erased<R>(PhantomData<fn() -> R>);

impl<R> Erased<R> {
    /// Creates it.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The properties of an `R`, and the JSON they were read from.
struct DesiredOf<'p, R: Resource> {
    stated: R::Properties,
    raw: RawProperties<'p>,
}

/// Parses an id. This is the only place that turns an id's text back into an id.
fn id<R: Resource>(text: &str) -> Result<R::Id> {
    text.parse().map_err(|_| Error::bug(format!("{text} is not a physical id of {}", R::TYPE)))
}

/// The problem with `AdoptExisting`, if any. It must be an id of this type and must not contradict the other properties.
fn adoption_problem<R: Resource>(raw: &RawProperties<'_>, stated: Option<&R::Properties>) -> Option<String> {
    let Some(adopted) = raw.adopts() else {
        return raw.has(ADOPT_EXISTING).then(|| format!("{ADOPT_EXISTING} must be text: {}", R::REF));
    };
    if !R::IS_ADOPTABLE {
        return Some(format!("{ADOPT_EXISTING} is not for {}: existing members are left as they are", R::TYPE));
    }
    let Ok(id) = adopted.parse::<R::Id>() else {
        let shown = shown(&Json::from(adopted));
        return Some(format!("{ADOPT_EXISTING} must be the Ref of an existing resource, not {shown}: {}", R::REF));
    };
    let contradictions = stated.map(|stated| contradictions::<R>(stated, &id, None)).unwrap_or_default();
    // The Ref of a found resource says that it was found. The properties do not.
    let named = id.with_standing(Standing::Made);
    let is_another = matches!(R::locate(raw, None), Some(Locator::ById(located)) if located != named);
    match (contradictions.join(" and "), is_another) {
        (names, _) if !names.is_empty() => {
            Some(format!("{ADOPT_EXISTING} must agree with {names}, but names another resource"))
        }
        (_, true) => Some(format!("{ADOPT_EXISTING} must name the same resource as the other properties")),
        _ => None,
    }
}

impl<R: Resource> DynResource for Erased<R> {
    fn type_name(&self) -> &'static str {
        R::TYPE
    }

    fn tracking(&self) -> Tracking {
        R::TRACKING
    }

    fn owner_arn(&self, id: &str) -> String {
        id.parse().map(|id| R::owner_arn(&id)).unwrap_or_default()
    }

    fn has_template_id(&self) -> bool {
        R::HAS_TEMPLATE_ID
    }

    fn is_adoptable(&self) -> bool {
        R::IS_ADOPTABLE
    }

    fn is_id(&self, text: &str) -> bool {
        text.parse::<R::Id>().is_ok()
    }

    fn locate(&self, raw: &RawProperties<'_>, made_by: Option<&RequestId>) -> Option<Locator<String>> {
        Some(match R::locate(raw, made_by)? {
            Locator::ById(id) => Locator::ById(id.to_string()),
            Locator::InParent(parent) => Locator::InParent(parent),
        })
    }

    fn needs_bearer(&self) -> bool {
        R::NEEDS_BEARER
    }

    fn existence(&self) -> Existence {
        R::EXISTENCE
    }

    fn read<'a>(&self, properties: &'a Json) -> Result<Box<dyn Desired + 'a>, Problems> {
        let raw = RawProperties::of(properties);
        let mut problems = match properties::read(properties) {
            Ok(stated) => {
                let problem = adoption_problem::<R>(&raw, Some(&stated));
                return problem
                    .map_or(Ok(Box::new(DesiredOf::<R> { stated, raw })), |problem| Err(Problems::of(problem)));
            }
            Err(problems) => problems,
        };
        problems.extend(adoption_problem::<R>(&raw, None));
        Err(problems)
    }

    fn delete<'a>(
        &'a self,
        cx: &'a Context,
        text: &'a str,
        raw: RawProperties<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move { R::delete(cx, &id::<R>(text)?, &raw, &actor).await })
    }

    fn list<'a>(
        &'a self,
        cx: &'a Context,
        parent: &'a str,
        token: Option<String>,
        raw: RawProperties<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Page>> {
        let bearer = actor.clone();
        let page = Box::pin(async move { R::list(cx, parent, token, &raw, &actor).await });
        unless_parent_is_gone(cx, page, parent.to_owned(), bearer, Page::default())
    }

    fn observe<'a>(
        &'a self,
        cx: &'a Context,
        text: &'a str,
        raw: RawProperties<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Option<Observation>>> {
        Box::pin(async move {
            let id = id::<R>(text)?;
            let observed = R::observe(cx, &id, &raw, &actor, None).await?;
            Ok(observed.map(|observed| {
                let is_trace = R::is_trace(&id, &observed, &raw);
                Observation { created: observed.created, is_trace, is_another: false, differences: Vec::new() }
            }))
        })
    }

    fn parent(&self, id: &str) -> String {
        id.parse::<R::Id>().map(|id| id.parent()).unwrap_or_default()
    }

    fn standing(&self, id: &str) -> Standing {
        id.parse::<R::Id>().map_or(Standing::Made, |id| id.standing())
    }

    fn with_standing(&self, id: &str, standing: Standing) -> String {
        id.parse::<R::Id>().map_or_else(|_| id.to_owned(), |id| id.with_standing(standing).to_string())
    }
}

/// The create-only properties among `stated` that contradict `id` or, if `id` does not contain them, the `previous`
/// properties.
fn contradictions<R: Resource>(
    stated: &R::Properties,
    id: &R::Id,
    previous: Option<&R::Properties>,
) -> Vec<&'static str> {
    let previous = previous.map(R::Properties::create_only_values);
    let contradicts = |at: usize, name: &str, stated: &Json| match id.property(name) {
        // An omitted property has the value in the id.
        Some(now) => !stated.is_null() && *stated != now,
        None => previous.as_ref().is_some_and(|previous| previous.get(at).is_some_and(|(_, value)| value != stated)),
    };
    let values = stated.create_only_values().into_iter().enumerate();
    values.filter(|(at, (name, stated))| contradicts(*at, name, stated)).map(|(_, (name, _))| name).collect()
}

impl<R: Resource> DesiredOf<'_, R> {
    fn outputs(&self, provisioned: Provisioned<R::Id>) -> Outputs {
        let value = |name: &str, source: &AttributeSource<R::Id, R::Properties>| match source {
            AttributeSource::Id(of) => Some(of(&provisioned.id)),
            AttributeSource::Properties(of) => Some(of(&self.stated)),
            AttributeSource::Chime => {
                provisioned.observed.iter().find(|(found, _)| *found == name).map(|(_, value)| value.clone())
            }
        };
        let attributes = R::ATTRIBUTES
            .iter()
            .filter_map(|attribute| Some((attribute.name, value(attribute.name, &attribute.source)?)));
        Outputs { id: provisioned.id.to_string(), attributes: attributes.collect() }
    }

    /// What Chime shows to the template's bearer.
    async fn observed(
        &self,
        cx: &Context,
        id: &R::Id,
        desired: &R::Properties,
    ) -> Result<Option<Observed<R::Properties>>> {
        R::observe(cx, id, &self.raw, &Actor::stated(&self.raw), Some(desired)).await
    }
}

impl<R: Resource> Desired for DesiredOf<'_, R> {
    fn contradictions(&self, text: &str, previous: Option<&Json>) -> Vec<&'static str> {
        let previous = previous.and_then(|previous| properties::read(previous).ok());
        text.parse().map(|id| contradictions::<R>(&self.stated, &id, previous.as_ref())).unwrap_or_default()
    }

    fn is_changed(&self, cx: &Context, previous: &Json) -> bool {
        let previous = properties::read::<R::Properties>(previous);
        !previous.is_ok_and(|previous| R::desired(cx, &previous) == R::desired(cx, &self.stated))
    }

    fn create<'a>(&'a self, cx: &'a Context) -> LocalBoxFuture<'a, Result<Outputs>> {
        Box::pin(async move { Ok(self.outputs(R::create(cx, &R::desired(cx, &self.stated)).await?)) })
    }

    fn update<'a>(&'a self, cx: &'a Context, text: &'a str, from: From<'a>) -> LocalBoxFuture<'a, Result<Outputs>> {
        let updated = Box::pin(async move {
            let (id, desired) = (id::<R>(text)?, R::desired(cx, &self.stated));
            // Properties that name another resource come from a failed replacement.
            let of_same = |json| {
                let read = properties::read::<R::Properties>(json).ok();
                read.filter(|read| contradictions::<R>(read, &id, None).is_empty())
            };
            let (previous, former) = match from {
                From::Previous(json) => (of_same(json), None),
                From::Observed { former } => (None, former.and_then(of_same)),
            };
            let (current, tags) = match &previous {
                Some(previous) => {
                    let tags = TagChange::of(R::tags(previous), R::tags(&self.stated));
                    (Some(R::desired(cx, previous)), PendingTags::Change(tags))
                }
                None => {
                    let mut observed = self.observed(cx, &id, &desired).await?;
                    if let (Some(observed), Some(former)) = (&mut observed, &former) {
                        R::include_former(&mut observed.properties, &R::desired(cx, former), &desired);
                    }
                    let former = former.as_ref().and_then(|former| R::tags(former)).cloned();
                    let tags = PendingTags::Reconcile { desired: R::tags(&self.stated), former };
                    (observed.map(|observed| observed.properties), tags)
                }
            };
            let change = Change { desired: &desired, current: current.as_ref() };
            Ok((self.outputs(R::update(cx, &id, &change).await?), tags))
        });
        then_update_tags(cx, text, updated)
    }

    fn observe<'a>(
        &'a self,
        cx: &'a Context,
        text: &'a str,
        compared: Compared,
    ) -> LocalBoxFuture<'a, Result<Option<Observation>>> {
        let observed = Box::pin(async move {
            let (id, desired) = (id::<R>(text)?, R::desired(cx, &self.stated));
            let Some(observed) = self.observed(cx, &id, &desired).await? else { return Ok(None) };
            let is_trace = R::is_trace(&id, &observed, &self.raw);
            let differences = properties::differences(&observed.properties, &desired);
            let is_another = differences.iter().any(|difference| is_create_only::<R>(difference));
            Ok(Some(Observation { created: observed.created, is_trace, is_another, differences }))
        });
        let tags = R::tags(&self.stated).filter(|_| compared == Compared::PropertiesAndTags);
        then_compare_tags(cx, text, tags, observed)
    }
}

/// Whether a difference is in a create-only property.
fn is_create_only<R: Resource>(difference: &Difference) -> bool {
    let name = difference.path.split(['.', '[']).next().unwrap_or_default();
    R::Properties::create_only().contains(&name)
}

// The rest does not depend on the type, so it is compiled once.

/// Awaits `call`, which is about something in `parent`. Returns `nothing` if Chime rejects it because the parent no
/// longer exists.
fn unless_parent_is_gone<'a, T: 'a>(
    cx: &'a Context,
    call: LocalBoxFuture<'a, Result<T>>,
    parent: String,
    bearer: Actor,
    nothing: T,
) -> LocalBoxFuture<'a, Result<T>> {
    Box::pin(async move {
        match call.await {
            Err(error) if error.could_be_not_found() && !parent.is_empty() => {
                if parent::is_there(cx, &parent, bearer.as_str()).await? { Err(error) } else { Ok(nothing) }
            }
            result => result,
        }
    })
}

/// The tag changes that remain after an update.
enum PendingTags<'a> {
    /// This change.
    Change(TagChange),
    /// Add those of the desired tags that Chime does not show, and remove the former ones that it does.
    Reconcile {
        /// The template's tags.
        desired: Option<&'a Tags>,
        /// The previous template's tags, if they are to be removed.
        former: Option<Tags>,
    },
}

/// Awaits an update and then updates the tags.
fn then_update_tags<'a>(
    cx: &'a Context,
    id: &'a str,
    updated: LocalBoxFuture<'a, Result<(Outputs, PendingTags<'a>)>>,
) -> LocalBoxFuture<'a, Result<Outputs>> {
    Box::pin(async move {
        let (outputs, tags) = updated.await?;
        let change = match tags {
            PendingTags::Change(change) => change,
            PendingTags::Reconcile { desired: None, former: None } => TagChange::default(),
            PendingTags::Reconcile { desired, former } => {
                TagChange::from_observed(&Tags::observed(tags::read(cx, id).await?), desired, former.as_ref())
            }
        };
        tags::apply(cx, id, change).await?;
        Ok(outputs)
    })
}

/// Awaits an observation and compares the tags as well. Reading the tags takes another call, so it is skipped if there
/// already is a difference.
fn then_compare_tags<'a>(
    cx: &'a Context,
    id: &'a str,
    desired: Option<&'a Tags>,
    observed: LocalBoxFuture<'a, Result<Option<Observation>>>,
) -> LocalBoxFuture<'a, Result<Option<Observation>>> {
    Box::pin(async move {
        match (observed.await?, desired) {
            (Some(observation), Some(desired)) if observation.differences.is_empty() => {
                let current = Tags::observed(tags::read(cx, id).await?);
                let mut differences = Differences::default();
                differences.within("Tags", |differences| Tags::compare(&current, desired, differences));
                Ok(Some(Observation { differences: differences.into_vec(), ..observation }))
            }
            (observation, _) => Ok(observation),
        }
    })
}
