//! The entities in the templates of a history: one for each registered type, independent of the others.

use crate::types::{A, Type, seed, types};
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// An entity with up to three states: created, changed in place, replaced.
pub struct Entity {
    pub of: Type,
    /// Its initial logical id.
    pub logical_id: &'static str,
    pub states: Vec<Value>,
}

/// One entity for each type.
pub fn entities() -> &'static [Entity] {
    static ENTITIES: OnceLock<Vec<Entity>> = OnceLock::new();
    ENTITIES.get_or_init(|| types().into_iter().map(entity).collect())
}

fn entity(of: Type) -> Entity {
    let mut states: Vec<_> =
        [Some(of.properties.clone()), of.changed.clone(), of.replaced.clone()].into_iter().flatten().collect();
    if of.name == "ChimeChannelBan" {
        // Other entities create members and admins, so these users are neither.
        for (state, user) in states.iter_mut().zip(["rogue", "knave"]) {
            state["MemberArn"] = json!(format!("{A}/user/{user}"));
        }
    }
    if of.is_list() {
        states = lists(&of);
    }
    Entity { logical_id: of.name, of, states }
}

/// The states of a list of members, in another channel than the single membership. It is never replaced: after a
/// rollback to the first channel, all its members would count as existing ones.
fn lists(of: &Type) -> Vec<Value> {
    let with = |users: &[&str]| {
        let members: Vec<_> = users.iter().map(|user| format!("{A}/user/{user}")).collect();
        let mut properties = of.properties.clone();
        properties["ChannelArn"] = json!(format!("{A}/channel/hall"));
        properties["MemberArns"] = json!(members);
        properties
    };
    // The chief is an existing member.
    vec![with(&["seed", "chief"]), with(&["chief", "other", "seed"]), with(&["other"])]
}

/// The initial contents: the test app instances, and foreign resources that look like those of the templates.
pub fn before() -> Value {
    let mut before = seed();
    let foreign = |id: &str| {
        let stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/00000000-0000-4000-9000-000000000000";
        json!([{"Key": "cfn:stack-id", "Value": stack}, {"Key": "cfn:logical-id", "Value": id},
            {"Key": "cfn:request-id", "Value": "00000000-0000-4000-9000-000000000001"}])
    };
    let flow = |id: &str, tags: Value| {
        let mut flow = before[0]["ChannelFlows"][0].clone();
        (flow["ChannelFlowArn"], flow["Name"], flow["Tags"]) =
            (json!(format!("{A}/channel-flow/{id}")), json!("Flow"), tags);
        flow
    };
    let flows =
        [flow("foreign", foreign("ChimeChannelFlow")), flow("handmade", json!([{"Key": "team", "Value": "a"}]))];
    let bot = json!({"AppInstanceBotArn": format!("{A}/bot/handmade"), "Name": "Bot", "Configuration": {}});
    for user in ["rogue", "knave"] {
        let user = json!({"AppInstanceUserArn": format!("{A}/user/{user}"), "Name": user});
        before[0]["Users"].as_array_mut().expect("a list").push(user);
    }
    before[0]["ChannelFlows"].as_array_mut().expect("a list").extend(flows);
    before[0]["Bots"] = json!([bot]);
    let instance = |id: &str| format!("arn:aws:chime:us-east-1:123456789012:app-instance/{id}");
    let others = before.as_array_mut().expect("a list");
    others.push(json!({"AppInstanceArn": instance("foreign"), "Name": "First", "Tags": foreign("ChimeAppInstance")}));
    others.push(json!({"AppInstanceArn": instance("handmade"), "Name": "First", "Metadata": "meta"}));
    before
}

/// The same properties for a construct of `cdk-amazon-chime-resources`. `None` if there is no such construct.
pub fn construct(of: &Type, logical_id: &str, properties: &Value) -> Option<Value> {
    let kind = match of.name {
        "ChimeAppInstance" => "AppInstance",
        "ChimeAppInstanceUser" => "AppInstanceUser",
        "ChimeAppInstanceAdmin" => "AppInstanceAdmin",
        "ChimeAppInstanceBot" => "AppInstanceBot",
        "ChimeChannelFlow" => "ChannelFlow",
        "ChimeMessagingStreamingConfigurations" => "StreamingConfig",
        "ChimeAppInstanceRetentionSettings" => "DataRetention",
        _ => return None,
    };
    Some(json!({"resourceType": kind, "uid": logical_id, "properties": to_construct_spelling(properties)}))
}

fn to_construct_spelling(json: &Value) -> Value {
    let name = |name: &str| match name {
        "StreamingConfigurations" => "streamingConfigs".to_owned(),
        "RetentionDays" => "dataRetention".to_owned(),
        _ => name[..1].to_lowercase() + &name[1..],
    };
    match json {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (name(key), to_construct_spelling(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(to_construct_spelling).collect(),
        scalar => scalar.clone(),
    }
}
