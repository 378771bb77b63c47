//! Lists of values.

use crate::properties::differences::Differences;
use crate::properties::problems::Problems;
use crate::properties::{Value, add_difference};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

/// A list of `MIN` to `MAX` items.
#[derive(Clone, Debug)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> Deref for List<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// Items that do not come from the template: Chime shows them.
    pub fn unchecked(items: Vec<T>) -> Self {
        Self(items)
    }
}

impl<T: Value, const MIN: usize, const MAX: usize> PartialEq for List<T, MIN, MAX> {
    fn eq(&self, other: &Self) -> bool {
        match in_order_of(&self.0, &other.0) {
            Some(own) => own.into_iter().eq(&other.0),
            None => self.0 == other.0,
        }
    }
}

impl<T: Value, const MIN: usize, const MAX: usize> Value for List<T, MIN, MAX> {
    const IS_SECRET: bool = T::IS_SECRET;

    fn schema() -> Json {
        json!({"type": "array", "minItems": MIN, "maxItems": MAX, "items": T::schema()})
    }

    fn write(&self) -> Json {
        self.iter().map(T::write).collect()
    }

    fn compare(observed: &Self, stated: &Self, differences: &mut Differences) {
        if let (Some(observed), Some(stated)) = (by_key(observed), by_key(stated)) {
            return compare_by_key(&observed, &stated, differences);
        }
        if observed.len() != stated.len() {
            return add_difference(Some(observed), Some(stated), differences);
        }
        // A path is that of the author's template.
        let paired = in_order_of(observed, stated).unwrap_or_else(|| observed.iter().collect());
        for (at, (observed, stated)) in paired.into_iter().zip(stated.iter()).enumerate() {
            differences.within(&format!("[{at}]"), |differences| T::compare(observed, stated, differences));
        }
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
        // Collects in two steps: the second stops at the first `None`, and by then every item has been read.
        let read: Vec<Option<T>> = read.collect();
        read.into_iter().collect::<Option<Vec<T>>>().map(Self)
    }
}

/// The items in the order of `others`, by their [slots](Value::slot). `None` if they have no slots, or not the same ones.
fn in_order_of<'a, T: Value>(items: &'a [T], others: &[T]) -> Option<Vec<&'a T>> {
    let slots: Vec<(Json, &T)> = items.iter().map(|item| Some((item.slot()?, item))).collect::<Option<_>>()?;
    let ordered = others.iter().map(|other| {
        let slot = other.slot()?;
        slots.iter().find(|(own, _)| *own == slot).map(|(_, item)| *item)
    });
    ordered.collect::<Option<Vec<_>>>().filter(|ordered| ordered.len() == items.len())
}

/// The items by their keys, unless one has none.
fn by_key<T: Value>(items: &[T]) -> Option<BTreeMap<&str, &T>> {
    items.iter().map(|item| Some((item.key()?, item))).collect()
}

/// An item that only one side has is a difference of its own.
fn compare_by_key<T: Value>(observed: &BTreeMap<&str, &T>, stated: &BTreeMap<&str, &T>, differences: &mut Differences) {
    let keys: BTreeSet<&str> = observed.keys().chain(stated.keys()).copied().collect();
    for key in keys {
        differences.within(&format!("[{key}]"), |differences| match (observed.get(key), stated.get(key)) {
            (Some(observed), Some(stated)) => T::compare(observed, stated, differences),
            (observed, stated) => add_difference(observed.copied(), stated.copied(), differences),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::chime::streaming::StreamingConfiguration;
    use crate::properties::values::arns::AppInstanceMemberArn;
    use crate::properties::values::text::Text;
    use crate::properties::{differences, read};

    fn paths<T: Value>(observed: &Json, stated: &Json) -> Vec<String> {
        let list = |json: &Json| read::<List<T, 0, 9>>(json).expect("a list");
        differences(&list(observed), &list(stated)).into_iter().map(|difference| difference.path).collect()
    }

    #[test]
    fn lists_of_members_are_compared_member_by_member_and_other_lists_by_position() {
        let user = |name: &str| format!("arn:aws:chime:us-east-1:123456789012:app-instance/a/user/{name}");
        let of = |names: &[&str]| names.iter().map(|name| Json::from(user(name))).collect::<Json>();
        let compared = paths::<AppInstanceMemberArn>(&of(&["bob", "ada", "eve"]), &of(&["ada", "joe", "bob"]));
        assert_eq!(compared, [format!("[{}]", user("eve")), format!("[{}]", user("joe"))]);
        assert!(paths::<AppInstanceMemberArn>(&of(&["bob", "ada"]), &of(&["ada", "bob"])).is_empty());
        assert_eq!(paths::<Text<1, 9>>(&json!(["a", "b"]), &json!(["b", "b"])), ["[0]"]);
        assert_eq!(paths::<Text<1, 9>>(&json!(["a"]), &json!(["a", "b"])), [""]);
    }

    #[test]
    fn maps_with_a_slot_are_compared_in_the_order_of_the_template() {
        let of = |types: &[&str], stream: &str| {
            let one = |data_type: &&str| {
                json!({"DataType": data_type,
                    "ResourceArn": format!("arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-{stream}")})
            };
            types.iter().map(one).collect::<Json>()
        };
        let read = |json: &Json| read::<List<StreamingConfiguration, 0, 9>>(json).expect("a list");
        let [one, other] = [["Channel", "ChannelMessage"], ["ChannelMessage", "Channel"]].map(|types| of(&types, "a"));
        assert_eq!(read(&one), read(&other));
        assert!(paths::<StreamingConfiguration>(&one, &other).is_empty());
        let mut elsewhere = other.clone();
        elsewhere[0]["ResourceArn"] = of(&["Channel"], "b")[0]["ResourceArn"].clone();
        assert_ne!(read(&one), read(&elsewhere));
        assert_eq!(paths::<StreamingConfiguration>(&one, &elsewhere), ["[0].ResourceArn"]);
        assert_ne!(read(&of(&["Channel"], "a")), read(&one));
        assert_eq!(paths::<StreamingConfiguration>(&of(&["Channel"], "a"), &one), [""]);
        let both = [of(&["Channel"], "a"), of(&["ChannelMessage"], "a")];
        assert_eq!(paths::<StreamingConfiguration>(&both[0], &both[1]), ["[0].DataType"]);
    }
}
