//! The object-safe form of a [`Resource`]. With it, the lifecycle is compiled once instead of once for each type.

pub mod adapter;

use crate::chime::error::Result;
use crate::properties::problems::Problems;
use crate::properties::raw::RawProperties;
use crate::request::request_id::RequestId;
use crate::resource::actor::Actor;
use crate::resource::context::Context;
use crate::resource::observed::Observation;
use crate::resource::ownership::{Standing, Tracking};
use crate::resource::pages::Page;
use crate::resource::{Existence, Locator};
use futures_util::future::LocalBoxFuture;
use serde_json::Value as Json;

/// What `Ref` and `Fn::GetAtt` return for an existing resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// The physical id.
    pub id: String,
    /// All attributes. An update returns the same ones as a create.
    pub attributes: Vec<(&'static str, String)>,
}

/// A resource type. Ids are plain text here, and an id that does not belong to the type is an error.
pub trait DynResource: Sync {
    /// The type's name, without the leading `Custom::`.
    fn type_name(&self) -> &'static str;

    /// Where the owner of a resource is recorded.
    fn tracking(&self) -> Tracking;

    /// The ARN of the resource whose tags record the owner of `id`.
    fn owner_arn(&self, id: &str) -> String;

    /// See [`Resource::HAS_TEMPLATE_ID`].
    fn has_template_id(&self) -> bool;

    /// See [`Resource::IS_ADOPTABLE`].
    fn is_adoptable(&self) -> bool;

    /// Whether `text` is a physical id of this type.
    fn is_id(&self, text: &str) -> bool;

    /// See [`Resource::locate`].
    fn locate(&self, raw: &RawProperties<'_>, made_by: Option<&RequestId>) -> Option<Locator<String>>;

    /// See [`Resource::NEEDS_BEARER`].
    fn needs_bearer(&self) -> bool;

    /// See [`Resource::EXISTENCE`].
    fn existence(&self) -> Existence;

    /// Reads properties as the template's author wrote them.
    ///
    /// # Errors
    /// All problems of the properties.
    fn read<'a>(&self, properties: &'a Json) -> Result<Box<dyn Desired + 'a>, Problems>;

    /// See [`Resource::delete`].
    fn delete<'a>(
        &'a self,
        cx: &'a Context,
        id: &'a str,
        raw: RawProperties<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<()>>;

    /// See [`Resource::list`]. The page is empty if the parent no longer exists.
    fn list<'a>(
        &'a self,
        cx: &'a Context,
        parent: &'a str,
        token: Option<String>,
        raw: RawProperties<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Page>>;

    /// What Chime shows of the resource `id`, without a comparison.
    fn observe<'a>(
        &'a self,
        cx: &'a Context,
        id: &'a str,
        raw: RawProperties<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Option<Observation>>>;

    /// The ARN of the parent of `id`. Empty if the parent is the account.
    fn parent(&self, id: &str) -> String;

    /// See [`PhysicalId::standing`].
    fn standing(&self, id: &str) -> Standing;

    /// See [`PhysicalId::with_standing`].
    fn with_standing(&self, id: &str, standing: Standing) -> String;
}

/// Valid properties of any type.
pub trait Desired {
    /// The create-only properties that contradict the resource `id`. They are compared with the id if it contains them,
    /// and otherwise with the previous properties.
    fn contradictions(&self, id: &str, previous: Option<&Json>) -> Vec<&'static str>;

    /// Whether they differ from the previous properties. Unreadable previous properties count as different.
    fn is_changed(&self, cx: &Context, previous: &Json) -> bool;

    /// See [`Resource::create`].
    fn create<'a>(&'a self, cx: &'a Context) -> LocalBoxFuture<'a, Result<Outputs>>;

    /// See [`Resource::update`]. This also updates the tags.
    fn update<'a>(&'a self, cx: &'a Context, id: &'a str, from: From<'a>) -> LocalBoxFuture<'a, Result<Outputs>>;

    /// What Chime shows of the resource `id`, and how it differs from these properties.
    fn observe<'a>(
        &'a self,
        cx: &'a Context,
        id: &'a str,
        compared: Compared,
    ) -> LocalBoxFuture<'a, Result<Option<Observation>>>;
}

/// What a comparison includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The properties without the tags.
    Properties,
    /// The properties and the tags. Reading the tags takes another call.
    PropertiesAndTags,
}

/// The state from which an update starts.
#[derive(Clone, Copy, Debug)]
pub enum From<'a> {
    /// These previous properties. If they are invalid or name another resource, the update starts from what Chime
    /// shows.
    Previous(&'a Json),
    /// What Chime shows.
    Observed {
        /// The previous properties, if they are those of the same resource. Tags that only they contain are removed.
        former: Option<&'a Json>,
    },
}

impl From<'_> {
    /// Whether the update starts from what Chime shows.
    pub fn is_observed(&self) -> bool {
        matches!(self, Self::Observed { .. })
    }
}
