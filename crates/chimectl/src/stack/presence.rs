//! Checks whether the resources of AWS's own types exist in Chime. Those of this function's types have a comparison of their own.

use serde_json::Value as Json;

/// The members with an entity's own ARN. The first one counts: some entities have others, too.
pub const ARNS: [&str; 5] =
    ["AppInstanceUserArn", "AppInstanceBotArn", "ChannelArn", "ChannelFlowArn", "AppInstanceArn"];

/// The parts of a physical id that are an ARN of Chime's. In the id of AWS's own channel type, the bearer follows the ARN.
pub fn arn_in(id: &str) -> &str {
    id.split('|').next().unwrap_or_default()
}

/// Whether Chime, with these contents, has the entity that `id` names.
pub fn is_present(holds: &Json, id: &str) -> bool {
    entities(holds).contains(&arn_in(id))
}

/// The ARNs of all entities: app instances, users, bots, channel flows and channels.
pub fn entities(holds: &Json) -> Vec<&str> {
    match holds {
        Json::Object(members) => {
            let own = ARNS.iter().find_map(|name| members.get(*name)).and_then(Json::as_str);
            own.into_iter().chain(members.values().flat_map(entities)).collect()
        }
        Json::Array(items) => items.iter().flat_map(entities).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entities_are_found_by_their_arns_and_what_names_them_is_none() {
        const A: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let id = |rest: &str| format!("{A}{rest}");
        let holds = json!([{"AppInstanceArn": A, "RetentionDays": 3, "Admins": [id("/user/x")],
            "Users": [{"AppInstanceUserArn": id("/user/x"), "Endpoints": [{"EndpointId": "e"}]}],
            "ChannelFlows": [{"ChannelFlowArn": id("/channel-flow/f")}],
            "Channels": [{"ChannelArn": id("/channel/c"), "ChannelFlowArn": id("/channel-flow/f"),
                "Memberships": [{"MemberArn": id("/user/y")}], "Moderators": [id("/user/x")]}]}]);
        assert_eq!(entities(&holds), [A, &id("/channel-flow/f"), &id("/channel/c"), &id("/user/x")]);
        assert!(is_present(&holds, &id("/channel/c|{A}/user/x")) && !is_present(&holds, &id("/user/y")));
    }
}
