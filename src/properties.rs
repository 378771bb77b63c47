//! Reading a template's properties: one declaration, and every problem at once.
//!
//! [`properties!`](crate::properties!) turns one declaration into a struct and its reader. A reader never stops at the
//! first problem: whoever wrote the template gets all of them in one answer, each by its path.
//!
//! CloudFormation sends every scalar as a string, at every depth. [`scalar`] is the one place where that is
//! undone; nothing else in the crate looks at the JSON type of a scalar.

use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::fmt;

/// Properties that CloudFormation and the Chime API know in every type and that no resource reads: the function's own
/// address, CloudFormation's patience, and a token in place of which CloudFormation's RequestId is sent.
const IN_EVERY_TYPE: [&str; 3] = ["ServiceToken", "ServiceTimeout", "ClientRequestToken"];

/// How much of a wrong value is repeated in a problem, in characters.
const SHOWN: usize = 60;

/// A value that a template can hold.
pub trait Value: Sized {
    /// Reads a value that is there. `None` means that at least one problem was added.
    fn read(json: &Json, problems: &mut Problems) -> Option<Self>;

    /// What is allowed, as a schema. Its rules are those of [`read`](Self::read), as far as a schema can say them.
    fn schema() -> Json;

    /// Whether a property of this kind has to be there.
    const IS_REQUIRED: bool = true;

    /// The properties of a map of which a change means another thing.
    fn replacing() -> Vec<&'static str> {
        Vec::new()
    }

    /// What a property that is left out stands for. Unless it is optional, that is a problem.
    fn absent(problems: &mut Problems) -> Option<Self> {
        problems.add("is required");
        None
    }
}

impl<T: Value> Value for Option<T> {
    fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
        T::read(json, problems).map(Some)
    }

    fn schema() -> Json {
        T::schema()
    }

    const IS_REQUIRED: bool = false;

    fn absent(_: &mut Problems) -> Option<Self> {
        Some(None)
    }
}

/// Reads a resource's properties as the template's author wrote them.
///
/// # Errors
/// All that is wrong with them.
pub fn read<P: Value>(json: &Json) -> Result<P, Problems> {
    let mut problems = Problems::default();
    let own = json.as_object().map(|object| {
        let own = object.iter().filter(|(name, _)| !IN_EVERY_TYPE.contains(&name.as_str()));
        Json::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
    });
    let properties = P::read(own.as_ref().unwrap_or(json), &mut problems);
    match properties {
        Some(properties) if problems.found.is_empty() => Ok(properties),
        _ => Err(problems),
    }
}

/// The text of a scalar, as CloudFormation would have sent it; `None` for a map, a list or nothing.
///
/// Numbers and booleans arrive only in events that did not come from CloudFormation, such as those of a local run.
pub fn scalar(json: &Json) -> Option<Cow<'_, str>> {
    match json {
        Json::String(text) => Some(Cow::Borrowed(text)),
        Json::Number(number) => Some(Cow::Owned(number.to_string())),
        Json::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Everything that is wrong with a template's properties. Displays as one sentence a problem, `; ` between them.
#[derive(Debug, Default)]
pub struct Problems {
    path: String,
    found: Vec<String>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.found.join("; "))
    }
}

impl Problems {
    /// A problem of its own, which no property's path leads to.
    pub fn of(sentence: impl Into<String>) -> Self {
        Self { path: String::new(), found: vec![sentence.into()] }
    }

    /// Adds what is wrong with the value at hand: `must be …`, `is required`.
    pub fn add(&mut self, predicate: impl fmt::Display) {
        let subject = if self.path.is_empty() { "ResourceProperties" } else { &self.path };
        self.found.push(format!("{subject} {predicate}"));
    }

    /// Adds that the value at hand must be `wanted`, and shows what it is instead.
    pub fn must_be(&mut self, wanted: impl fmt::Display, json: &Json) {
        self.add(format_args!("must be {wanted}, not {}", shown(json)));
    }

    /// Adds that the value at hand must be one of `words`, and which one was probably meant.
    pub fn must_be_one_of(&mut self, words: &[&str], json: &Json) {
        let meant = scalar(json).and_then(|text| did_you_mean(&text, words)).filter(|_| words.len() > 1);
        let hint = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
        self.add(format_args!("must be {}, not {}{hint}", words.join(" or "), shown(json)));
    }

    /// Reads a part of the value at hand: a property by its name, or an item as `[0]`.
    pub fn within<T>(&mut self, part: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let whole = self.path.len();
        if whole > 0 && !part.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(part);
        let outcome = read(self);
        self.path.truncate(whole);
        outcome
    }

    /// The map at hand, once every name in it that is not one of `names` is a problem.
    pub fn map<'a>(&mut self, json: &'a Json, names: &[&str]) -> Option<&'a Map<String, Json>> {
        let Some(map) = json.as_object() else {
            self.must_be(format_args!("a map of {}", names.join(", ")), json);
            return None;
        };
        for name in map.keys().filter(|name| !names.contains(&name.as_str())) {
            let hint = match did_you_mean(name, names) {
                Some(meant) => format!("is not a property, did you mean {meant}?"),
                None => format!("is not a property (there are {})", names.join(", ")),
            };
            self.within(name, |problems| problems.add(hint));
        }
        Some(map)
    }

    /// The property `name` of a map. A JSON null, which no template can send, counts as left out.
    pub fn property<T: Value>(&mut self, map: &Map<String, Json>, name: &str) -> Option<T> {
        self.within(name, |problems| match map.get(name) {
            None | Some(Json::Null) => T::absent(problems),
            Some(json) => T::read(json, problems),
        })
    }
}

/// The one of `choices` that was probably meant, if any comes near.
pub fn did_you_mean<'a>(written: &str, choices: &[&'a str]) -> Option<&'a str> {
    let near = |choice: &str| strsim::damerau_levenshtein(&written.to_lowercase(), &choice.to_lowercase());
    let (distance, best) = choices.iter().map(|choice| (near(choice), *choice)).min()?;
    (distance <= 1 + best.chars().count() / 5).then_some(best)
}

/// A wrong value as a problem repeats it, cut to [`SHOWN`] characters.
fn shown(json: &Json) -> String {
    match (scalar(json), json) {
        (Some(text), Json::String(_)) if text.chars().count() > SHOWN => {
            format!("\"{}…\"", text.chars().take(SHOWN).collect::<String>())
        }
        (Some(text), Json::String(_)) => format!("\"{text}\""),
        (Some(text), _) => text.into_owned(),
        (None, Json::Array(_)) => "a list".to_owned(),
        (None, Json::Object(_)) => "a map".to_owned(),
        (None, _) => "nothing".to_owned(),
    }
}

/// Declares the properties of a resource, or of a map within one: a struct, its reader and its schema.
///
/// Each line is `field: Type => "PropertyName"`; the type says what is allowed, and an `Option` what may be left out. `replaces`
/// behind it says that a change means another thing; every other change is made in place. The doc comments are what the
/// reference says. `where check` names a function `fn(&Self, &mut Problems)` for rules between properties.
#[macro_export]
macro_rules! properties {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident $(where $check:path)? {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty => $property:literal $($replaces:ident)?,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $type,)*
        }

        impl $crate::properties::Value for $name {
            fn read(json: &::serde_json::Value, problems: &mut $crate::properties::Problems) -> Option<Self> {
                let map = problems.map(json, &[$($property),*])?;
                $(let $field = problems.property::<$type>(map, $property);)*
                // Only now: a `?` any earlier would hide the problems of the properties after it.
                let properties = Self { $($field: $field?,)* };
                $($check(&properties, problems);)?
                Some(properties)
            }

            fn schema() -> ::serde_json::Value {
                let properties = vec![$((
                    $property,
                    <$type as $crate::properties::Value>::IS_REQUIRED,
                    $crate::schema::text(&[$($field_doc),*]),
                    <$type as $crate::properties::Value>::schema(),
                )),*];
                $crate::schema::map(&[$($doc),*], properties)
            }

            fn replacing() -> Vec<&'static str> {
                [$((concat!($(stringify!($replaces))?), $property)),*]
                    .into_iter()
                    .filter_map(|(replaces, property)| (replaces == "replaces").then_some(property))
                    .collect()
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::{List, Text, Whole};
    use serde_json::json;

    properties! {
        /// A dish.
        pub struct Dish {
            /// Its name.
            name: Text<1, 10> => "Name",
            /// How many it feeds.
            guests: Option<Whole<1, 4>> => "Guests",
            /// What goes into it.
            steps: Option<List<Step, 1, 2>> => "Steps",
        }
    }

    properties! {
        /// A step.
        pub struct Step {
            /// When.
            order: Whole<1, 3> => "Order",
        }
    }

    fn problems(json: Json) -> String {
        read::<Dish>(&json).expect_err("these properties are wrong").to_string()
    }

    #[test]
    fn every_problem_is_named_at_once_by_its_path() {
        assert_eq!(
            problems(json!({"Nmae": "Soup", "Guests": "5", "Steps": [{"Order": "1"}, {"Order": "4"}]})),
            "Nmae is not a property, did you mean Name?; Name is required; \
             Guests must be a whole number from 1 to 4, not \"5\"; \
             Steps[1].Order must be a whole number from 1 to 3, not \"4\""
        );
    }

    #[test]
    fn a_name_that_comes_near_none_is_answered_with_the_names_there_are() {
        assert_eq!(
            problems(json!({"Name": "Soup", "Colour": "red"})),
            "Colour is not a property (there are Name, Guests, Steps)"
        );
    }

    #[test]
    fn the_properties_of_every_type_are_no_problem_at_the_top_but_one_below() {
        let everywhere =
            json!({"Name": "Soup", "ServiceToken": "t", "ServiceTimeout": "60", "ClientRequestToken": "x"});
        assert_eq!(read::<Dish>(&everywhere).expect("right").name.as_str(), "Soup");
        assert!(
            problems(json!({"Name": "Soup", "Steps": [{"Order": "1", "ServiceToken": "t"}]}))
                .starts_with("Steps[0].ServiceToken is not a property")
        );
    }

    #[test]
    fn scalars_may_come_as_numbers_too_and_nothing_else_is_read_as_one() {
        assert_eq!(read::<Dish>(&json!({"Name": 7, "Guests": 2})).expect("right").guests.expect("there").get(), 2);
        assert!(problems(json!({"Name": ["Soup"]})).contains("not a list"));
        assert!(problems(json!({"Name": "Soup", "Guests": "+2"})).contains("not \"+2\""));
    }

    #[test]
    fn properties_that_are_no_map_are_one_problem() {
        assert_eq!(problems(json!("Soup")), "ResourceProperties must be a map of Name, Guests, Steps, not \"Soup\"");
    }
}
