//! Imports that every type needs, so that a type's own imports show only what is specific to it.

pub(crate) use crate::chime::error::{Error, Kind, Result};
pub(crate) use crate::properties::raw::RawProperties;
pub(crate) use crate::properties::{Properties, properties};
pub(crate) use crate::request::cause::parse_time;
pub(crate) use crate::request::request_id::RequestId;
pub(crate) use crate::resource::actor::Actor;
pub(crate) use crate::resource::attribute::{Attribute, Provisioned};
pub(crate) use crate::resource::change::Change;
pub(crate) use crate::resource::context::Context;
pub(crate) use crate::resource::observed::Observed;
pub(crate) use crate::resource::ownership::Tracking;
pub(crate) use crate::resource::pages::Page;
pub(crate) use crate::resource::{Attributes, Existence, Locator, Resource};
