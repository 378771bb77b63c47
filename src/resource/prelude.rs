//! What every type's file uses, so that its imports say only what is its own.

pub(crate) use crate::chime::error::{Error, Kind, Result};
pub(crate) use crate::resource::context::Context;
pub(crate) use crate::resource::{Attribute, Attributes, Change, Live, Noted, Page, Place, Resource, Seen};
pub(crate) use crate::template::properties::properties;
pub(crate) use crate::template::stated::Stated;
