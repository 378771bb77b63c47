//! Secrets: values that must not be shown, and where a template contains them.

use crate::properties::Value;
use crate::properties::problems::{COMMON_PROPERTIES, Problems, did_you_mean, scalar};
use crate::properties::values::text::has_line_break;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::fmt;

/// A text that neither `Debug` nor a problem shows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, for sending it to Chime.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Metadata: at most 1024 characters on one line (Chime's `.*`). Empty if omitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata(Secret);

impl Metadata {
    const MAX: usize = 1024;
    const ONE_LINE: &'static str = "must not hold line breaks; write JSON on one line";

    /// The value for a create call.
    pub fn to_create(&self) -> Option<String> {
        Some(self.0.expose().to_owned()).filter(|text| !text.is_empty())
    }

    /// The value for an update call. Chime requires it in every update. An empty text clears it.
    pub fn to_update(&self) -> &str {
        self.0.expose()
    }

    /// The value that Chime shows. No value and an empty text are the same.
    pub fn observed(shown: Option<&str>) -> Self {
        Self(Secret(shown.unwrap_or_default().to_owned()))
    }
}

impl Value for Metadata {
    const IS_REQUIRED: bool = false;

    fn absent(_: &mut Problems) -> Option<Self> {
        Some(Self::default())
    }

    fn schema() -> Json {
        json!({
            "type": "string",
            "minLength": 0,
            "maxLength": Self::MAX,
            "pattern": r"^[^\n\r\u0085\u2028\u2029]*$",
            "patternErrorMessage": Self::ONE_LINE,
        })
    }

    fn write(&self) -> Json {
        self.to_create().map_or(Json::Null, Json::from)
    }

    const IS_SECRET: bool = true;

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
        if has_line_break(&text) {
            problems.add(Self::ONE_LINE);
            return None;
        }
        Some(Self(Secret(text.into_owned())))
    }
}

/// A device token: 1 to 1600 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceToken(Secret);

impl DeviceToken {
    const MAX: usize = 1600;

    /// A token that Chime shows.
    pub fn observed(shown: &str) -> Self {
        Self(Secret(shown.to_owned()))
    }

    /// The token, for sending it to Chime.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Value for DeviceToken {
    fn schema() -> Json {
        json!({
            "type": "string",
            "minLength": 1,
            "maxLength": Self::MAX,
            "pattern": r"^[^\n\r\u0085\u2028\u2029]*$",
            "patternErrorMessage": format!("must be text of 1 to {} characters on one line", Self::MAX),
        })
    }

    fn write(&self) -> Json {
        self.expose().into()
    }

    const IS_SECRET: bool = true;

    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        let text = scalar(json).filter(|text| (1..=Self::MAX).contains(&text.chars().count()) && !has_line_break(text));
        if text.is_none() {
            problems.add(format_args!("must be text of 1 to {} characters on one line", Self::MAX));
        }
        text.map(|text| Self(Secret(text.into_owned())))
    }
}

/// The properties with secret values, at any place in a template.
const SECRET_PROPERTIES: [&str; 4] = ["Metadata", "DeviceToken", "VoipDeviceToken", "EndpointAttributes"];

/// Shorter secrets are not masked: they occur inside too many words and reveal nothing.
pub const MIN_SECRET: usize = 4;

/// The secrets in `json`: every text or number at or below a secret property. Similar names count too, because a
/// misspelled property still contains the secret.
pub fn secrets(json: &Json) -> Vec<Cow<'_, str>> {
    let mut found = Vec::new();
    collect(json, false, &mut |text, is_secret| {
        found.extend(Some(text).filter(|text| is_secret && text.chars().count() >= MIN_SECRET));
    });
    found
}

/// The texts and numbers in `json` that are not secret.
pub fn public(json: &Json) -> Vec<Cow<'_, str>> {
    let mut found = Vec::new();
    collect(json, false, &mut |text, is_secret| found.extend(Some(text).filter(|_| !is_secret)));
    found
}

fn collect<'a>(json: &'a Json, is_secret: bool, add: &mut impl FnMut(Cow<'a, str>, bool)) {
    match json {
        Json::Object(map) => map.iter().for_each(|(name, value)| {
            // ServiceToken resembles DeviceToken, but is not a secret.
            let is_common = COMMON_PROPERTIES.contains(&name.as_str());
            let is_secret = is_secret || !is_common && did_you_mean(name, &SECRET_PROPERTIES).is_some();
            collect(value, is_secret, add);
        }),
        Json::Array(items) => items.iter().for_each(|item| collect(item, is_secret, add)),
        // CloudFormation sends text. Others may send a number.
        scalar_json => scalar(scalar_json).into_iter().for_each(|text| add(text, is_secret)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::values::lists::List;
    use crate::properties::{differences, properties, read};

    properties! {
        /// An ingredient that nobody may know of.
        pub struct Secrecy {
            /// What it is.
            token: Option<DeviceToken> => "Token",
        }
    }

    #[test]
    fn metadata_is_one_line_of_1024_characters_and_is_never_shown() {
        let metadata = read::<Metadata>(&json!("something secret")).expect("valid");
        assert_eq!(format!("{metadata:?}"), "Metadata(…)");
        for (wrong, problem) in [
            (json!("m".repeat(1025)), "must be at most 1024 characters, it has 1025"),
            (json!("{\n}"), "must not hold line breaks; write JSON on one line"),
            (json!({"a": "b"}), "must be text; a map has to be written as a JSON string"),
        ] {
            let problems = read::<Metadata>(&wrong).expect_err("wrong").to_string();
            assert_eq!(problems, format!("ResourceProperties {problem}"));
        }
    }

    #[test]
    fn a_secret_is_found_at_any_depth_and_under_a_misspelled_name() {
        let json = json!({"Metdata": "first", "A": [{"metadata": {"k": ["second"]}}], "DeviceToken": "abc", "Name": "public",
                "ServiceToken": "arn"});
        assert_eq!(secrets(&json), ["second", "first"]);
        assert_eq!(public(&json), ["public", "arn"]);
        assert_eq!(secrets(&json!({"Metadata": 123_456_789, "Name": 1234})), ["123456789"]);
    }

    #[test]
    fn a_secret_is_shown_neither_by_itself_nor_with_what_contains_it() {
        let [none, one] = [json!({}), json!({"Token": "saffron"})].map(|json| read::<Secrecy>(&json).expect("valid"));
        let list = |items: &[&Secrecy]| List::<Secrecy, 0, 9>::unchecked(items.iter().copied().cloned().collect());
        let shown = [
            differences(&none, &one),
            differences(&one, &none),
            differences(&Some(one.clone()), &None),
            differences(&list(&[]), &list(&[&one])),
        ];
        for differences in shown {
            let [difference] = &differences[..] else { panic!("one difference: {differences:?}") };
            assert_eq!(difference.values(), None);
        }
    }
}
