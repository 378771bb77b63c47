//! What all that the account holds has in common: an id, and times.

use serde_json::Value as Json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Something that is told from others of its kind by an id.
pub(crate) trait Entity: Clone {
    /// Its ARN, or whatever it is known by.
    fn id(&self) -> &str;

    /// When it was created and updated.
    fn stamp(&mut self) -> &mut Stamp;

    /// Puts back what it held in its former state and has lost since.
    fn restore(&mut self, _former: &Self) {}

    /// Gives all that it holds the times of its former state.
    fn keep_times(&mut self, _former: &Self) {}
}

/// Puts back those that are gone, and what the others have lost.
pub(crate) fn restore<T: Entity>(entities: &mut Vec<T>, former: &[T]) {
    for old in former {
        match entities.iter_mut().find(|entity| entity.id() == old.id()) {
            Some(entity) => entity.restore(old),
            None => entities.push(old.clone()),
        }
    }
}

/// Gives those that were there before their former times.
pub(crate) fn keep_times<T: Entity>(entities: &mut [T], former: &[T]) {
    for entity in entities {
        if let Some(old) = former.iter().find(|old| old.id() == entity.id()) {
            *entity.stamp() = *old.clone().stamp();
            entity.keep_times(old);
        }
    }
}

/// An [`Entity`] that holds no others, with the name of the field that is its id.
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
    /// Adds both times to what Describe shows.
    pub fn write_to(self, described: &mut Json) {
        described["CreatedTimestamp"] = self.created.into();
        described["LastUpdatedTimestamp"] = self.updated.into();
    }

    /// It was updated just now.
    pub fn touch(&mut self) {
        self.updated = now();
    }
}

/// Seconds since 1970, to the millisecond, as the APIs give times.
pub(crate) fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as f64 / 1000.0
}
