//! What an update is about to do, before it does it: what is replaced and what goes, and where messages go with it.

use crate::stack::template_change::{Certainty, TemplateChange, Version};
use cloudformation_local::Change;

/// The types that hold messages. Chime deletes these with them.
const HOLDERS: [&str; 4] =
    ["Custom::ChimeAppInstance", "Custom::ChimeChannel", "AWS::Chime::AppInstance", "AWS::Chime::Channel"];

/// A line of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A resource that is replaced, goes, is kept or gets another logical id.
    Change(String),
    /// Something is lost with it for good.
    Loss(String),
}

/// A line for each resource that an update from one version to another replaces or removes, and for the messages that are lost with it.
/// `changes` are those of a change set.
pub fn lines(changes: &[Change], before: &Version, after: &Version) -> Vec<Line> {
    let mut lines = Vec::new();
    let templates = TemplateChange::new(before, after, changes);
    for change in changes {
        let (id, kind) = (&change.logical_id, &change.resource_type);
        let is_kept = change.policy.ends_with("Retain");
        let successor = templates.successor(change);
        let what = match (&*change.action, templates.replacement(change), successor) {
            ("Remove", ..) if is_kept => format!("  leaves    {id}  {kind} (its DeletionPolicy keeps it in Chime)"),
            ("Remove", _, Some(it)) => format!("  renames   {id} to {}  {kind} (it stays in Chime)", it.logical_id),
            ("Remove", _, None) => format!("  removes   {id}  {kind}"),
            (_, (Certainty::Yes, _), _) => format!("  replaces  {id}  {kind}"),
            (_, (Certainty::Perhaps, names), _) => {
                format!("  replaces  {id}  {kind} (if {} has another value)", names.join(" or "))
            }
            (_, (Certainty::No, _), _) => continue,
        };
        lines.push(Line::Change(what));
        if is_kept || successor.is_some() || !HOLDERS.contains(&&**kind) {
            continue;
        }
        let policy = if change.action == "Remove" { "DeletionPolicy" } else { "UpdateReplacePolicy" };
        let adopter = Some(change).filter(|it| it.action == "Remove").and_then(|it| templates.adopters(it).next());
        let unless = adopter.map(|it| format!(", unless {} takes it over", it.logical_id)).unwrap_or_default();
        lines.push(Line::Loss(format!(
            "            ALL MESSAGES IN {id} ARE LOST{unless}. {policy}: Retain would keep them."
        )));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value as Json, json};
    use std::collections::BTreeSet;

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

    /// The lines of an update between these resources, each with its type and properties, as a change set of CloudFormation's tells them: a
    /// property changes if its text does, or if it refers to what changes.
    fn told(before: &Json, after: &Json, policy: &str) -> Vec<String> {
        let resources = |side: &Json| {
            let all = side.as_object().unwrap().iter();
            json!({"Resources": all.map(|(id, it)| {
                (id.clone(), json!({"Type": it[0], "Properties": it[1]}))
            }).collect::<Map<_, _>>()})
        };
        let ids: BTreeSet<_> = [before, after].into_iter().flat_map(|side| side.as_object().unwrap().keys()).collect();
        let changes = ids.into_iter().map(|id| {
            let kind = before.get(id).or(after.get(id)).unwrap()[0].as_str().unwrap();
            let action = match (before.get(id), after.get(id)) {
                (Some(_), None) => "Remove",
                (None, _) => "Add",
                (Some(_), Some(_)) => "Modify",
            };
            let names: Vec<&str> = match after.get(id) {
                Some(it) if action == "Modify" => it[1].as_object().unwrap().keys().map(String::as_str).collect(),
                _ => Vec::new(),
            };
            change(action, id, kind, &names, policy)
        });
        let changes: Vec<_> = changes.collect();
        let version = |side: &Json| Version::new(resources(side), [("Days".to_owned(), "3".to_owned())]);
        let text = |line: Line| match line {
            Line::Change(text) | Line::Loss(text) => text.trim().to_owned(),
        };
        lines(&changes, &version(before), &version(after)).into_iter().map(text).collect()
    }

    const APP: &str = "Custom::ChimeAppInstance";
    const CHANNEL: &str = "Custom::ChimeChannel";
    const USER: &str = "Custom::ChimeAppInstanceUser";

    /// An app instance `Chat` and the resource `id` in it.
    fn in_chat(id: &str, kind: &str, mut properties: Json) -> Json {
        properties["AppInstanceArn"] = json!({"Ref": "Chat"});
        json!({"Chat": [APP, {"Name": "Chat"}], id: [kind, properties]})
    }

    #[test]
    fn a_channel_that_goes_takes_its_messages_with_it_unless_it_is_kept_or_adopted() {
        let (before, without) = (json!({"Lobby": [CHANNEL, {"Name": "Lobby"}]}), json!({}));
        let removed = "removes   Lobby  Custom::ChimeChannel";
        let lost = "ALL MESSAGES IN Lobby ARE LOST. DeletionPolicy: Retain would keep them.";
        assert_eq!(told(&before, &without, "Delete"), [removed, lost]);
        // Without an id in the template, another logical id is another channel.
        let renamed = json!({"Foyer": [CHANNEL, {"Name": "Lobby"}]});
        assert_eq!(told(&before, &renamed, "Delete"), [removed, lost]);
        let adopted = json!({"Foyer": [CHANNEL, {"Name": "Lobby", "AdoptExisting": "arn"}]});
        let adopted = told(&before, &adopted, "Delete");
        assert!(adopted[1].contains("ARE LOST, unless Foyer takes it over."), "{adopted:?}");
        let kept = told(&before, &without, "Retain");
        assert_eq!(kept, ["leaves    Lobby  Custom::ChimeChannel (its DeletionPolicy keeps it in Chime)"]);
    }

    #[test]
    fn an_app_instance_with_another_logical_id_is_another_one_and_replaces_what_is_in_it() {
        let before = in_chat("Lobby", CHANNEL, json!({"ChannelId": "lobby"}));
        let after = json!({"Support": [APP, {"Name": "Chat"}],
            "Lobby": [CHANNEL, {"ChannelId": "lobby", "AppInstanceArn": {"Ref": "Support"}}]});
        let expected = [
            "removes   Chat  Custom::ChimeAppInstance",
            "ALL MESSAGES IN Chat ARE LOST. DeletionPolicy: Retain would keep them.",
            "replaces  Lobby  Custom::ChimeChannel",
            "ALL MESSAGES IN Lobby ARE LOST. UpdateReplacePolicy: Retain would keep them.",
        ];
        assert_eq!(told(&before, &after, "Delete"), expected);
    }

    #[test]
    fn what_has_an_id_in_the_template_is_handed_over_to_another_logical_id_that_states_it() {
        for (kind, id, member) in [(CHANNEL, "ChannelId", "ChannelArn"), (USER, "AppInstanceUserId", "MemberArn")] {
            let mut before = in_chat("Old", kind, json!({id: "same"}));
            before["Tie"] = json!(["Custom::ChimeChannelMembership", {member: {"Ref": "Old"}}]);
            let mut after = in_chat("New", kind, json!({id: "same", "Name": "Other"}));
            after["Tie"] = json!(["Custom::ChimeChannelMembership", {member: {"Ref": "New"}}]);
            let renamed = told(&before, &after, "Delete");
            assert_eq!(renamed, [format!("renames   Old to New  {kind} (it stays in Chime)")], "and the tie stays");
            let other = in_chat("New", kind, json!({id: "other"}));
            assert!(told(&before, &other, "Delete").contains(&format!("removes   Old  {kind}")));
        }
    }

    #[test]
    fn a_membership_is_not_handed_over() {
        let tie = |id: &str| json!({id: ["Custom::ChimeChannelMembership", {"ChannelArn": "c", "MemberArn": "m"}]});
        let told = told(&tie("Old"), &tie("New"), "Delete");
        assert_eq!(told, ["removes   Old  Custom::ChimeChannelMembership"]);
    }

    #[test]
    fn another_literal_replaces_the_resource_and_the_same_one_does_not() {
        let lobby = |properties: Json| in_chat("Lobby", CHANNEL, properties);
        let before = lobby(json!({"ChannelId": "lobby", "Name": "Lobby"}));
        let replaced = told(&before, &lobby(json!({"ChannelId": "foyer", "Name": "Lobby"})), "");
        assert_eq!(replaced[0], "replaces  Lobby  Custom::ChimeChannel");
        assert!(replaced[1].contains("ALL MESSAGES IN Lobby ARE LOST. UpdateReplacePolicy: Retain"), "{replaced:?}");
        for same in [
            json!({"ChannelId": "lobby", "Name": "Foyer"}),
            json!({"ChannelId": "lobby", "Name": "Lobby", "Privacy": "PRIVATE"}),
        ] {
            assert_eq!(told(&before, &lobby(same.clone()), ""), [""; 0], "{same}");
        }
        let user = |id: &str| in_chat("Ada", USER, json!({"AppInstanceUserId": id}));
        assert_eq!(told(&user("ada"), &user("eve"), ""), ["replaces  Ada  Custom::ChimeAppInstanceUser"]);
    }

    #[test]
    fn a_value_that_the_templates_do_not_tell_is_a_condition() {
        let before = in_chat("Lobby", CHANNEL, json!({"ChannelId": "lobby"}));
        let after = in_chat("Lobby", CHANNEL, json!({"ChannelId": {"Fn::ImportValue": "Id"}}));
        let replaced = told(&before, &after, "");
        assert_eq!(replaced[0], "replaces  Lobby  Custom::ChimeChannel (if ChannelId has another value)");
    }

    #[test]
    fn what_refers_to_a_replaced_resource_is_replaced_and_what_refers_to_a_changed_one_is_not() {
        let with = |user: &str, name: &str| {
            let mut side = in_chat("Ada", USER, json!({"AppInstanceUserId": user, "Name": name}));
            side["Tie"] = json!(["Custom::ChimeChannelMembership",
                {"ChannelArn": "c", "MemberArn": {"Fn::GetAtt": ["Ada", "AppInstanceUserArn"]}}]);
            side
        };
        assert_eq!(told(&with("ada", "Ada"), &with("ada", "Lady Ada"), ""), [""; 0]);
        let replaced = ["replaces  Ada  Custom::ChimeAppInstanceUser", "replaces  Tie  Custom::ChimeChannelMembership"];
        assert_eq!(told(&with("ada", "Ada"), &with("eve", "Ada"), ""), replaced);
    }
}
