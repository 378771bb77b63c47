//! One of a few words.

use crate::properties::problems::{Problems, scalar};
use serde_json::Value as Json;

/// Reads one of `words`, which are declared by [`choices!`].
pub fn read_choice(json: &Json, words: &[&'static str], problems: &mut Problems) -> Option<&'static str> {
    let text = scalar(json);
    let word = words.iter().copied().find(|word| Some(*word) == text.as_deref());
    if word.is_none() {
        problems.must_be_one_of(words, json);
    }
    word
}

/// Declares one of the Chime API's enums, by the words that stand in a template.
macro_rules! choices {
    ($(#[$meta:meta])* $name:ident = $($word:literal)|+) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(&'static str);

        impl $name {
            /// The word that stands in a template and goes to Chime.
            pub fn as_str(self) -> &'static str {
                self.0
            }
        }

        impl $crate::properties::Fixed for $name {
            fn text(&self) -> Option<String> {
                Some(self.0.to_owned())
            }
        }

        impl $crate::properties::Value for $name {
            fn schema() -> ::serde_json::Value {
                ::serde_json::json!({"type": "string", "enum": [$($word),+]})
            }

            fn read(json: &::serde_json::Value, problems: &mut $crate::properties::problems::Problems) -> Option<Self> {
                $crate::properties::values::enums::read_choice(json, &[$($word),+], problems).map(Self)
            }
        }
    };
}
pub(crate) use choices;
