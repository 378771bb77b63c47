//! What every type's file uses, so that its imports say only what is its own.

pub(crate) use crate::chime::error::{Error, Kind, Result};
pub(crate) use crate::properties::properties;
pub(crate) use crate::properties::raw::Stated;
pub(crate) use crate::resource::attribute::{Attribute, Live};
pub(crate) use crate::resource::change::Change;
pub(crate) use crate::resource::context::Context;
pub(crate) use crate::resource::observed::Seen;
pub(crate) use crate::resource::ownership::owner::Noted;
pub(crate) use crate::resource::pages::Page;
pub(crate) use crate::resource::relations::{by_description, is_by};
pub(crate) use crate::resource::{Attributes, Place, Resource};
