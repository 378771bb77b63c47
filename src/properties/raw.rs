//! What properties say that nobody has checked: those of a Delete, and old ones.

use crate::properties::Value;
use crate::properties::problems::Problems;
use crate::properties::values::arns::AppInstanceMemberArn;
use serde_json::Value as Json;
use std::sync::Arc;

/// Properties as they stand in an event, read one by one and leniently. They may be those of a failed create or update, and must
/// never make a delete or a rollback fail.
#[derive(Clone, Debug)]
pub struct Stated<'a> {
    properties: &'a Json,
    bearer: Option<Arc<str>>,
}

impl<'a> From<&'a Json> for Stated<'a> {
    fn from(properties: &'a Json) -> Self {
        Self::of(properties)
    }
}

impl<'a> Stated<'a> {
    /// What `properties` say.
    pub fn of(properties: &'a Json) -> Self {
        Self { properties, bearer: None }
    }

    /// The same, with another bearer.
    #[must_use]
    pub fn by(&self, bearer: &str) -> Self {
        Self { bearer: Some(Arc::from(bearer)), ..self.clone() }
    }

    /// The property `name`, if it is there and right by itself.
    pub fn get<T: Value>(&self, name: &str) -> Option<T> {
        right(self.properties.get(name)?)
    }

    /// Whether the property `name` is there, right or wrong.
    pub fn has(&self, name: &str) -> bool {
        self.properties.get(name).is_some_and(|value| !value.is_null())
    }

    /// The items of the list `name` that are right by themselves, each in its place.
    pub fn items<T: Value>(&self, name: &str) -> Vec<Option<T>> {
        self.list(name).iter().map(right).collect()
    }

    /// The items of the list `name` that are right by themselves.
    pub fn each<T: Value>(&self, name: &str) -> Vec<T> {
        self.items(name).into_iter().flatten().collect()
    }

    /// What the map `name` says; nothing if it is not there.
    #[must_use]
    pub fn within(&self, name: &str) -> Self {
        Self::of(self.properties.get(name).unwrap_or(&Json::Null))
    }

    /// What each item of the list `name` says.
    pub fn each_within(&self, name: &str) -> Vec<Self> {
        self.list(name).iter().map(Self::of).collect()
    }

    fn list(&self, name: &str) -> &'a [Json] {
        self.properties.get(name).and_then(Json::as_array).map_or(&[][..], Vec::as_slice)
    }

    /// The `ChimeBearer` of the properties, whoever acts. Empty if there is none.
    pub fn own_bearer(&self) -> String {
        Self::of(self.properties).bearer()
    }

    /// Who acts: the bearer that was put in, or the `ChimeBearer` of the properties. Empty if there is none.
    pub fn bearer(&self) -> String {
        match &self.bearer {
            Some(bearer) => bearer.to_string(),
            None => self.get::<AppInstanceMemberArn>("ChimeBearer").map(|arn| arn.to_string()).unwrap_or_default(),
        }
    }
}

/// A value, if it is right by itself.
fn right<T: Value>(json: &Json) -> Option<T> {
    let mut problems = Problems::default();
    T::read(json, &mut problems).filter(|_| problems.is_empty())
}
