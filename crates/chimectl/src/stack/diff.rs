//! The differences between two states of Chime.

use crate::yaml::{Style, yaml};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The members that identify an item of a list: the first one that it has counts.
const NAMES: [&str; 11] = [
    "AppInstanceUserArn",
    "AppInstanceBotArn",
    "AppInstanceArn",
    "ChannelArn",
    "ChannelFlowArn",
    "MemberArn",
    "EndpointId",
    "DataType",
    "ExecutionOrder",
    "Key",
    "Arn",
];

/// A line for each item and value that was added (`+`), removed (`-`) or changed (`~`, with both values), below the ARN of its app instance;
/// empty if nothing changed. What was added is shown in full.
pub fn between(before: &Json, after: &Json) -> String {
    let (old, new) = (app_instances(before), app_instances(after));
    let mut lines = String::new();
    for arn in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let _ = match (old.get(arn), new.get(arn)) {
            (Some(old), Some(new)) => {
                let mut changes = String::new();
                compare(&mut changes, "", Some(old), Some(new));
                if changes.is_empty() { Ok(()) } else { write!(lines, "  {arn}\n{changes}") }
            }
            (None, Some(new)) => write!(lines, "  + {arn}\n{}", contents(new, 3)),
            (Some(_), None) => writeln!(lines, "  - {arn}"),
            (None, None) => Ok(()),
        };
    }
    lines
}

fn app_instances(holds: &Json) -> BTreeMap<&str, &Json> {
    let all = holds.as_array().into_iter().flatten();
    all.map(|app_instance| (app_instance["AppInstanceArn"].as_str().unwrap_or_default(), app_instance)).collect()
}

/// What an item is and holds, but for the value that names it; empty for a scalar.
fn contents(item: &Json, depth: usize) -> String {
    let Json::Object(members) = item else { return String::new() };
    let own = NAMES.iter().find(|name| members.contains_key(**name));
    let others = members.iter().filter(|(name, _)| own.is_none_or(|own| own != name));
    let others: Map<String, Json> = others.map(|(name, value)| (name.clone(), value.clone())).collect();
    if others.is_empty() { String::new() } else { yaml(&Json::Object(others), depth, Style::Overview) }
}

fn compare(lines: &mut String, path: &str, before: Option<&Json>, after: Option<&Json>) {
    let nothing = Json::Array(Vec::new());
    let _ = match (before, after) {
        (Some(old), Some(new)) if old == new => Ok(()),
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
                let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
                compare(lines, &path, old.get(name), new.get(name));
            }
            Ok(())
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) => {
            let (old, new) = (named(old), named(new));
            for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
                compare(lines, &format!("{path}[{name}]"), old.get(name).copied(), new.get(name).copied());
            }
            Ok(())
        }
        (None, Some(Json::Array(_))) => return compare(lines, path, Some(&nothing), after),
        (Some(Json::Array(_)), None) => return compare(lines, path, before, Some(&nothing)),
        (None, Some(new)) => write!(lines, "    + {path}{}\n{}", value(new), contents(new, 4)),
        (Some(old), None) => writeln!(lines, "    - {path}{}", value(old)),
        (Some(old), Some(new)) => {
            writeln!(lines, "    ~ {path}{} ->{}", value(old), value(new).trim_start_matches(':'))
        }
        (None, None) => Ok(()),
    };
}

/// The items of a list by name.
fn named(items: &[Json]) -> BTreeMap<String, &Json> {
    let name = |(at, item): (usize, &Json)| {
        let name =
            NAMES.iter().find_map(|name| text(&item[*name])).or_else(|| text(item)).unwrap_or_else(|| at.to_string());
        name.rsplit('/').next().unwrap_or_default().to_owned()
    };
    items.iter().enumerate().map(|(at, item)| (name((at, item)), item)).collect()
}

/// A scalar, to follow its path; empty for other values.
fn value(json: &Json) -> String {
    text(json).map(|text| format!(": {text}")).unwrap_or_default()
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(json.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_added_removed_and_changed_has_a_line() {
        let user = |id: &str, name: &str| json!({"AppInstanceUserArn": format!("user/{id}"), "Name": name});
        let before = json!([{"AppInstanceArn": "arn:aws:chime:us-east-1:1:app-instance/a", "RetentionDays": 30,
            "Users": [user("x", "X"), user("y", "Y")]}]);
        let after = json!([{"AppInstanceArn": "arn:aws:chime:us-east-1:1:app-instance/a",
            "Users": [user("y", "Z"), user("w", "W")], "Admins": ["user/y"]}]);
        assert_eq!(
            between(&before, &after),
            "  arn:aws:chime:us-east-1:1:app-instance/a
    + Admins[y]: user/y
    - RetentionDays: 30
    + Users[w]
        Name: W
    - Users[x]
    ~ Users[y] Name: Y -> Z
"
        );
        assert_eq!(between(&after, &after), "");
        assert_eq!(between(&json!([]), &json!([{"AppInstanceArn": "arn", "Name": "A"}])), "  + arn\n      Name: A\n");
        assert_eq!(between(&json!([{"AppInstanceArn": "arn", "Name": "A"}]), &json!([])), "  - arn\n");
    }
}
