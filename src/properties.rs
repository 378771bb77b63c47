//! Reading a template's properties: one declaration, and every problem at once.
//!
//! [`properties!`] turns one declaration into a struct, its reader and its schema. A reader never stops at
//! the first problem: whoever wrote the template gets all of them in one answer, each by its path.
//!
//! CloudFormation sends every scalar as a string, at every depth. [`scalar`](crate::properties::problems::scalar) is the one place
//! where that is undone; nothing else in the crate looks at the JSON type of a scalar.

pub mod chime;
pub mod problems;
pub mod raw;
pub mod same_app_instance;
pub mod schema;
pub mod values;

use crate::properties::problems::{IN_EVERY_TYPE, Problems};
use serde_json::{Map, Value as Json};

/// A value that a template can hold.
pub trait Value: Sized {
    /// Reads a value that is there. `None` means that at least one problem was added.
    fn read(json: &Json, problems: &mut Problems) -> Option<Self>;

    /// What is allowed, as a schema. Its rules are those of [`read`](Self::read), as far as a schema can say them.
    fn schema() -> Json;

    /// Whether a property of this kind has to be there.
    const IS_REQUIRED: bool = true;

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

/// A value of which a change may mean another thing: `replaces` in a declaration.
pub trait Fixed {
    /// It as text, to be compared with what an id says; `None` where it is left out.
    fn text(&self) -> Option<String>;
}

impl<T: Fixed> Fixed for Option<T> {
    fn text(&self) -> Option<String> {
        self.as_ref().and_then(T::text)
    }
}

/// The properties of a resource, or of a map within one.
pub trait Properties: Value + Clone + PartialEq + Send + Sync + 'static {
    /// Those of which a change means another thing.
    const REPLACING: &'static [&'static str];

    /// The values of [`REPLACING`](Self::REPLACING), in the same order.
    fn fixed(&self) -> Vec<(&'static str, Option<String>)>;
}

/// Reads a resource's properties as the template's author wrote them.
///
/// # Errors
/// All that is wrong with them.
pub fn read<P: Value>(json: &Json) -> Result<P, Problems> {
    let mut problems = Problems::default();
    let properties = P::read(&own(json), &mut problems);
    match properties {
        Some(properties) if problems.is_empty() => Ok(properties),
        _ => Err(problems),
    }
}

/// The property `name` of a map, or `default` where it is left out. A JSON null, which no template can send, counts as left out.
pub fn property<T: Value>(
    map: &Map<String, Json>,
    name: &str,
    default: Option<&'static str>,
    problems: &mut Problems,
) -> Option<T> {
    problems.within(name, |problems| match (map.get(name), default) {
        (None | Some(Json::Null), None) => T::absent(problems),
        (None | Some(Json::Null), Some(default)) => T::read(&Json::from(default), problems),
        (Some(json), _) => T::read(json, problems),
    })
}

/// The properties without those of every type.
pub fn own(json: &Json) -> Json {
    match json.as_object() {
        Some(object) => {
            let own = object.iter().filter(|(name, _)| !IN_EVERY_TYPE.contains(&name.as_str()));
            Json::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
        }
        None => json.clone(),
    }
}

/// Declares the properties of a resource, or of a map within one: a struct, its reader and its schema.
///
/// Each line is `field: Type => "PropertyName"`; the type says what is allowed, and an `Option` what may be left out. `replaces`
/// behind it says that a change means another thing, every other change is made in place; `default "…"` what stands for it where
/// it is left out. The doc comments are what the reference says. `where check` names a function `fn(&Stated, &mut Problems)` for
/// rules between properties: it is asked whatever else is wrong, and goes by those that are right by themselves.
macro_rules! properties {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident $(where $check:path)? {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty => $property:literal $($flag:ident $($value:literal)?)*,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $type,)*
        }

        impl $crate::properties::Value for $name {
            fn read(
                json: &::serde_json::Value,
                problems: &mut $crate::properties::problems::Problems,
            ) -> Option<Self> {
                let map = problems.map(json, &[$($property),*])?;
                $(let $field = $crate::properties::property::<$type>(
                    map, $property, $crate::properties::default_of!($($flag $($value)?)*), problems);)*
                $($check(&json.into(), problems);)?
                // Only now: a `?` any earlier would hide the problems of the properties after it.
                Some(Self { $($field: $field?,)* })
            }

            fn schema() -> ::serde_json::Value {
                let properties = vec![$({
                    let default: Option<&'static str> = $crate::properties::default_of!($($flag $($value)?)*);
                    $crate::properties::schema::Property {
                        name: $property,
                        is_required: <$type as $crate::properties::Value>::IS_REQUIRED && default.is_none(),
                        docs: &[$($field_doc),*],
                        default,
                        schema: <$type as $crate::properties::Value>::schema(),
                    }
                }),*];
                $crate::properties::schema::map(&[$($doc),*], properties)
            }
        }

        impl $crate::properties::Properties for $name {
            const REPLACING: &'static [&'static str] = &$crate::properties::replacing!([] $($property ($($flag $($value)?)*))*);

            fn fixed(&self) -> Vec<(&'static str, Option<String>)> {
                let fixed: [Option<(&'static str, Option<String>)>; _] =
                    [$($crate::properties::fixed_of!($property, &self.$field, $($flag $($value)?)*)),*];
                fixed.into_iter().flatten().collect()
            }
        }
    };
}

/// The `default` among a property's flags.
macro_rules! default_of {
    () => { None };
    (default $value:literal $($rest:tt)*) => { Some($value) };
    (replaces $($rest:tt)*) => { $crate::properties::default_of!($($rest)*) };
}

/// The names of the properties flagged `replaces`.
macro_rules! replacing {
    ([$($found:literal)*]) => { [$($found),*] };
    ([$($found:literal)*] $property:literal (replaces $($flags:tt)*) $($rest:tt)*) => {
        $crate::properties::replacing!([$($found)* $property] $($rest)*)
    };
    ([$($found:literal)*] $property:literal ($($flags:tt)*) $($rest:tt)*) => {
        $crate::properties::replacing!([$($found)*] $($rest)*)
    };
}

/// A property's name and value if it is flagged `replaces`.
macro_rules! fixed_of {
    ($property:literal, $value:expr, replaces $($flags:tt)*) => {
        Some(($property, $crate::properties::Fixed::text($value)))
    };
    ($property:literal, $value:expr, $($flags:tt)*) => {
        None
    };
}

pub(crate) use {default_of, fixed_of, properties, replacing};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::values::lists::List;
    use crate::properties::values::numbers::Whole;
    use crate::properties::values::text::Text;
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
            /// Where it is eaten. Another place means another dish.
            place: Text<1, 10> => "Place" replaces default "table",
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
            "Colour is not a property (there are Name, Guests, Steps, Place)"
        );
    }

    #[test]
    fn the_properties_of_every_type_are_no_problem_at_the_top_but_one_below() {
        let everywhere =
            json!({"Name": "Soup", "ServiceToken": "t", "ServiceTimeout": "60", "ClientRequestToken": "x"});
        assert_eq!(read::<Dish>(&everywhere).expect("right").name.as_str(), "Soup");
        assert_eq!(
            problems(json!({"Name": "Soup", "ServiceTimout": "60"})),
            "ServiceTimout is not a property, did you mean ServiceTimeout?"
        );
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
        assert_eq!(
            problems(json!("Soup")),
            "ResourceProperties must be a map of Name, Guests, Steps, Place, not \"Soup\""
        );
    }

    #[test]
    fn a_default_stands_for_what_is_left_out_and_a_marked_property_replaces() {
        let left_out = read::<Dish>(&json!({"Name": "Soup"})).expect("right");
        let stated = read::<Dish>(&json!({"Name": "Soup", "Place": "table"})).expect("right");
        assert_eq!(left_out, stated);
        assert_eq!(Dish::REPLACING, ["Place"]);
        assert_eq!(stated.fixed(), [("Place", Some("table".to_owned()))]);
        assert_eq!(Dish::schema()["properties"]["Place"]["default"], "table");
    }
}
