//! Lists of values.

use crate::properties::Value;
use crate::properties::differences::Differences;
use crate::properties::problems::Problems;
use serde_json::{Value as Json, json};
use std::ops::Deref;

/// A list of `MIN` to `MAX` items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> Deref for List<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// Items that do not come from the template: Chime shows them.
    pub fn unchecked(items: Vec<T>) -> Self {
        Self(items)
    }
}

impl<T: Value, const MIN: usize, const MAX: usize> Value for List<T, MIN, MAX> {
    fn schema() -> Json {
        json!({"type": "array", "minItems": MIN, "maxItems": MAX, "items": T::schema()})
    }

    fn write(&self) -> Json {
        self.iter().map(T::write).collect()
    }

    fn compare(observed: &Self, stated: &Self, differences: &mut Differences) {
        if observed.len() != stated.len() {
            return differences.add(observed.write(), stated.write());
        }
        for (at, (observed, stated)) in observed.iter().zip(stated.iter()).enumerate() {
            differences.within(&format!("[{at}]"), |differences| T::compare(observed, stated, differences));
        }
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let Some(items) = json.as_array() else {
            problems.must_be(format_args!("a list of {MIN} to {MAX} items"), json);
            return None;
        };
        if !(MIN..=MAX).contains(&items.len()) {
            problems.add(format_args!("must be a list of {MIN} to {MAX} items, it has {}", items.len()));
        }
        let read = items.iter().enumerate().map(|(at, item)| problems.within(&format!("[{at}]"), |p| T::read(item, p)));
        // Collects in two steps: the second stops at the first `None`, and by then every item has been read.
        let read: Vec<Option<T>> = read.collect();
        read.into_iter().collect::<Option<Vec<T>>>().map(Self)
    }
}
