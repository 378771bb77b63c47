//! Checks whether the resources of a stack exist in Chime.

use serde_json::Value as Json;

/// The part of a physical id after an entity's ARN, and the entity's member that it names.
const PARTS: [(&str, &str); 8] = [
    ("/memberships/", "Memberships"),
    ("/moderators/", "Moderators"),
    ("/bans/", "Bans"),
    ("/admins/", "Admins"),
    ("/endpoints/", "Endpoints"),
    ("/retention-settings", "RetentionDays"),
    ("/streaming-configurations", "StreamingConfigurations"),
    ("/channel-flow", "ChannelFlowArn"),
];

/// What follows a channel's ARN in the id of a list of memberships, before the time.
const LISTS: [&str; 2] = ["/memberships/DEFAULT/", "/memberships/HIDDEN/"];

/// The members with an entity's own ARN. The first one counts: some entities have others, too.
const ARNS: [&str; 5] = ["AppInstanceUserArn", "AppInstanceBotArn", "ChannelArn", "ChannelFlowArn", "AppInstanceArn"];

/// Whether Chime, with these contents, has what `id` names. For the id of a list of memberships that is the channel. Ids of other services
/// count as present.
pub fn is_present(holds: &Json, id: &str) -> bool {
    // In the id of AWS's own channel type, the bearer follows the ARN.
    let id = id.split('|').next().unwrap_or_default();
    if !id.starts_with("arn:aws:chime:") {
        return true;
    }
    if let Some((channel, _)) = LISTS.iter().find_map(|path| id.split_once(path)) {
        return find(holds, channel).is_some();
    }
    let part = PARTS.iter().find_map(|(path, member)| {
        let (whole, part) = id.split_once(path)?;
        // The ARN of a flow has the same path in it, but does not end there.
        let is_setting = !path.ends_with('/');
        (!is_setting || part.is_empty()).then_some((whole, part, *member))
    });
    let (whole, part, member) = part.unwrap_or((id, "", ""));
    let Some(entity) = find(holds, whole) else { return false };
    match (member, part) {
        ("", _) => true,
        (member, "") => entity.get(member).is_some_and(|setting| !setting.is_null()),
        (member, part) => entity[member].as_array().is_some_and(|items| items.iter().any(|item| is_called(item, part))),
    }
}

/// The entity with this ARN.
fn find<'a>(json: &'a Json, arn: &str) -> Option<&'a Json> {
    match json {
        Json::Object(members) => {
            let own = ARNS.iter().find_map(|name| members.get(*name));
            let is_it = own.is_some_and(|own| own == arn);
            if is_it { Some(json) } else { members.values().find_map(|value| find(value, arn)) }
        }
        Json::Array(items) => items.iter().find_map(|item| find(item, arn)),
        _ => None,
    }
}

/// Whether an item of a list is `name`, or has it as a value.
fn is_called(item: &Json, name: &str) -> bool {
    item == name || item.as_object().is_some_and(|members| members.values().any(|value| value == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entities_their_parts_and_their_settings_are_found() {
        const A: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let id = |rest: &str| format!("{A}{rest}");
        let holds = json!([{"AppInstanceArn": A, "RetentionDays": 3, "Admins": [id("/user/x")],
            "Users": [{"AppInstanceUserArn": id("/user/x"), "Endpoints": [{"EndpointId": "e"}]}],
            "ChannelFlows": [{"ChannelFlowArn": id("/channel-flow/f")}],
            "Channels": [{"ChannelArn": id("/channel/c"), "Memberships": [{"MemberArn": id("/user/x")}], "Moderators": [id("/user/x")]}]}]);
        for (rest, other) in [
            ("", "0"),
            ("/retention-settings", "/streaming-configurations"),
            ("/user/x", "/user/y"),
            ("/user/x/endpoints/e", "/user/x/endpoints/f"),
            ("/channel-flow/f", "/channel-flow/g"),
            ("/channel/c", "/channel/c/channel-flow"),
        ] {
            assert!(is_present(&holds, &id(rest)) && !is_present(&holds, &id(other)), "{rest} {other}");
        }
        for path in ["memberships", "moderators"] {
            assert!(is_present(&holds, &id(&format!("/channel/c/{path}/{A}/user/x"))), "{path}");
            assert!(!is_present(&holds, &id(&format!("/channel/c/{path}/{A}/user/y"))), "{path}");
        }
        assert!(
            is_present(&holds, &id(&format!("/admins/{A}/user/x")))
                && !is_present(&holds, &id(&format!("/channel/c/bans/{A}/user/x")))
        );
        for list in ["DEFAULT", "HIDDEN"] {
            assert!(is_present(&holds, &id(&format!("/channel/c/memberships/{list}/1795600000"))), "{list}");
            assert!(!is_present(&holds, &id(&format!("/channel/d/memberships/{list}/1795600000"))), "{list}");
        }
        assert!(is_present(&holds, &format!("{A}/channel/c|{A}/user/x")) && is_present(&holds, "arn:aws:s3:::bucket"));
    }
}
