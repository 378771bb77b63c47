//! A template's properties: one declaration, read with every problem at once, written back, and compared path by path.
//!
//! [`properties!`] turns one declaration into a struct, its reader, its writer, its comparison and its schema. A reader never stops at
//! the first problem: whoever wrote the template gets all of them in one answer, each by its path.
//!
//! CloudFormation sends every scalar as a string, at every depth. [`scalar`](crate::properties::problems::scalar) is the one place
//! where that is undone; nothing else in the crate looks at the JSON type of a scalar.

pub mod chime;
pub mod differences;
pub mod problems;
pub mod raw;
pub mod same_app_instance;
pub mod schema;
pub mod values;

use crate::properties::differences::{Difference, Differences};
use crate::properties::problems::{COMMON_PROPERTIES, Problems};
use serde_json::{Map, Value as Json};

/// A value that a template can hold.
pub trait Value: Sized + PartialEq {
    /// Reads a value that is there. `None` means that at least one problem was added.
    fn read(json: &Json, problems: &mut Problems) -> Option<Self>;

    /// The value as a template states it; null where there is none. [`read`](Self::read) gives the same value again.
    fn write(&self) -> Json;

    /// What is allowed, as a schema. Its rules are those of [`read`](Self::read), as far as a schema can say them.
    fn schema() -> Json;

    /// Adds how an observed value differs from the stated one.
    fn compare(observed: &Self, stated: &Self, differences: &mut Differences) {
        if observed != stated {
            differences.add(observed.write(), stated.write());
        }
    }

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

    fn write(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::write)
    }

    fn schema() -> Json {
        T::schema()
    }

    fn compare(observed: &Self, stated: &Self, differences: &mut Differences) {
        match (observed, stated) {
            (Some(observed), Some(stated)) => T::compare(observed, stated, differences),
            _ if observed != stated => differences.add(observed.write(), stated.write()),
            _ => {}
        }
    }

    const IS_REQUIRED: bool = false;

    fn absent(_: &mut Problems) -> Option<Self> {
        Some(None)
    }
}

/// The properties of a resource, or of a map within one.
pub trait Properties: Value + Clone + Send + Sync + 'static {
    /// The names of those of which a change means another thing.
    fn create_only() -> Vec<&'static str>;

    /// The values of [`create_only`](Self::create_only), in the same order, as a template states them; null where one is left out.
    fn create_only_values(&self) -> Vec<(&'static str, Json)>;
}

/// Reads a resource's properties as the template's author wrote them.
///
/// # Errors
/// All that is wrong with them.
pub fn read<P: Value>(json: &Json) -> Result<P, Problems> {
    let mut problems = Problems::default();
    let properties = P::read(&without_common_properties(json), &mut problems);
    match properties {
        Some(properties) if problems.is_empty() => Ok(properties),
        _ => Err(problems),
    }
}

/// How observed properties differ from stated ones, in the order of the declaration. What is declared `unobserved` never does.
pub fn differences<P: Value>(observed: &P, stated: &P) -> Vec<Difference> {
    let mut differences = Differences::default();
    P::compare(observed, stated, &mut differences);
    differences.into_vec()
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
pub fn without_common_properties(json: &Json) -> Json {
    match json.as_object() {
        Some(object) => {
            let own = object.iter().filter(|(name, _)| !COMMON_PROPERTIES.contains(&name.as_str()));
            Json::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
        }
        None => json.clone(),
    }
}

/// Declares the properties of a resource, or of a map within one: a struct with reader, writer, comparison and schema.
///
/// Each line is `field: Type => "PropertyName"`; the type says what is allowed, and an `Option` what may be left out. Flags may follow, in
/// any order: `create_only`, a change means another thing (every other change is made in place); `default "…"`, what stands for it where
/// it is left out; `unobserved`, Chime does not show it, and so it is never compared. The doc comments are what the reference says. `where
/// check` names a function `fn(&RawProperties, &mut Problems)` for rules between properties: it is asked whatever else is wrong, and goes
/// by those that are right by themselves.
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

            fn write(&self) -> ::serde_json::Value {
                let all = [$(($property, $crate::properties::Value::write(&self.$field))),*];
                let stated = all.into_iter().filter(|(_, value)| !value.is_null());
                ::serde_json::Value::Object(stated.map(|(name, value)| (name.to_owned(), value)).collect())
            }

            fn compare(observed: &Self, stated: &Self, differences: &mut $crate::properties::differences::Differences) {
                $(if !$crate::properties::has_flag!(unobserved: $($flag $($value)?)*) {
                    differences.within($property, |differences| {
                        $crate::properties::Value::compare(&observed.$field, &stated.$field, differences);
                    });
                })*
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
            fn create_only() -> Vec<&'static str> {
                let all = [$(($property, $crate::properties::has_flag!(create_only: $($flag $($value)?)*))),*];
                all.into_iter().filter(|(_, is_create_only)| *is_create_only).map(|(name, _)| name).collect()
            }

            fn create_only_values(&self) -> Vec<(&'static str, ::serde_json::Value)> {
                let mut values = Vec::new();
                $(if $crate::properties::has_flag!(create_only: $($flag $($value)?)*) {
                    values.push(($property, $crate::properties::Value::write(&self.$field)));
                })*
                values
            }
        }
    };
}

/// The `default` among a property's flags, wherever it stands.
macro_rules! default_of {
    () => { None };
    (default $value:literal $($rest:tt)*) => { Some($value) };
    ($other:ident $($rest:tt)*) => { $crate::properties::default_of!($($rest)*) };
}

/// Whether a flag is among a property's, wherever it stands.
macro_rules! has_flag {
    ($flag:ident:) => { false };
    (create_only: create_only $($rest:tt)*) => { true };
    (unobserved: unobserved $($rest:tt)*) => { true };
    ($flag:ident: $other:tt $($rest:tt)*) => { $crate::properties::has_flag!($flag: $($rest)*) };
}

pub(crate) use {default_of, has_flag, properties};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::values::lists::List;
    use crate::properties::values::numbers::IntRange;
    use crate::properties::values::text::Text;
    use serde_json::json;

    properties! {
        /// A dish.
        pub struct Dish {
            /// Its name.
            name: Text<1, 10> => "Name",
            /// How many it feeds.
            guests: Option<IntRange<1, 4>> => "Guests",
            /// What goes into it.
            steps: Option<List<Step, 1, 2>> => "Steps",
            /// Where it is eaten. Another place means another dish.
            place: Text<1, 10> => "Place" default "table" create_only,
            /// Who cooks it. Nobody who eats it sees that.
            cook: Option<Text<1, 10>> => "Cook" unobserved,
        }
    }

    properties! {
        /// A step.
        pub struct Step {
            /// When.
            order: IntRange<1, 3> => "Order",
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
            "Colour is not a property (there are Name, Guests, Steps, Place, Cook)"
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
            "ResourceProperties must be a map of Name, Guests, Steps, Place, Cook, not \"Soup\""
        );
    }

    #[test]
    fn a_default_stands_for_what_is_left_out_and_the_flags_stand_in_any_order() {
        let left_out = read::<Dish>(&json!({"Name": "Soup"})).expect("right");
        let stated = read::<Dish>(&json!({"Name": "Soup", "Place": "table"})).expect("right");
        assert_eq!(left_out, stated);
        assert_eq!(Dish::create_only(), ["Place"]);
        assert_eq!(stated.create_only_values(), [("Place", json!("table"))]);
        assert_eq!(Dish::schema()["properties"]["Place"]["default"], "table");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let written = json!({"Name": "Soup", "Guests": 2, "Steps": [{"Order": 1}], "Place": "garden", "Cook": "Ada"});
        assert_eq!(read::<Dish>(&written).expect("right").write(), written);
    }

    #[test]
    fn every_difference_is_named_by_its_path_except_in_what_cannot_be_observed() {
        let of = |json: Json| read::<Dish>(&json).expect("right");
        let observed = of(json!({"Name": "Soup", "Steps": [{"Order": "1"}, {"Order": "2"}], "Cook": "Ada"}));
        let stated =
            of(json!({"Name": "Stew", "Guests": "2", "Steps": [{"Order": "1"}, {"Order": "3"}], "Cook": "Bob"}));
        let said: Vec<_> = differences(&observed, &stated).iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "Name is \"Soup\" in Chime and \"Stew\" here",
                "Guests is not set in Chime and 2 here",
                "Steps[1].Order is 2 in Chime and 3 here",
            ]
        );
        assert_eq!(differences(&stated, &stated), []);
    }
}
