//! Text values with Chime's limits. Each limit is defined here once.
//!
//! The limits come from the service models of Chime SDK identity (2021-04-20) and messaging (2021-05-15).

use crate::properties::Value;
use crate::properties::problems::{Problems, scalar};
use serde_json::{Value as Json, json};

/// Text of `MIN` to `MAX` characters: the names of app instances, bots, channel flows and processors.
///
/// It allows the characters of Chime's `ResourceName`: tab, line feed, carriage return, U+0085, and everything that is
/// neither a control character nor a non-character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// A text that does not come from the template: Chime shows it, or it is derived.
    pub fn unchecked(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An optional text in the form that Chime expects: an empty text means none.
pub fn or_empty<const MIN: usize, const MAX: usize>(text: &Option<Text<MIN, MAX>>) -> &str {
    text.as_ref().map_or("", Text::as_str)
}

impl<const MIN: usize, const MAX: usize> Value for Text<MIN, MAX> {
    fn schema() -> Json {
        json!({"type": "string", "minLength": MIN, "maxLength": MAX})
    }

    fn write(&self) -> Json {
        self.as_str().into()
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        match scalar(json) {
            Some(text) if has_length(&text, MIN, MAX) && text.chars().all(is_printable) => {
                Some(Self(text.into_owned()))
            }
            Some(text) if has_length(&text, MIN, MAX) => {
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

fn has_length(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count())
}

/// Whether `text` contains one of Java's line terminators. The `.` in Chime's patterns matches none of them.
pub fn has_line_break(text: &str) -> bool {
    text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{7E}' | '\u{85}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Text of `MIN` to `MAX` characters on one line (Chime's `.*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleLine<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> SingleLine<MIN, MAX> {
    /// A text that does not come from the template: Chime shows it, or it is derived.
    pub fn unchecked(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> Value for SingleLine<MIN, MAX> {
    fn schema() -> Json {
        json!({
            "type": "string",
            "minLength": MIN,
            "maxLength": MAX,
            "pattern": r"^[^\n\r\u0085\u2028\u2029]*$",
            "patternErrorMessage": format!("must be text of {MIN} to {MAX} characters on one line"),
        })
    }

    fn write(&self) -> Json {
        self.as_str().into()
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        match scalar(json) {
            Some(text) if has_length(&text, MIN, MAX) && !has_line_break(&text) => Some(Self(text.into_owned())),
            _ => {
                problems.must_be(format_args!("text of {MIN} to {MAX} characters on one line"), json);
                None
            }
        }
    }
}

/// The display name of an app instance user: 1 to 100 characters on one line, not all of them whitespace. Chime's
/// pattern is `.*\S.*`, so Chime's `\S` decides what counts as whitespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    /// The maximum length of a user's name.
    pub const MAX: usize = 100;

    /// A text that does not come from the template: Chime shows it, or it is derived.
    pub fn unchecked(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for UserName {
    fn schema() -> Json {
        json!({
            "type": "string",
            "minLength": 1,
            "maxLength": Self::MAX,
            "pattern": r"^[^\n\r\u0085\u2028\u2029]*\S[^\n\r\u0085\u2028\u2029]*$",
            "patternErrorMessage": format!("must be text of 1 to {} characters on one line, not all blank", Self::MAX),
        })
    }

    fn write(&self) -> Json {
        self.as_str().into()
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        match scalar(json) {
            Some(text) if has_line_break(&text) => {
                problems.add("must not hold line breaks");
                None
            }
            Some(text) if has_length(&text, 1, Self::MAX) && !text.chars().all(char::is_whitespace) => {
                Some(Self(text.into_owned()))
            }
            _ => {
                problems.must_be(format_args!("text of 1 to {} characters, not all blank", Self::MAX), json);
                None
            }
        }
    }
}

/// An id that the template's author chooses: 1 to 64 of `A-Z a-z 0-9 : - _ . @`, beginning and ending with a letter or
/// digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceId(String);

impl ResourceId {
    const EXPECTED: &'static str = "1 to 64 letters, digits and : - _ . @, with a letter or digit at either end";

    /// A text that does not come from the template: Chime shows it, or it is derived.
    pub fn unchecked(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for ResourceId {
    fn schema() -> Json {
        json!({
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "pattern": "^[A-Za-z0-9]([A-Za-z0-9:_.@-]{0,62}[A-Za-z0-9])?$",
            "patternErrorMessage": format!("must be {}", Self::EXPECTED),
        })
    }

    fn write(&self) -> Json {
        self.as_str().into()
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
                problems.must_be(Self::EXPECTED, json);
                None
            }
        }
    }
}

/// The name of a Lex intent: 1 to 100 letters and underscores, with each underscore after a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexIntentName(String);

impl LexIntentName {
    const EXPECTED: &'static str = "1 to 100 letters and underscores, each underscore after a letter";

    /// A text that does not come from the template: Chime shows it, or it is derived.
    pub fn unchecked(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for LexIntentName {
    fn schema() -> Json {
        json!({
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "pattern": "^([A-Za-z]_?)+$",
            "patternErrorMessage": format!("must be {}", Self::EXPECTED),
        })
    }

    fn write(&self) -> Json {
        self.as_str().into()
    }

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let is_name = |text: &str| {
            has_length(text, 1, 100)
                && text.bytes().all(|c| c.is_ascii_alphabetic() || c == b'_')
                && !text.starts_with('_')
                && !text.contains("__")
        };
        match scalar(json) {
            Some(text) if is_name(&text) => Some(Self(text.into_owned())),
            _ => {
                problems.must_be(Self::EXPECTED, json);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;

    #[test]
    fn a_user_name_is_on_one_line_and_not_blank() {
        for valid in ["Ada", " a ", &"n".repeat(100)] {
            assert!(read::<UserName>(&json!(valid)).is_ok(), "{valid:?}");
        }
        for wrong in ["a\nb", "a\rb", "a\u{85}b", "a\u{2028}b", "a\u{2029}b"] {
            assert_eq!(
                read::<UserName>(&json!(wrong)).expect_err("wrong").to_string(),
                "ResourceProperties must not hold line breaks",
                "{wrong:?}"
            );
        }
        for wrong in [" ", "", "\t\u{B}", "\u{A0}", &"n".repeat(101)] {
            assert!(read::<UserName>(&json!(wrong)).is_err(), "{wrong:?}");
        }
    }
}
