//! What all entities in the account have in common: an id, and timestamps.

use serde_json::Value as Json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Something in the account with an id of its own.
pub(crate) trait Entity: Clone {
    /// Its ARN, or another id.
    fn id(&self) -> &str;

    /// When it was created and updated.
    fn stamp(&mut self) -> &mut Stamp;

    /// Puts back the entities in it that the former state had.
    fn restore(&mut self, _former: &Self) {}

    /// Gives the entities in it the timestamps of the former state.
    fn keep_times(&mut self, _former: &Self) {}

    /// Lets the entities in it have been there for so many seconds longer.
    fn grow_older(&mut self, _seconds: f64) {}
}

/// Lets entities, and all that is in them, have been there for so many seconds longer.
pub(crate) fn grow_older<T: Entity>(entities: &mut [T], seconds: f64) {
    for entity in entities {
        let stamp = entity.stamp();
        (stamp.created, stamp.updated) = (stamp.created - seconds, stamp.updated - seconds);
        entity.grow_older(seconds);
    }
}

/// Puts back the entities of the former state, and all that was in them.
pub(crate) fn restore<T: Entity>(entities: &mut Vec<T>, former: &[T]) {
    for old in former {
        match entities.iter_mut().find(|entity| entity.id() == old.id()) {
            Some(entity) => entity.restore(old),
            None => entities.push(old.clone()),
        }
    }
}

/// Gives entities the timestamps of the former state.
pub(crate) fn keep_times<T: Entity>(entities: &mut [T], former: &[T]) {
    for entity in entities {
        if let Some(old) = former.iter().find(|old| old.id() == entity.id()) {
            *entity.stamp() = *old.clone().stamp();
            entity.keep_times(old);
        }
    }
}

/// Implements [`Entity`] for a type without entities in it, by the field with its id.
macro_rules! leaf_entity {
    ($type:ident by $id:ident) => {
        impl crate::state::entity::Entity for $type {
            fn id(&self) -> &str {
                &self.$id
            }

            fn stamp(&mut self) -> &mut crate::state::entity::Stamp {
                &mut self.stamp
            }
        }
    };
}
pub(crate) use leaf_entity;

/// When an entity was created and last updated, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub created: f64,
    pub updated: f64,
}

impl Default for Stamp {
    fn default() -> Self {
        let now = now();
        Self { created: now, updated: now }
    }
}

impl Stamp {
    /// Adds both to the answer of Describe.
    pub fn write_to(self, described: &mut Json) {
        described["CreatedTimestamp"] = self.created.into();
        described["LastUpdatedTimestamp"] = self.updated.into();
    }

    /// Sets the time of the last update to now.
    pub fn touch(&mut self) {
        self.updated = now();
    }
}

/// Seconds since 1970, to the millisecond, as in the APIs.
pub(crate) fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as f64 / 1000.0
}
