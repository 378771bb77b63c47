//! The values that Chime limits, one home for each limit.
//!
//! The limits are those of the service models of Chime SDK identity (2021-04-20) and messaging (2021-05-15).

use crate::properties::{Problems, Value, scalar};
use serde_json::{Value as Json, json};
use std::fmt;
use std::ops::Deref;

/// Text of `MIN` to `MAX` characters: the names of app instances, bots, channel flows and processors.
///
/// Allowed are the characters of Chime's `ResourceName`: tab, line feed, carriage return, U+0085 and everything
/// that is neither a control character nor a non-character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> Value for Text<MIN, MAX> {
    fn schema() -> Json {
        json!({"type": "string", "minLength": MIN, "maxLength": MAX})
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        match scalar(json) {
            Some(text) if is_long(&text, MIN, MAX) && text.chars().all(is_printable) => Some(Self(text.into_owned())),
            Some(text) if is_long(&text, MIN, MAX) => {
                problems.add("must not hold control characters");
                None
            }
            _ => {
                problems.must_be(format_args!("text of {MIN} to {MAX} characters"), json);
                None
            }
        }
    }
}

fn is_long(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count())
}

fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{7E}' | '\u{85}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The display name of an app instance user: 1 to 100 characters, not all of them blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    /// The most characters that a user's name has.
    pub const MAX: usize = 100;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for UserName {
    fn schema() -> Json {
        json!({"type": "string", "minLength": 1, "maxLength": Self::MAX, "pattern": r"\S"})
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        match scalar(json) {
            Some(text) if is_long(&text, 1, Self::MAX) && !text.trim().is_empty() => Some(Self(text.into_owned())),
            _ => {
                problems.must_be(format_args!("text of 1 to {} characters, not all blank", Self::MAX), json);
                None
            }
        }
    }
}

/// Metadata: at most 1024 characters that are nobody's business. Never shown, not even in a problem.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Metadata(String);

impl Metadata {
    const MAX: usize = 1024;

    /// The metadata.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metadata(…)")
    }
}

impl Value for Metadata {
    fn schema() -> Json {
        json!({"type": "string", "minLength": 0, "maxLength": Self::MAX})
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let Some(text) = scalar(json) else {
            problems.add("must be text; a map has to be written as a JSON string");
            return None;
        };
        let length = text.chars().count();
        if length > Self::MAX {
            problems.add(format_args!("must be at most {} characters, it has {length}", Self::MAX));
            return None;
        }
        Some(Self(text.into_owned()))
    }
}

/// The id that an author gives to a user: 1 to 64 of `A-Z a-z 0-9 : - _ . @`, a letter or digit first and last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceId(String);

impl ResourceId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for ResourceId {
    fn schema() -> Json {
        let pattern = "^[A-Za-z0-9]([A-Za-z0-9:_.@-]{0,62}[A-Za-z0-9])?$";
        json!({"type": "string", "minLength": 1, "maxLength": 64, "pattern": pattern})
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let is_id = |text: &str| {
            let inner = |c: u8| c.is_ascii_alphanumeric() || b":-_.@".contains(&c);
            let outer = |c: Option<&u8>| c.is_some_and(u8::is_ascii_alphanumeric);
            let bytes = text.as_bytes();
            bytes.len() <= 64 && outer(bytes.first()) && outer(bytes.last()) && bytes.iter().copied().all(inner)
        };
        match scalar(json) {
            Some(text) if is_id(&text) => Some(Self(text.into_owned())),
            _ => {
                problems.must_be("1 to 64 letters, digits and : - _ . @, with a letter or digit at either end", json);
                None
            }
        }
    }
}

/// The name of a Lex intent: 1 to 100 letters and underscores, each underscore after a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexIntentName(String);

impl LexIntentName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for LexIntentName {
    fn schema() -> Json {
        json!({"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^([A-Za-z]_?)+$"})
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let is_name = |text: &str| {
            is_long(text, 1, 100)
                && text.bytes().all(|c| c.is_ascii_alphabetic() || c == b'_')
                && !text.starts_with('_')
                && !text.contains("__")
        };
        match scalar(json) {
            Some(text) if is_name(&text) => Some(Self(text.into_owned())),
            _ => {
                problems.must_be("1 to 100 letters and underscores, each underscore after a letter", json);
                None
            }
        }
    }
}

/// A whole number from `MIN` to `MAX`, written in digits alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const MIN: i32, const MAX: i32>(i32);

/// A number of days, at most fifteen years of them.
pub type Days = Whole<1, 5475>;

impl<const MIN: i32, const MAX: i32> Whole<MIN, MAX> {
    /// The number.
    pub fn get(self) -> i32 {
        self.0
    }
}

impl<const MIN: i32, const MAX: i32> Value for Whole<MIN, MAX> {
    fn schema() -> Json {
        json!({"type": ["integer", "string"], "minimum": MIN, "maximum": MAX})
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

/// A list of `MIN` to `MAX` items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> Deref for List<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Value, const MIN: usize, const MAX: usize> Value for List<T, MIN, MAX> {
    fn schema() -> Json {
        json!({"type": "array", "minItems": MIN, "maxItems": MAX, "items": T::schema()})
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
        // Collected in two steps: the second stops at the first `None`, and by then every item has been read.
        let read: Vec<Option<T>> = read.collect();
        read.into_iter().collect::<Option<Vec<T>>>().map(Self)
    }
}

/// Reads one of a few words; `names` and what they stand for are declared by [`choices!`](crate::choices!).
pub fn read_choice<T: Copy>(json: &Json, names: &[&'static str], values: &[T], problems: &mut Problems) -> Option<T> {
    let text = scalar(json);
    let at = names.iter().position(|name| Some(*name) == text.as_deref());
    if at.is_none() {
        problems.must_be_one_of(names, json);
    }
    at.and_then(|at| values.get(at).copied())
}

/// Declares one of the Chime API's enums, by the words that stand in a template.
#[macro_export]
macro_rules! choices {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
        }

        impl $name {
            /// The word that stands in a template and goes to Chime.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl $crate::properties::Value for $name {
            fn schema() -> ::serde_json::Value {
                ::serde_json::json!({"type": "string", "enum": [$($word),*]})
            }

            fn read(json: &::serde_json::Value, problems: &mut $crate::properties::Problems) -> Option<Self> {
                $crate::values::read_choice(json, &[$($word),*], &[$(Self::$variant),*], problems)
            }
        }
    };
}

choices! {
    /// From when on the days of an [`ExpirationSettings`] are counted. Chime knows a second criterion, for channels alone.
    pub enum ExpirationCriterion {
        /// From the creation of the user.
        CreatedTimestamp = "CREATED_TIMESTAMP",
    }
}

crate::properties! {
    /// When Chime deletes a user by itself. It does so in the background, about six hours late.
    pub struct ExpirationSettings {
        /// After how many days.
        expiration_days: Days => "ExpirationDays",
        /// Counted from when.
        expiration_criterion: ExpirationCriterion => "ExpirationCriterion",
    }
}
