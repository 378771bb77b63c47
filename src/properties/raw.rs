//! Properties that nobody has checked: those of a Delete, and old ones.

use crate::properties::Value;
use crate::properties::problems::{ADOPT_EXISTING, Problems, RESYNC, scalar};
use crate::properties::values::arns::AppInstanceMemberArn;
use serde_json::Value as Json;
use std::borrow::Cow;

/// Properties as they stand in an event, read one by one and leniently. They may be those of a failed create or update, and must
/// never make a delete or a rollback fail.
#[derive(Clone, Copy, Debug)]
pub struct RawProperties<'a>(&'a Json);

impl<'a> From<&'a Json> for RawProperties<'a> {
    fn from(properties: &'a Json) -> Self {
        Self(properties)
    }
}

impl<'a> RawProperties<'a> {
    /// The properties `properties`.
    pub fn of(properties: &'a Json) -> Self {
        Self(properties)
    }

    /// The property `name`, if it is there and right by itself.
    pub fn get<T: Value>(&self, name: &str) -> Option<T> {
        right(self.0.get(name)?)
    }

    /// Whether the property `name` is there, right or wrong.
    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// The items of the list `name` that are right by themselves, each in its place.
    pub fn items<T: Value>(&self, name: &str) -> Vec<Option<T>> {
        self.list(name).iter().map(right).collect()
    }

    /// The items of the list `name` that are right by themselves.
    pub fn each<T: Value>(&self, name: &str) -> Vec<T> {
        self.items(name).into_iter().flatten().collect()
    }

    /// The map `name`; an empty one if it is not there.
    #[must_use]
    pub fn within(&self, name: &str) -> Self {
        Self(self.0.get(name).unwrap_or(&Json::Null))
    }

    /// Each map in the list `name`.
    pub fn each_within(&self, name: &str) -> Vec<Self> {
        self.list(name).iter().map(Self::of).collect()
    }

    /// The `ChimeBearer`, if it is there and right by itself.
    pub fn bearer(&self) -> Option<AppInstanceMemberArn> {
        self.get("ChimeBearer")
    }

    /// The id that `AdoptExisting` names, as it was written.
    pub fn adopts(&self) -> Option<String> {
        scalar(self.0.get(ADOPT_EXISTING)?).map(Cow::into_owned)
    }

    /// What `Resync` says, if it is there.
    pub fn resync(&self) -> Option<&'a Json> {
        self.0.get(RESYNC)
    }

    fn list(&self, name: &str) -> &'a [Json] {
        self.0.get(name).and_then(Json::as_array).map_or(&[][..], Vec::as_slice)
    }
}

/// A value, if it is right by itself.
fn right<T: Value>(json: &Json) -> Option<T> {
    let mut problems = Problems::default();
    T::read(json, &mut problems).filter(|_| problems.is_empty())
}
