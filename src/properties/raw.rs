//! Unvalidated properties: those of a Delete, and old ones.

use crate::properties::Value;
use crate::properties::problems::{ADOPT_EXISTING, Problems, RESYNC, scalar};
use crate::properties::values::arns::AppInstanceMemberArn;
use serde_json::Value as Json;
use std::borrow::Cow;

/// The property that names the bearer, for every type that needs one.
pub const CHIME_BEARER: &str = "ChimeBearer";

/// An event's properties, read leniently and one at a time. They may come from a failed create or update, and must
/// never make a delete or a rollback fail.
#[derive(Clone, Copy, Debug)]
pub struct RawProperties<'a>(&'a Json);

impl<'a> From<&'a Json> for RawProperties<'a> {
    fn from(properties: &'a Json) -> Self {
        Self(properties)
    }
}

impl<'a> RawProperties<'a> {
    /// Wraps `properties`.
    pub fn of(properties: &'a Json) -> Self {
        Self(properties)
    }

    /// The property `name`, if it is present and valid on its own.
    pub fn get<T: Value>(&self, name: &str) -> Option<T> {
        valid(self.0.get(name)?)
    }

    /// Whether the property `name` is present, valid or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// The items of the list `name`, with `None` in place of each invalid one.
    pub fn items<T: Value>(&self, name: &str) -> Vec<Option<T>> {
        self.list(name).iter().map(valid).collect()
    }

    /// The valid items of the list `name`.
    pub fn each<T: Value>(&self, name: &str) -> Vec<T> {
        self.items(name).into_iter().flatten().collect()
    }

    /// The map `name`, or an empty one if it is absent.
    #[must_use]
    pub fn within(&self, name: &str) -> Self {
        Self(self.0.get(name).unwrap_or(&Json::Null))
    }

    /// The maps in the list `name`.
    pub fn each_within(&self, name: &str) -> Vec<Self> {
        self.list(name).iter().map(Self::of).collect()
    }

    /// The `ChimeBearer`, if it is present and valid on its own.
    pub fn bearer(&self) -> Option<AppInstanceMemberArn> {
        self.get(CHIME_BEARER)
    }

    /// The id that `AdoptExisting` names, as it was written.
    pub fn adopts(&self) -> Option<String> {
        scalar(self.0.get(ADOPT_EXISTING)?).map(Cow::into_owned)
    }

    /// The value of `Resync`, if it is present.
    pub fn resync(&self) -> Option<&'a Json> {
        self.0.get(RESYNC)
    }

    fn list(&self, name: &str) -> &'a [Json] {
        self.0.get(name).and_then(Json::as_array).map_or(&[][..], Vec::as_slice)
    }
}

/// Reads a value, if it is valid on its own.
fn valid<T: Value>(json: &Json) -> Option<T> {
    let mut problems = Problems::default();
    T::read(json, &mut problems).filter(|_| problems.is_empty())
}
