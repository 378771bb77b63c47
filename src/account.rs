//! Reads what an account holds in terms of the resource types, outside of CloudFormation's requests.
//!
//! The function does not use it: `chimectl` does. Nothing here makes a changing call.

use crate::chime::clients::Chime;
use crate::chime::error::{Error, Result};
use crate::properties::raw::RawProperties;
use crate::registry;
use crate::request::logical_id::LogicalId;
use crate::resource::actor::Actor;
use crate::resource::context::Context;
use crate::resource::ownership::owner::{OWNER_TAGS, Pairs};
use crate::resource::ownership::tags;
use crate::resource::readable::Readable;
use futures_util::Stream;
use serde_json::{Map, Value as Json};

pub use crate::request::stack_id::StackId;
pub use crate::resource::bearer::is_bearer_rejected;
pub use crate::resource::ownership::owner::{RecordedOwner, RecordedStack};
pub use crate::resource::ownership::{Handover, Standing, Tracking};
pub use crate::resource::pages::{Listed, Page, pages};
pub use crate::resource::readable::Export;

/// Reads resources by their type's name, which has no leading `Custom::`.
#[derive(Debug)]
pub struct Reader {
    cx: Context,
}

impl Reader {
    /// A reader with these clients.
    pub fn new(chime: &Chime) -> Self {
        Self { cx: Context::for_reading(chime.clone(), &StackId::new(""), &LogicalId::new("")) }
    }

    /// The clients.
    pub fn chime(&self) -> &Chime {
        self.cx.chime()
    }

    /// All tags of the resource with this ARN.
    ///
    /// # Errors
    /// Those of ListTagsForResource.
    pub async fn tags(&self, arn: &str) -> Result<Pairs> {
        tags::read(&self.cx, arn).await
    }

    /// The pages of `parent`'s resources of a type, as `bearer` sees them; an account's have an empty parent. `properties` are those that
    /// the List of the type depends on, such as the `Type` of memberships.
    ///
    /// # Errors
    /// Those of the type's List, and those of [`pages`].
    pub fn list<'a>(
        &'a self,
        type_name: &'a str,
        parent: &'a str,
        bearer: &'a str,
        properties: &'a Json,
    ) -> impl Stream<Item = Result<Page>> + 'a {
        pages(move |token| {
            Box::pin(async move {
                let raw = RawProperties::of(properties);
                find(type_name)?.list(&self.cx, parent, token, raw, Actor::new(bearer)).await
            })
        })
    }

    /// The properties that Chime shows of a resource to `bearer`, as a template states them, without tags. `None` if Chime shows that it
    /// does not exist.
    ///
    /// # Errors
    /// Those of the type's reading calls.
    pub async fn properties(&self, type_name: &str, id: &str, bearer: &str) -> Result<Option<Map<String, Json>>> {
        let nothing = Json::Null;
        find(type_name)?.properties(&self.cx, id, RawProperties::of(&nothing), Actor::new(bearer)).await
    }

    /// What a template would have to state so that a resource, as Chime shows it to `bearer`, stays as it is. `None` if Chime shows that it
    /// does not exist.
    ///
    /// # Errors
    /// Those of the type's reading calls.
    pub async fn export(&self, type_name: &str, id: &str, bearer: &str) -> Result<Option<Export>> {
        find(type_name)?.export(&self.cx, id, Actor::new(bearer)).await
    }
}

/// The owner of a resource of a type, as `tags` record it: its own tags, or those of what it is a setting of.
pub fn recorded_owner(type_name: &str, tags: &[(String, String)]) -> Option<RecordedOwner> {
    RecordedOwner::read(registry::readable(type_name)?.tracking(), tags)
}

/// Where the owner of a resource of a type is recorded. `None` if there is no such type.
pub fn tracking(type_name: &str) -> Option<Tracking> {
    registry::readable(type_name).map(|resource| resource.tracking())
}

/// The ARN of the resource whose tags record the owner of `id`.
pub fn owner_arn(type_name: &str, id: &str) -> Option<String> {
    registry::readable(type_name).map(|resource| resource.owner_arn(id))
}

/// The keys of the tags that record an owner.
pub const OWNERSHIP_TAGS: [&str; 4] = OWNER_TAGS;

fn find(type_name: &str) -> Result<&'static dyn Readable> {
    registry::readable(type_name).ok_or_else(|| Error::bug(format!("Custom::{type_name} is not a type")))
}
