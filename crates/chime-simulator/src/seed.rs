//! The contents of an account as JSON. A snapshot has the form of a seed.

use crate::state::State;
use crate::state::app_instance::AppInstance;
use serde_json::Value as Json;
use std::io;

/// The state as JSON, without times, so that two runs differ only in random ids.
pub(crate) fn snapshot(state: &State) -> Json {
    serde_json::to_value(&state.app_instances).unwrap_or_default()
}

/// Puts app instances in place. One whose ARN exists already replaces the old one.
///
/// # Errors
/// The seed has the wrong form, or something in it does not belong to its app instance. Then nothing changes.
pub(crate) fn seed(state: &mut State, seed: Json) -> Result<(), String> {
    let given: Vec<AppInstance> = match seed {
        Json::Null => Vec::new(),
        seed => serde_json::from_value(seed).map_err(|error| format!("the seed: {error}"))?,
    };
    if let Some(problem) = given.iter().find_map(AppInstance::problem) {
        return Err(format!("the seed: {problem}"));
    }
    for instance in given {
        state.app_instances.retain(|old| old.app_instance_arn != instance.app_instance_arn);
        state.app_instances.push(instance);
    }
    Ok(())
}

/// The app instances that the sample events of the resource types name.
///
/// # Errors
/// None, unless the file is damaged.
pub fn sample_seed() -> io::Result<Json> {
    serde_json::from_str(include_str!("../seed.json")).map_err(io::Error::other)
}

/// A snapshot, or a part of one, without the tags whose keys begin with `prefix`.
pub fn without_tags(held: Json, prefix: &str) -> Json {
    match held {
        Json::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, without_tags(value, prefix)));
            Json::Object(members.filter(|(name, value)| name != "Tags" || *value != Json::Array(Vec::new())).collect())
        }
        Json::Array(items) => {
            let goes = |item: &Json| item["Key"].as_str().is_some_and(|key| key.starts_with(prefix));
            Json::Array(items.into_iter().filter(|item| !goes(item)).map(|item| without_tags(item, prefix)).collect())
        }
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    #[test]
    fn a_snapshot_is_equal_to_its_seed() {
        let seed = json!([{
            "AppInstanceArn": ARN,
            "Name": "sample",
            "Metadata": "{}",
            "Tags": [{"Key": "a", "Value": "b"}],
            "Users": [{"AppInstanceUserArn": format!("{ARN}/user/u"), "Name": "U",
                "ExpirationSettings": {"ExpirationDays": 1, "ExpirationCriterion": "CREATED_TIMESTAMP"}}],
            "Admins": [format!("{ARN}/user/u")],
            "Bots": [{"AppInstanceBotArn": format!("{ARN}/bot/b"), "Configuration": {}}],
            "RetentionDays": 30,
            "StreamingConfigurations": [{"DataType": "Channel", "ResourceArn": "x"}],
            "ChannelFlows": [{"ChannelFlowArn": format!("{ARN}/channel-flow/f"), "Name": "f",
                "Processors": []}],
            "Channels": [{"ChannelArn": format!("{ARN}/channel/c"), "Name": "c",
                "Mode": "RESTRICTED", "Privacy": "PRIVATE", "CreatedBy": format!("{ARN}/user/u"),
                "Moderators": [format!("{ARN}/user/u")],
                "Memberships": [{"MemberArn": format!("{ARN}/user/u"), "Type": "DEFAULT",
                    "InvitedBy": format!("{ARN}/user/u")}]}],
        }]);
        let mut state = State::default();
        super::seed(&mut state, seed.clone()).unwrap();
        assert_eq!(snapshot(&state), seed);
        super::seed(&mut state, seed.clone()).unwrap();
        assert_eq!(snapshot(&state), seed);
    }

    #[test]
    fn an_impossible_seed_is_rejected() {
        let refused = |seed: Json| super::seed(&mut State::default(), seed).unwrap_err();
        let with = |name: &str, value: Json| {
            let mut instance = json!({"AppInstanceArn": ARN, "Name": "n"});
            instance[name] = value;
            json!([instance])
        };
        assert!(refused(with("AppInstanceArn", json!("x"))).contains("not the ARN of an app"));
        assert!(refused(with("Admins", json!([format!("{ARN}/user/u")]))).contains("not among"));
        let stray = json!([{"AppInstanceUserArn": format!("{ARN}x/user/u"), "Name": "U"}]);
        assert!(refused(with("Users", stray)).contains("of a user of"));
        assert!(refused(with("Nmae", json!("x"))).contains("Nmae"));
    }
}
