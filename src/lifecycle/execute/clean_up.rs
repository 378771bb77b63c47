//! Cleans up after a create whose id is unknown: CloudFormation made one up, or the id says that the outcome is unknown.

use crate::chime::error::Result;
use crate::chime::poll::Window;
use crate::lifecycle::Operation;
use crate::lifecycle::decide::delete::Target;
use crate::properties::raw::RawProperties;
use crate::resource::context::CleanedUp;
use crate::resource::ownership::Tracking;
use crate::resource::{Existence, Locator};
use serde_json::Value as Json;
use std::time::SystemTime;

impl Operation<'_> {
    /// Removes what the create for the id of this Delete created, and leaves what an update has put in the id's place.
    pub(super) async fn clean_up_after_create(&self, target: Target) -> Result<()> {
        let replaced = self.history.replaced(self.request);
        // Of a list, an update in this id's place states some members, and the create may have added others.
        let left = self.is_list().then(|| replaced.iter().fold(self.request.properties.clone(), without_items));
        if !replaced.is_empty() && left.as_ref().is_some_and(has_no_items) {
            return Ok(());
        }
        let properties = left.as_ref().unwrap_or(&self.request.properties);
        let except: Vec<String> = replaced.into_iter().map(|(id, _)| id).filter(|_| !self.is_list()).collect();
        if target == Target::MadeByAny
            && let Some((id, sent)) = self.answered_untracked().filter(|(id, _)| !except.contains(id))
        {
            if self.is_list() {
                // A list is there as long as its channel. Another process may have made this one anew since.
                self.cx.set_cleaned_up(CleanedUp::SentSince(sent));
            } else if self.exists(&id).await? {
                return self.delete_by_owner(&id, self.raw(), Target::Resource, self.half_window()).await;
            }
        }
        self.clean_up(properties, target, &except, self.half_window()).await
    }

    /// The id with which this process answered the create that CloudFormation did not wait for, if it says more than the properties do: that
    /// the resource was found, or which of several it is. Then also when that create was sent. Only for untracked resources, because
    /// otherwise the owner says more. If the resource is gone, the answer was to an earlier create, and another process has carried out the
    /// latest one.
    fn answered_untracked(&self) -> Option<(String, SystemTime)> {
        if self.resource.tracking() != Tracking::Untracked {
            return None;
        }
        let (answered, sent) = self.history.answered_create(self.request)?;
        let says_more = match self.resource.locate(&self.raw(), None)? {
            Locator::ById(located) => located != answered,
            Locator::InParent(_) => true,
        };
        says_more.then_some((answered, sent))
    }

    /// Removes what a create with these `properties` created if its id is unknown. Leaves the ids in `except` alone.
    pub(super) async fn clean_up(
        &self,
        properties: &Json,
        target: Target,
        except: &[String],
        window: Window,
    ) -> Result<()> {
        let made_by = match &target {
            Target::MadeBy(cause) => Some(cause),
            Target::MadeByAny | Target::Resource => None,
        };
        let raw = RawProperties::of(properties);
        if let Some(adopted) = raw.adopts() {
            // An adoption creates nothing. At most, it took over what existed.
            let is_excepted = except.iter().any(|kept| self.is_same(kept, &adopted));
            return match self.resource.is_id(&adopted) && !is_excepted {
                true => self.delete_by_owner(&adopted, raw, target, window).await,
                false => Ok(()),
            };
        }
        match self.resource.locate(&raw, made_by.map(|cause| &cause.request)) {
            // Properties that do not locate the resource were rejected, and nothing was created.
            None => Ok(()),
            Some(Locator::InParent(parent)) => {
                self.search_and_remove(&parent, properties, made_by, except, window).await
            }
            Some(Locator::ById(id)) if except.iter().any(|kept| self.is_same(kept, &id)) => Ok(()),
            Some(Locator::ById(id)) if self.resource.tracking() == Tracking::Untracked => {
                self.clean_up_untracked(&id, raw, made_by, window).await
            }
            Some(Locator::ById(id)) => self.delete_by_owner(&id, raw, target, window).await,
        }
    }

    /// Whether this is a list, which is there as long as what it is a list of members of.
    fn is_list(&self) -> bool {
        self.resource.tracking() == Tracking::Untracked && self.resource.existence() == Existence::Observation
    }
}

/// The properties without the items of lists that an update states, too.
fn without_items(mut properties: Json, (_, stated): &(String, Json)) -> Json {
    for (name, value) in properties.as_object_mut().into_iter().flatten() {
        if let (Json::Array(items), Some(Json::Array(stated))) = (value, stated.get(name)) {
            items.retain(|item| !stated.contains(item));
        }
    }
    properties
}

/// Whether the lists among these properties are empty.
fn has_no_items(properties: &Json) -> bool {
    properties.as_object().into_iter().flatten().all(|(_, value)| value.as_array().is_none_or(Vec::is_empty))
}
