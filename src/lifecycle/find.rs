//! Searches for a resource whose id is unknown, and checks whether one with a known id exists.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::search::Depth;
use crate::properties::raw::RawProperties;
use crate::properties::values::text::Text;
use crate::request::cause::Cause;
use crate::request::clock::Sequence;
use crate::resource::actor::Actor;
use crate::resource::bearer::as_any_actor;
use crate::resource::erased::{Compared, Desired};
use crate::resource::observed::Observation;
use crate::resource::ownership::store::read_ownership;
use crate::resource::ownership::{Handover, Ownership, Tracking};
use crate::resource::pages::{Page, holds, pages};
use crate::resource::{Existence, Locator, parent};
use futures_util::TryStreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value as Json;
use std::pin::pin;

/// How many resources of another name a thorough search reads the tags of. An app instance may hold thousands of channels.
const MOST_OTHERS: usize = 100;

/// What to look for among the resources of a parent.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// The properties that the resource was created with.
    pub properties: &'a Json,
    /// The request that created it; `None` means any request of this logical resource.
    pub made_by: Option<&'a Cause>,
    /// Ids to skip.
    pub except: &'a [String],
    /// How recently it has to have been created.
    pub recency: Recency,
}

/// How recently a resource has to have been created.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Recency {
    /// At any time.
    Any,
    /// By a create that CloudFormation may not have had an answer to.
    Unanswered,
}

/// The outcome of a search.
#[derive(Debug)]
pub enum Finding {
    /// This resource matches.
    Resource(String),
    /// No resource matches, and every likely candidate could be read.
    Nothing,
    /// No readable resource matches, and at least one likely candidate could not be read.
    Unreadable(Error),
}

impl Operation<'_> {
    /// Searches the resources of `parent` once, page by page, and stops at the first match. It reads the tags of resources with a
    /// similar name; a thorough search also reads those of the first hundred others.
    ///
    /// # Errors
    /// Those of the List, and of ListTagsForResource where IAM denies it.
    pub async fn search(&self, parent: &str, search: Search<'_>, depth: Depth) -> Result<Finding> {
        let raw = RawProperties::of(search.properties);
        let name: Option<String> = raw.get::<Text<0, 256>>("Name").map(|name| name.as_str().to_owned());
        let name = name.unwrap_or_else(|| self.cx.default_name().to_owned());
        let mut unreadable = None;
        let mut others = 0;
        let mut pages = pin!(pages(|token| -> LocalBoxFuture<'_, _> { Box::pin(self.page(parent, token, raw)) }));
        while let Some(page) = pages.try_next().await? {
            for listed in page.items {
                // A resource without a name may match: Chime may not list the name it was given.
                let is_likely = listed.name.as_deref().is_none_or(|found| is_alike(found, &name));
                let is_asked = is_likely || depth == Depth::Thorough && others < MOST_OTHERS;
                if search.except.contains(&listed.id) || !is_asked {
                    continue;
                }
                others += usize::from(!is_likely);
                match self.is_sought(&listed.id, &search, raw).await {
                    Ok(true) => return Ok(Finding::Resource(listed.id)),
                    Ok(false) => {}
                    Err(error) if error.could_be_not_found() => {
                        unreadable = unreadable.or(Some(error).filter(|_| is_likely));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(unreadable.map_or(Finding::Nothing, Finding::Unreadable))
    }

    /// Whether `id` matches the search, by its tags or, if untracked, by its creation time and creator.
    async fn is_sought(&self, id: &str, search: &Search<'_>, raw: RawProperties<'_>) -> Result<bool> {
        if self.resource.tracking() == Tracking::Untracked {
            return Ok(self.observe_as(id, raw).await?.is_some_and(|observation| {
                let is_recent = match (search.recency, search.made_by) {
                    (Recency::Any, _) => true,
                    (Recency::Unanswered, Some(cause)) => self.is_made_by(cause, &observation),
                    (Recency::Unanswered, None) => self.is_unanswered(&observation),
                };
                observation.is_trace && is_recent
            }));
        }
        let Ownership::Ours { cause, handover, .. } = read_ownership(self.cx, self.resource, id).await? else {
            return Ok(false);
        };
        Ok(match (search.made_by, search.recency, self.cx.clock().sequence(cause.sent)) {
            (Some(made_by), ..) => made_by.request.is_noted_as(&cause.request),
            (None, Recency::Any, _) => true,
            // The search is on behalf of an id that CloudFormation made up. That id does not stand for what a later request created, nor for
            // what a request created that was answered long ago, nor for what an Update of that very id created in its place.
            (None, Recency::Unanswered, Sequence::Later | Sequence::Earlier) => false,
            (None, Recency::Unanswered, Sequence::Recent | Sequence::Unknown) => handover != Handover::Placeholder,
        })
    }

    /// What Chime shows of the resource `id`. Tries every identity that may see it.
    ///
    /// # Errors
    /// Those of the Describe.
    pub async fn observe_as(&self, id: &str, raw: RawProperties<'_>) -> Result<Option<Observation>> {
        let observe = |actor: Actor| self.resource.observe(self.cx, id, raw, actor);
        as_any_actor(self.cx, self.resource, id, &raw, observe).await
    }

    /// Whether an untracked resource may stem from a create that CloudFormation has had no answer to, by its creation time.
    pub fn is_unanswered(&self, observation: &Observation) -> bool {
        observation.created.is_some_and(|created| self.cx.clock().may_be_abandoned(created))
    }

    /// Whether an untracked resource was created while the request `cause` may have been running, and this process knows of no later
    /// create of the logical resource.
    pub fn is_made_by(&self, cause: &Cause, observation: &Observation) -> bool {
        let clock = self.cx.clock();
        let is_of_its_run = observation.created.is_some_and(|created| clock.is_of_the_run_of(cause.sent, created));
        is_of_its_run && !self.history.has_created_since(self.request, cause)
    }

    /// The resource that this logical resource created earlier with these properties, if it gets a new id each time. Somebody may have renamed
    /// it since.
    ///
    /// # Errors
    /// Those of [`find_own`](Self::find_own).
    pub async fn find_former(&self, desired: &dyn Desired, given: &str, old: &Json) -> Result<Option<String>> {
        self.find_own(desired, given, old, Recency::Any, Depth::Thorough).await
    }

    /// Searches for a resource that this logical resource created, if it gets a new id each time. It has another id than `given`, the `old`
    /// properties do not adopt it, and its create-only properties are as stated.
    ///
    /// # Errors
    /// Those of the search and of the Describe, and that of a likely candidate whose owner cannot be read.
    pub async fn find_own(
        &self,
        desired: &dyn Desired,
        given: &str,
        old: &Json,
        recency: Recency,
        depth: Depth,
    ) -> Result<Option<String>> {
        let Some(Locator::InParent(parent)) = self.resource.locate(&self.raw(), None) else { return Ok(None) };
        let mut except: Vec<_> = RawProperties::of(old).adopts().into_iter().chain([given.to_owned()]).collect();
        let properties = &self.request.properties;
        let window = self.consistency_window();
        poll(self.time_scale(), async || {
            let search = Search { properties, made_by: None, except: &except, recency };
            match self.search(&parent, search, depth).await? {
                Finding::Resource(id) => {
                    let observation = desired.observe(self.cx, &id, Compared::Properties).await?;
                    if observation.is_some_and(|observation| observation.is_another) {
                        except.push(id);
                        return Ok(Poll::Now);
                    }
                    Ok(Poll::Ready(Some(id)))
                }
                Finding::Nothing => Ok(Poll::Ready(None)),
                Finding::Unreadable(_) if window.is_open() => Ok(Poll::Again(window)),
                Finding::Unreadable(error) => Err(error.with_advice(
                    "A resource that may be this one already exists, but its owner cannot be read: resolve that first.",
                )),
            }
        })
        .await
    }

    async fn page(&self, parent: &str, token: Option<String>, raw: RawProperties<'_>) -> Result<Page> {
        let list = |actor: Actor| self.resource.list(self.cx, parent, token.clone(), raw, actor);
        as_any_actor(self.cx, self.resource, parent, &raw, list).await
    }

    /// Whether `id` exists, by its Describe or by the List of its parent. Chime refuses calls for missing and for forbidden resources
    /// alike, so a refusal needs this second opinion.
    ///
    /// # Errors
    /// Those of the Describe and of the List.
    pub async fn exists(&self, id: &str) -> Result<bool> {
        let (raw, parent) = (self.raw(), self.resource.parent(id));
        let existence = self.resource.existence();
        if existence != Existence::List {
            match self.observe_as(id, raw).await {
                Ok(observation) => return Ok(observation.is_some()),
                Err(error) if !error.could_be_not_found() => return Err(error),
                Err(error) if existence == Existence::ObservationOrList && error.kind() == Kind::NotFound => {
                    return Ok(false);
                }
                Err(_) if existence == Existence::ObservationOrList => {}
                // A setting is gone if its parent is gone.
                Err(error) => {
                    let bearer = Actor::stated(&raw);
                    let is_there = parent::is_there(self.cx, &parent, bearer.as_str()).await?;
                    return if is_there { Err(error) } else { Ok(false) };
                }
            }
        }
        let is_listed =
            holds(|token| -> LocalBoxFuture<'_, _> { Box::pin(self.page(&parent, token, raw)) }, id).await?;
        if is_listed || !parent::is_channel(id) {
            return Ok(is_listed);
        }
        // Chime shows a private channel to its members and to admins alone.
        Ok(parent::is_listed_to_admin(self.cx, id, Actor::stated(&raw).as_str()).await?.unwrap_or(false))
    }

    /// Whether `id` exists, after Chime has answered with `error`. A 404 needs no second opinion.
    ///
    /// # Errors
    /// Those of [`exists`](Self::exists).
    pub async fn exists_after(&self, error: &Error, id: &str) -> Result<bool> {
        if error.kind() == Kind::NotFound { Ok(false) } else { self.exists(id).await }
    }
}

/// Whether two names may be the same. Chime's lists may trim or pad a name, or leave it empty.
fn is_alike(one: &str, other: &str) -> bool {
    let core =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    one.is_empty() || core(one) == core(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_listed_trimmed_or_padded_or_not_at_all() {
        for listed in ["Chat room", "Chat room ", " chat  room", ""] {
            assert!(is_alike(listed, "Chat room"), "{listed:?}");
        }
        assert!(!is_alike("Chat rooms", "Chat room"));
    }
}
