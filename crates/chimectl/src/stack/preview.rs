//! What an update is about to do, before it does it: what is replaced and what goes, and where messages go with it.

use chime_messaging_resources::registry::schemas;
use cloudformation_local::Change;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// The types that hold messages. Chime deletes these with them.
const HOLDERS: [&str; 4] =
    ["Custom::ChimeAppInstance", "Custom::ChimeChannel", "AWS::Chime::AppInstance", "AWS::Chime::Channel"];

/// A line of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A resource that is replaced, goes, or is kept.
    Change(String),
    /// Something is lost with it for good.
    Loss(String),
}

/// The properties that cannot change in place, by type.
pub type CreateOnly = BTreeMap<String, BTreeSet<String>>;

/// Those of this function's types. CloudFormation does not know them.
pub fn create_only() -> CreateOnly {
    let of = |schema: Json| {
        let names = schema["createOnlyProperties"].as_array().into_iter().flatten();
        let names = names.filter_map(|pointer| pointer.as_str()?.rsplit('/').next().map(str::to_owned));
        Some((schema["typeName"].as_str()?.to_owned(), names.collect()))
    };
    schemas().into_iter().filter_map(of).collect()
}

/// A line for each resource that an update replaces or removes, and for the messages that are lost with it.
pub fn lines(changes: &[Change], create_only: &CreateOnly) -> Vec<Line> {
    let mut lines = Vec::new();
    for change in changes {
        let (id, kind) = (&change.logical_id, &change.resource_type);
        let is_kept = change.policy.ends_with("Retain");
        let fixed = create_only.get(kind).map(|names| names.intersection(&change.properties).cloned().collect());
        let fixed: Vec<String> = fixed.unwrap_or_default();
        let is_replaced = change.action == "Modify" && (change.replacement == "True" || !fixed.is_empty());
        let what = match (&*change.action, is_replaced) {
            ("Remove", _) if is_kept => format!("  leaves    {id}  {kind} (its DeletionPolicy keeps it in Chime)"),
            ("Remove", _) => format!("  removes   {id}  {kind}"),
            (_, true) if fixed.is_empty() => format!("  replaces  {id}  {kind}"),
            (_, true) => format!("  replaces  {id}  {kind} (if {} has another value)", fixed.join(" or ")),
            _ => continue,
        };
        lines.push(Line::Change(what));
        if is_kept || !HOLDERS.contains(&&**kind) {
            continue;
        }
        let policy = if change.action == "Remove" { "DeletionPolicy" } else { "UpdateReplacePolicy" };
        let twin = changes.iter().find(|it| it.action == "Add" && it.resource_type == *kind);
        let unless = twin.map(|twin| format!(", unless {} takes it over", twin.logical_id)).unwrap_or_default();
        lines.push(Line::Loss(format!(
            "            ALL MESSAGES IN {id} ARE LOST{unless}. {policy}: Retain would keep them."
        )));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(action: &str, id: &str, kind: &str, properties: &[&str], policy: &str) -> Change {
        Change {
            action: action.to_owned(),
            logical_id: id.to_owned(),
            resource_type: kind.to_owned(),
            policy: policy.to_owned(),
            properties: properties.iter().map(|name| (*name).to_owned()).collect(),
            ..Change::default()
        }
    }

    fn told(changes: &[Change]) -> Vec<String> {
        let text = |line: Line| match line {
            Line::Change(text) | Line::Loss(text) => text.trim().to_owned(),
        };
        lines(changes, &create_only()).into_iter().map(text).collect()
    }

    #[test]
    fn a_channel_that_goes_takes_its_messages_with_it_unless_it_is_kept_or_renamed() {
        let removed = change("Remove", "Lobby", "Custom::ChimeChannel", &[], "Delete");
        let lost = "ALL MESSAGES IN Lobby ARE LOST. DeletionPolicy: Retain would keep them.";
        assert_eq!(told(std::slice::from_ref(&removed)), ["removes   Lobby  Custom::ChimeChannel", lost]);
        let renamed = told(&[removed, change("Add", "Foyer", "Custom::ChimeChannel", &[], "")]);
        assert!(renamed[1].contains("ARE LOST, unless Foyer takes it over."), "{renamed:?}");
        let kept = told(&[change("Remove", "Lobby", "Custom::ChimeChannel", &[], "Retain")]);
        assert_eq!(kept, ["leaves    Lobby  Custom::ChimeChannel (its DeletionPolicy keeps it in Chime)"]);
    }

    #[test]
    fn a_property_that_cannot_change_in_place_replaces_the_resource() {
        let replaced = told(&[change("Modify", "Lobby", "Custom::ChimeChannel", &["Name", "Privacy"], "")]);
        assert_eq!(replaced[0], "replaces  Lobby  Custom::ChimeChannel (if Privacy has another value)");
        assert!(replaced[1].contains("ALL MESSAGES IN Lobby ARE LOST. UpdateReplacePolicy: Retain"), "{replaced:?}");
        let user = told(&[change("Modify", "Ada", "Custom::ChimeAppInstanceUser", &["AppInstanceUserId"], "")]);
        assert_eq!(user.len(), 1, "{user:?}");
        assert_eq!(told(&[change("Modify", "Lobby", "Custom::ChimeChannel", &["Name"], "")]), [""; 0]);
    }
}
