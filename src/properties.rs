//! A template's properties.
//!
//! [`properties!`] turns one declaration into a struct with a reader, a writer, a comparison and a schema. The reader
//! does not stop at the first problem: the template's author gets all problems in one response, each with its path.
//!
//! CloudFormation sends every scalar as a string, at every depth. Values read one by [`scalar`](crate::properties::problems::scalar) alone.

pub mod chime;
pub mod differences;
pub mod problems;
pub mod raw;
pub mod same_app_instance;
pub mod schema;
pub mod values;
pub mod visible;

use crate::properties::differences::{Difference, Differences};
use crate::properties::problems::{COMMON_PROPERTIES, Problems};
use serde_json::{Map, Value as Json};

/// A value in a template.
pub trait Value: Sized + PartialEq {
    /// Reads a value that is present. `None` means that at least one problem was added.
    fn read(json: &Json, problems: &mut Problems) -> Option<Self>;

    /// The value as a template contains it, or null if it is absent. [`read`](Self::read) reads it back unchanged.
    fn write(&self) -> Json;

    /// The schema of valid values. It has the same rules as [`read`](Self::read), as far as a schema can express them.
    fn schema() -> Json;

    /// Whether the value is a secret or contains one. A difference shows neither it nor a list or map around it.
    const IS_SECRET: bool = false;

    /// Adds the differences between the observed value and the one in the template.
    fn compare(observed: &Self, stated: &Self, differences: &mut Differences) {
        if observed != stated {
            add_difference(Some(observed), Some(stated), differences);
        }
    }

    /// What tells this value from the others of a list whose order means nothing. Such lists are compared item by item.
    fn key(&self) -> Option<&str> {
        None
    }

    /// The property that takes the place of a map's position in its list, such as an `ExecutionOrder`: the order means nothing.
    fn slot(&self) -> Option<Json> {
        None
    }

    /// Whether properties with this type of value are required.
    const IS_REQUIRED: bool = true;

    /// The value of an omitted property. For a required property, this adds a problem.
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
            (None, None) => {}
            (observed, stated) => add_difference(observed.as_ref(), stated.as_ref(), differences),
        }
    }

    const IS_SECRET: bool = T::IS_SECRET;
    const IS_REQUIRED: bool = false;

    fn absent(_: &mut Problems) -> Option<Self> {
        Some(None)
    }
}

/// Adds that a value differs, or that only one side has it. A secret is not shown.
pub fn add_difference<T: Value>(observed: Option<&T>, stated: Option<&T>, differences: &mut Differences) {
    let written = |value: Option<&T>| value.map_or(Json::Null, T::write);
    if T::IS_SECRET { differences.add_secret() } else { differences.add(written(observed), written(stated)) }
}

/// The properties of a resource, or of a map within one.
pub trait Properties: Value + Clone + Send + Sync + 'static {
    /// The names of the create-only properties. Changing one replaces the resource.
    fn create_only() -> Vec<&'static str>;

    /// The values of [`create_only`](Self::create_only) in the same order, as a template contains them. Null if a
    /// property is omitted.
    fn create_only_values(&self) -> Vec<(&'static str, Json)>;

    /// Resets each property that has changed to its former value, because Chime may still show an even older one.
    fn keep_former(&mut self, former: &Self, desired: &Self);

    /// The names of the properties that Chime does not show.
    fn unobserved() -> Vec<&'static str>;
}

/// Reads a resource's properties as the template's author wrote them.
///
/// # Errors
/// All problems of the properties.
pub fn read<P: Value>(json: &Json) -> Result<P, Problems> {
    let mut problems = Problems::default();
    let properties = P::read(&without_common_properties(json), &mut problems);
    match properties {
        Some(properties) if problems.is_empty() => Ok(properties),
        _ => Err(problems),
    }
}

/// The differences between observed properties and those in the template, in the order of the declaration. Properties
/// declared `unobserved` are not compared.
pub fn differences<P: Value>(observed: &P, stated: &P) -> Vec<Difference> {
    let mut differences = Differences::default();
    P::compare(observed, stated, &mut differences);
    differences.into_vec()
}

/// Reads the property `name` of a map, with an optional default. JSON null, which a template cannot send, counts as
/// omitted.
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

/// The properties without those that every type has.
pub fn without_common_properties(json: &Json) -> Json {
    match json.as_object() {
        Some(object) => {
            let own = object.iter().filter(|(name, _)| !COMMON_PROPERTIES.contains(&name.as_str()));
            Json::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
        }
        None => json.clone(),
    }
}

/// Declares the properties of a resource, or of a map within one. It generates a struct with a reader, a writer, a
/// comparison and a schema.
///
/// Each line is `field: Type => "PropertyName"`. The type defines which values are valid, and an `Option` can be
/// omitted. The doc comments appear in the reference. Flags may follow in any order:
///
/// - `create_only`: a change replaces the resource. All other changes are made in place.
/// - `default "…"`: the value of an omitted property.
/// - `unobserved`: Chime does not show the property, so it is never compared.
/// - `slot`: see [`Value::slot`].
///
/// `where check` names a function `fn(&RawProperties, &mut Problems)` with rules between properties. It always runs,
/// and considers only those properties that are valid on their own.
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
                // This comes last: an earlier `?` would hide the problems of the remaining properties.
                Some(Self { $($field: $field?,)* })
            }

            fn write(&self) -> ::serde_json::Value {
                let all = [$(($property, $crate::properties::Value::write(&self.$field))),*];
                let stated = all.into_iter().filter(|(_, value)| !value.is_null());
                ::serde_json::Value::Object(stated.map(|(name, value)| (name.to_owned(), value)).collect())
            }

            const IS_SECRET: bool = $(<$type as $crate::properties::Value>::IS_SECRET ||)* false;

            fn slot(&self) -> Option<::serde_json::Value> {
                let is_slot = [$($crate::properties::has_flag!(slot: $($flag $($value)?)*)),*];
                let slot = is_slot.into_iter().position(|is_slot| is_slot)?;
                [$($crate::properties::Value::write(&self.$field)),*].into_iter().nth(slot)
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

            fn keep_former(&mut self, former: &Self, desired: &Self) {
                $(if former.$field != desired.$field {
                    self.$field.clone_from(&former.$field);
                })*
            }

            fn unobserved() -> Vec<&'static str> {
                let all = [$(($property, $crate::properties::has_flag!(unobserved: $($flag $($value)?)*))),*];
                all.into_iter().filter(|(_, is_unobserved)| *is_unobserved).map(|(name, _)| name).collect()
            }
        }
    };
}

/// The `default` among a property's flags, at any position.
macro_rules! default_of {
    () => { None };
    (default $value:literal $($rest:tt)*) => { Some($value) };
    ($other:ident $($rest:tt)*) => { $crate::properties::default_of!($($rest)*) };
}

/// Whether a property has a flag, at any position.
macro_rules! has_flag {
    ($flag:ident:) => { false };
    (create_only: create_only $($rest:tt)*) => { true };
    (unobserved: unobserved $($rest:tt)*) => { true };
    (slot: slot $($rest:tt)*) => { true };
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
            /// How many guests it serves.
            guests: Option<IntRange<1, 4>> => "Guests",
            /// The steps of the recipe.
            steps: Option<List<Step, 1, 2>> => "Steps",
            /// Where it is served. A different place means a different dish.
            place: Text<1, 10> => "Place" default "table" create_only,
            /// Who cooks it. The guests cannot see that.
            cook: Option<Text<1, 10>> => "Cook" unobserved,
        }
    }

    properties! {
        /// A step.
        pub struct Step {
            /// Its position.
            order: IntRange<1, 3> => "Order",
        }
    }

    fn problems(json: Json) -> String {
        read::<Dish>(&json).expect_err("invalid").to_string()
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
    fn an_unknown_name_is_answered_with_the_valid_names() {
        assert_eq!(
            problems(json!({"Name": "Soup", "Colour": "red"})),
            "Colour is not a property (there are Name, Guests, Steps, Place, Cook)"
        );
    }

    #[test]
    fn common_properties_are_allowed_only_at_the_top_level() {
        let with_common =
            json!({"Name": "Soup", "ServiceToken": "t", "ServiceTimeout": "60", "ClientRequestToken": "x"});
        assert_eq!(read::<Dish>(&with_common).expect("valid").name.as_str(), "Soup");
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
    fn scalars_may_be_numbers_but_not_lists() {
        assert_eq!(read::<Dish>(&json!({"Name": 7, "Guests": 2})).expect("valid").guests.expect("there").get(), 2);
        assert!(problems(json!({"Name": ["Soup"]})).contains("not a list"));
        assert!(problems(json!({"Name": "Soup", "Guests": "+2"})).contains("not \"+2\""));
    }

    #[test]
    fn properties_that_are_not_a_map_are_one_problem() {
        assert_eq!(
            problems(json!("Soup")),
            "ResourceProperties must be a map of Name, Guests, Steps, Place, Cook, not \"Soup\""
        );
    }

    #[test]
    fn an_omitted_property_has_its_default_and_flags_may_be_in_any_order() {
        let omitted = read::<Dish>(&json!({"Name": "Soup"})).expect("valid");
        let stated = read::<Dish>(&json!({"Name": "Soup", "Place": "table"})).expect("valid");
        assert_eq!(omitted, stated);
        assert_eq!(Dish::create_only(), ["Place"]);
        assert_eq!(Dish::unobserved(), ["Cook"]);
        assert_eq!(stated.create_only_values(), [("Place", json!("table"))]);
        assert_eq!(Dish::schema()["properties"]["Place"]["default"], "table");
    }

    #[test]
    fn written_properties_are_read_back_unchanged() {
        let written = json!({"Name": "Soup", "Guests": 2, "Steps": [{"Order": 1}], "Place": "garden", "Cook": "Ada"});
        assert_eq!(read::<Dish>(&written).expect("valid").write(), written);
    }

    #[test]
    fn every_difference_is_named_by_its_path_except_in_unobserved_properties() {
        let of = |json: Json| read::<Dish>(&json).expect("valid");
        let observed = of(json!({"Name": "Soup", "Steps": [{"Order": "1"}, {"Order": "2"}], "Cook": "Ada"}));
        let stated =
            of(json!({"Name": "Stew", "Guests": "2", "Steps": [{"Order": "1"}, {"Order": "3"}], "Cook": "Bob"}));
        let messages: Vec<_> = differences(&observed, &stated).iter().map(ToString::to_string).collect();
        assert_eq!(
            messages,
            [
                "Name is \"Soup\" in Chime and \"Stew\" here",
                "Guests is not set in Chime and 2 here",
                "Steps[1].Order is 2 in Chime and 3 here",
            ]
        );
        assert_eq!(differences(&stated, &stated), []);
    }
}
