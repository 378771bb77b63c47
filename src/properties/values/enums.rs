//! Values from a fixed set of words.

use crate::properties::problems::{Problems, scalar};
use serde_json::Value as Json;
use std::borrow::Cow;

/// Reads one of `words`. [`string_enum!`] declares them.
pub fn read_word(json: &Json, words: &[&'static str], problems: &mut Problems) -> Option<Cow<'static, str>> {
    let text = scalar(json);
    let word = words.iter().copied().find(|word| Some(*word) == text.as_deref());
    if word.is_none() {
        problems.must_be_one_of(words, json);
    }
    word.map(Cow::Borrowed)
}

/// Declares one of the Chime API's enums by its words.
macro_rules! string_enum {
    ($(#[$meta:meta])* $name:ident = $($word:literal)|+) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(::std::borrow::Cow<'static, str>);

        impl $name {
            /// The word in the template and in the Chime API.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// A word that does not come from the template. Chime shows it, and a later version of Chime may have added
            /// it.
            #[allow(dead_code)] // Some enums are only sent, never observed.
            pub fn unchecked(word: &str) -> Self {
                Self(word.to_owned().into())
            }
        }

        impl $crate::properties::Value for $name {
            fn schema() -> ::serde_json::Value {
                ::serde_json::json!({"type": "string", "enum": [$($word),+]})
            }

            fn read(json: &::serde_json::Value, problems: &mut $crate::properties::problems::Problems) -> Option<Self> {
                $crate::properties::values::enums::read_word(json, &[$($word),+], problems).map(Self)
            }

            fn write(&self) -> ::serde_json::Value {
                self.as_str().into()
            }
        }
    };
}
pub(crate) use string_enum;
