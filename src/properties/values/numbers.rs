//! Integers with a range.

use crate::properties::Value;
use crate::properties::problems::{Problems, scalar};
use serde_json::{Value as Json, json};

/// An integer from `MIN` to `MAX`, written in digits only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntRange<const MIN: i32, const MAX: i32>(i32);

/// A number of days, at most fifteen years.
pub type Days = IntRange<1, 5475>;

impl<const MIN: i32, const MAX: i32> IntRange<MIN, MAX> {
    /// The number.
    pub fn get(self) -> i32 {
        self.0
    }

    /// A number that does not come from the template: Chime shows it.
    pub fn unchecked(number: i32) -> Self {
        Self(number)
    }
}

impl<const MIN: i32, const MAX: i32> Value for IntRange<MIN, MAX> {
    fn schema() -> Json {
        json!({"type": ["integer", "string"], "minimum": MIN, "maximum": MAX})
    }

    fn write(&self) -> Json {
        json!(self.0)
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let digits = scalar(json).filter(|text| text.bytes().all(|c| c.is_ascii_digit()));
        match digits.and_then(|text| text.parse().ok()) {
            Some(number) if (MIN..=MAX).contains(&number) => Some(Self(number)),
            _ => {
                problems.must_be(format_args!("a whole number from {MIN} to {MAX}"), json);
                None
            }
        }
    }
}
