//! Finding what a logical resource has made, where nobody knows its id; and whether what has an id exists.

use crate::chime::error::{Error, Kind, Result};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::search::Depth;
use crate::properties::raw::RawProperties;
use crate::properties::values::text::Text;
use crate::request::request_id::RequestId;
use crate::resource::actor::Actor;
use crate::resource::bearer::as_any_actor;
use crate::resource::observed::Observation;
use crate::resource::ownership::owner::{Handover, Ownership, Tracking};
use crate::resource::ownership::store::read_ownership;
use crate::resource::pages::{Page, holds, pages};
use crate::resource::{Existence, parent};
use futures_util::TryStreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value as Json;
use std::pin::pin;

/// How many resources of another name a thorough search asks for their tags: an app instance may hold thousands of channels.
const MOST_OTHERS: usize = 100;

/// What is looked for, among what a parent holds.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// The properties that it was made with.
    pub properties: &'a Json,
    /// The request that made it; whichever, if none.
    pub made_by: Option<&'a RequestId>,
    /// None of these.
    pub except: &'a [String],
    /// Of what bears no note: when it was made.
    pub recency: Recency,
}

/// When something was made that bears no note.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Recency {
    /// At any time.
    Any,
    /// By a create that CloudFormation may have no answer to.
    Unanswered,
}

/// What a search came to.
#[derive(Debug)]
pub enum Finding {
    /// This is it.
    Resource(String),
    /// Nothing that could be read is it.
    Nothing,
    /// Nothing that could be read is it, and something could not be read.
    Unreadable(Error),
}

impl Operation<'_> {
    /// Searches what `parent` holds once, page by page, and ends at the first hit. The name that a resource was made with is a hint as
    /// to whose tags to ask for first. A thorough search asks the first hundred of the others too.
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
                // Without a name, or with an empty one, anything may be it: Chime may not list what it was given.
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

    /// Whether `id` is what is looked for: by its tags, or by its traces.
    async fn is_sought(&self, id: &str, search: &Search<'_>, raw: RawProperties<'_>) -> Result<bool> {
        if self.resource.tracking() == Tracking::Untracked {
            return Ok(self.observe_as(id, raw).await?.is_some_and(|observation| {
                observation.is_trace && (search.recency == Recency::Any || self.is_unanswered(&observation))
            }));
        }
        Ok(match read_ownership(self.cx, self.resource, id).await? {
            // What an Update of a made-up id has made is not what that id means.
            Ownership::Ours { handover: Handover::Placeholder, .. } if search.made_by.is_none() => false,
            Ownership::Ours { cause, .. } => search.made_by.is_none_or(|request| request.is_noted_as(&cause)),
            _ => false,
        })
    }

    /// What Chime shows of the resource `id`, whoever may see it.
    ///
    /// # Errors
    /// Those of the Describe.
    pub async fn observe_as(&self, id: &str, raw: RawProperties<'_>) -> Result<Option<Observation>> {
        let observe = |actor: Actor| self.resource.observe(self.cx, id, raw, actor);
        as_any_actor(self.cx, self.resource, id, &raw, observe).await
    }

    /// Whether what bears no note was made by a create that CloudFormation may have no answer to.
    pub fn is_unanswered(&self, observation: &Observation) -> bool {
        observation.created.is_some_and(|created| self.cx.clock().may_be_unanswered(created))
    }

    async fn page(&self, parent: &str, token: Option<String>, raw: RawProperties<'_>) -> Result<Page> {
        let list = |actor: Actor| self.resource.list(self.cx, parent, token.clone(), raw, actor);
        as_any_actor(self.cx, self.resource, parent, &raw, list).await
    }

    /// Whether `id` exists, by what Chime shows of it or by the List of its parent: the second opinion on a refusal.
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
                // What is set of something that is gone is gone with it.
                Err(error) => {
                    let bearer = Actor::stated(&raw);
                    let is_there = parent::is_there(self.cx, &parent, bearer.as_str()).await?;
                    return if is_there { Err(error) } else { Ok(false) };
                }
            }
        }
        holds(|token| -> LocalBoxFuture<'_, _> { Box::pin(self.page(&parent, token, raw)) }, id).await
    }

    /// Whether `id` exists, after Chime has answered with `error`: its own 404 says that for itself.
    ///
    /// # Errors
    /// Those of [`exists`](Self::exists).
    pub async fn exists_after(&self, error: &Error, id: &str) -> Result<bool> {
        if error.kind() == Kind::NotFound { Ok(false) } else { self.exists(id).await }
    }
}

/// Whether two names may be one: Chime's lists may trim or pad what it was given.
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
