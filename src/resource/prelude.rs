//! What every type's file uses, so that its imports say only what is its own.

pub(crate) use crate::chime::error::{Error, Kind, Result};
pub(crate) use crate::resource::attribute::{Attribute, Live};
pub(crate) use crate::resource::change::Change;
pub(crate) use crate::resource::context::Context;
pub(crate) use crate::resource::owner::Noted;
pub(crate) use crate::resource::page::Page;
pub(crate) use crate::resource::relations::{by_description, is_by};
pub(crate) use crate::resource::seen::Seen;
pub(crate) use crate::resource::{Attributes, Place, Resource};
pub(crate) use crate::template::properties::properties;
pub(crate) use crate::template::stated::Stated;
