//! What properties say that nobody has checked: those of a Delete, and old ones.

use crate::template::problems::Problems;
use crate::template::properties::Value;
use serde_json::Value as Json;

/// Properties as they stand in an event, read one by one and leniently. They may be those of a failed create or update, and must
/// never make a delete or a rollback fail.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'a>(pub &'a Json);

impl Stated<'_> {
    /// The property `name`, if it is there and right by itself.
    pub fn get<T: Value>(&self, name: &str) -> Option<T> {
        let mut problems = Problems::default();
        let value = T::read(self.0.get(name)?, &mut problems)?;
        problems.is_empty().then_some(value)
    }
}
