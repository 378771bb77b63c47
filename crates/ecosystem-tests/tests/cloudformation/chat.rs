//! A template with seven resource types, and the expected state of Chime, each written by hand.

use serde_json::{Value, json};

use super::world::Ids;

const BOT_ALIAS: &str = "arn:aws:lex:us-east-1:${AWS::AccountId}:bot-alias/ABCDE12345/TSTALIASID";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:${AWS::AccountId}:function:filter";

/// The alias of a Lex bot in the stack's account, for a template.
pub fn bot_alias() -> Value {
    json!({"Fn::Sub": BOT_ALIAS})
}

/// The ARN of the alias in `account`.
pub fn bot_alias_of(account: &str) -> String {
    BOT_ALIAS.replace("${AWS::AccountId}", account)
}

/// A processor's function in the stack's account, for a template.
pub fn function() -> Value {
    json!({"Fn::Sub": FUNCTION})
}

/// A part of a template with the account in place of `${AWS::AccountId}`.
pub fn resolved(part: &Value, stack_id: &str) -> Value {
    match part {
        Value::Object(map) => match map.get("Fn::Sub").and_then(Value::as_str) {
            Some(text) => json!(text.replace("${AWS::AccountId}", account(stack_id))),
            None => map.iter().map(|(name, value)| (name.clone(), resolved(value, stack_id))).collect(),
        },
        Value::Array(items) => items.iter().map(|item| resolved(item, stack_id)).collect(),
        other => other.clone(),
    }
}

fn account(stack_id: &str) -> &str {
    stack_id.split(':').nth(4).unwrap_or_default()
}

/// A resource of this type of ours.
pub fn resource(name: &str, properties: Value) -> Value {
    let mut properties = properties;
    properties["ServiceToken"] = json!({"Fn::ImportValue": "chime-messaging-resources-ServiceToken"});
    properties["ServiceTimeout"] = json!(60);
    json!({"Type": format!("Custom::{name}"), "Properties": properties})
}

pub fn reference(logical_id: &str) -> Value {
    json!({"Ref": logical_id})
}

/// One output for each attribute.
fn outputs(attributes: &[(&str, &str)]) -> Value {
    let output = |(id, attribute): &(&str, &str)| {
        (format!("{id}{attribute}"), json!({"Value": {"Fn::GetAtt": [id, attribute]}}))
    };
    Value::Object(attributes.iter().map(output).collect())
}

/// A template with seven resource types and a stream.
pub fn template() -> Value {
    let lex = json!({"LexBotAliasArn": bot_alias(), "LocaleId": "en_US", "RespondsTo": "STANDARD_MESSAGES"});
    let stream = json!({"Fn::GetAtt": ["Stream", "Arn"]});
    let mut flow = resource(
        "ChimeChannelFlow",
        json!({
            "AppInstanceArn": reference("Instance"),
            "Name": "Filter",
            "Processors": [{
                "Name": "Words", "ExecutionOrder": 1, "FallbackAction": "CONTINUE",
                "Configuration": {"Lambda": {"ResourceArn": function(), "InvocationType": "ASYNC"}},
            }],
            "Tags": [{"Key": "team", "Value": "support"}],
        }),
    );
    // The last resource, so that its failure comes after everything else.
    flow["DependsOn"] = json!(["Admin", "Bot", "Retention", "Streaming"]);
    json!({
        "Resources": {
            "Instance": resource("ChimeAppInstance", json!({
                "Name": "Support", "Metadata": "m", "Tags": [{"Key": "team", "Value": "support"}],
            })),
            "User": resource("ChimeAppInstanceUser", json!({
                "AppInstanceArn": reference("Instance"), "AppInstanceUserId": "agent", "Name": "Agent",
                "ExpirationSettings": {"ExpirationDays": 30, "ExpirationCriterion": "CREATED_TIMESTAMP"},
                "Tags": [{"Key": "shift", "Value": "day"}],
            })),
            "Admin": resource("ChimeAppInstanceAdmin", json!({"AppInstanceAdminArn": reference("User")})),
            "Bot": resource("ChimeAppInstanceBot", json!({
                "AppInstanceArn": reference("Instance"), "Name": "Helper", "Metadata": "b",
                "Configuration": {"Lex": lex},
            })),
            "Retention": resource("ChimeAppInstanceRetentionSettings", json!({
                "AppInstanceArn": reference("Instance"), "RetentionDays": 30,
            })),
            "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {
                "Name": "chime-messaging-chat", "ShardCount": 2,
                "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
            }},
            "Streaming": resource("ChimeMessagingStreamingConfigurations", json!({
                "AppInstanceArn": reference("Instance"),
                "StreamingConfigurations": [{"DataType": "Channel", "ResourceArn": stream}],
            })),
            "Flow": flow,
        },
        "Outputs": outputs(&[
            ("Instance", "AppInstanceArn"), ("Instance", "AppInstanceId"),
            ("User", "AppInstanceUserArn"), ("User", "AppInstanceUserId"),
            ("Admin", "AppInstanceAdminArn"), ("Admin", "AppInstanceAdminName"), ("Admin", "AppInstanceArn"),
            ("Bot", "AppInstanceBotArn"),
            ("Retention", "AppInstanceArn"), ("Retention", "RetentionDays"),
            ("Streaming", "AppInstanceArn"),
            ("Flow", "ChannelFlowArn"),
        ]),
    })
}

/// The state of Chime after the deployment of [`template`].
pub fn holdings(stack_id: &str, ids: &Ids) -> Value {
    json!([{
        "AppInstanceArn": ids["Instance"],
        "Name": "Support",
        "Metadata": "m",
        "Tags": tags(stack_id, "Instance", &[("team", "support")]),
        "Users": [{
            "AppInstanceUserArn": format!("{}/user/agent", ids["Instance"]),
            "Name": "Agent",
            "ExpirationSettings": {"ExpirationDays": 30, "ExpirationCriterion": "CREATED_TIMESTAMP"},
            "Tags": tags(stack_id, "User", &[("shift", "day")]),
        }],
        "Admins": [format!("{}/user/agent", ids["Instance"])],
        "Bots": [{
            "AppInstanceBotArn": ids["Bot"],
            "Name": "Helper",
            "Metadata": "b",
            "Configuration": {"Lex": {
                "LexBotAliasArn": bot_alias_of(account(stack_id)), "LocaleId": "en_US", "RespondsTo": "STANDARD_MESSAGES",
            }},
            "Tags": tags(stack_id, "Bot", &[]),
        }],
        "RetentionDays": 30,
        "StreamingConfigurations": [{"DataType": "Channel", "ResourceArn": stream_arn(stack_id)}],
        "ChannelFlows": [{
            "ChannelFlowArn": ids["Flow"],
            "Name": "Filter",
            "Processors": [{
                "Name": "Words", "ExecutionOrder": 1, "FallbackAction": "CONTINUE",
                "Configuration": {"Lambda": {"ResourceArn": resolved(&function(), stack_id), "InvocationType": "ASYNC"}},
            }],
            "Tags": tags(stack_id, "Flow", &[("team", "support")]),
        }],
    }])
}

/// The template's own tags and the ownership tags, sorted.
pub fn tags(stack_id: &str, logical_id: &str, own: &[(&str, &str)]) -> Value {
    let mut tags: Vec<_> = own.to_vec();
    tags.extend([("cfn:logical-id", logical_id), ("cfn:stack-id", stack_id)]);
    tags.sort_unstable();
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// The stream of [`template`] in the account of this stack.
pub fn stream_arn(stack_id: &str) -> String {
    format!("arn:aws:kinesis:us-east-1:{}:stream/chime-messaging-chat", account(stack_id))
}
