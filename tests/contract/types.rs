//! For each type: properties to create it with, to change in place, and to replace it by.

use serde_json::{Value, json};

pub const A: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
pub const B: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/b";

/// One type's cases.
pub struct Type {
    pub name: &'static str,
    /// The operation that creates.
    pub create_operation: &'static str,
    pub delete_operation: &'static str,
    pub properties: Value,
    /// The same thing, brought to something else; none where nothing can change in place.
    pub changed: Option<Value>,
    /// Another thing; none where nothing replaces.
    pub replaced: Option<Value>,
    /// An attribute that a create has and an update has to have as well.
    pub attribute: &'static str,
}

impl Type {
    pub fn resource_type(&self) -> String {
        format!("Custom::{}", self.name)
    }

    /// Settings and admins carry no tags and no token of their own: a mark notes whose they are.
    pub fn has_tags(&self) -> bool {
        self.properties.get("Tags").is_some()
    }

    /// Whether the template names the thing. Otherwise Chime chooses its id, and every create makes another one.
    pub fn is_named(&self) -> bool {
        !["ChimeAppInstance", "ChimeAppInstanceBot", "ChimeChannelFlow"].contains(&self.name)
    }

    /// The calls of a create: one, or three where a mark is read and written first.
    pub fn create_calls(&self) -> Vec<&'static str> {
        let mark: &[_] = if self.has_tags() { &[] } else { &["ListTagsForResource", "TagResource"] };
        [mark, &[self.create_operation]].concat()
    }

    /// The calls of a delete: one where Chime's id says all; else whose it is is read first, and a mark removed at the end.
    pub fn delete_calls(&self) -> Vec<&'static str> {
        let whose: &[_] = if self.is_named() { &["ListTagsForResource"] } else { &[] };
        let mark: &[_] = if self.has_tags() { &[] } else { &["UntagResource"] };
        [whose, &[self.delete_operation], mark].concat()
    }
}

/// What is in Chime before each test: two app instances with a user each, whose ids no test makes up.
pub fn seed() -> Value {
    let app_instance = |arn: &str| {
        json!({
            "AppInstanceArn": arn, "Name": "Seed",
            "Users": [{"AppInstanceUserArn": format!("{arn}/user/seed"), "Name": "Seed"},
                {"AppInstanceUserArn": format!("{arn}/user/other"), "Name": "Other"}],
        })
    };
    json!([app_instance(A), app_instance(B)])
}

fn tags(value: &str, more: &str) -> Value {
    json!([{"Key": "team", "Value": value}, {"Key": more, "Value": "x"}])
}

fn bot(app_instance: &str, messages: &str, name: &str, tags: Value) -> Value {
    json!({
        "AppInstanceArn": app_instance, "Name": name, "Tags": tags,
        "Configuration": {"Lex": {
            "LexBotAliasArn": "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDE12345/TSTALIASID", "LocaleId": "en_US",
            "InvokedBy": {"StandardMessages": messages, "TargetedMessages": "ALL"}, "WelcomeIntent": "Hello_There",
        }},
    })
}

fn flow(app_instance: &str, name: &str, orders: &[&str], tags: Value) -> Value {
    let processor = |order: &&str| {
        json!({
            "Name": "P", "ExecutionOrder": order, "FallbackAction": "ABORT",
            "Configuration": {"Lambda": {"ResourceArn": "arn:aws:lambda:us-east-1:123456789012:function:f"}},
        })
    };
    let processors: Vec<_> = orders.iter().map(processor).collect();
    json!({"AppInstanceArn": app_instance, "Name": name, "Processors": processors, "Tags": tags})
}

fn streaming(app_instance: &str, types: &[&str]) -> Value {
    let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a";
    let configurations: Vec<_> = types.iter().map(|of| json!({"DataType": of, "ResourceArn": stream})).collect();
    json!({"AppInstanceArn": app_instance, "StreamingConfigurations": configurations})
}

/// All of them. A type that is registered and not here fails a test.
pub fn types() -> Vec<Type> {
    let user = |id: &str, name: &str, days: Option<&str>, tags: Value| {
        let mut user =
            json!({"AppInstanceArn": A, "AppInstanceUserId": id, "Name": name, "Metadata": "meta", "Tags": tags});
        if let Some(days) = days {
            user["ExpirationSettings"] = json!({"ExpirationDays": days, "ExpirationCriterion": "CREATED_TIMESTAMP"});
        }
        user
    };
    vec![
        Type {
            name: "ChimeAppInstance",
            create_operation: "CreateAppInstance",
            delete_operation: "DeleteAppInstance",
            properties: json!({"Name": "First", "Metadata": "meta", "Tags": tags("a", "b")}),
            changed: Some(json!({"Name": "Second", "Tags": tags("c", "d")})),
            replaced: None,
            attribute: "AppInstanceId",
        },
        Type {
            name: "ChimeAppInstanceUser",
            create_operation: "CreateAppInstanceUser",
            delete_operation: "DeleteAppInstanceUser",
            properties: user("ada", "Ada", Some("3"), tags("a", "b")),
            changed: Some(user("ada", "Ada L.", None, tags("c", "d"))),
            replaced: Some(user("grace", "Grace", None, tags("a", "b"))),
            attribute: "AppInstanceUserId",
        },
        Type {
            name: "ChimeAppInstanceAdmin",
            create_operation: "CreateAppInstanceAdmin",
            delete_operation: "DeleteAppInstanceAdmin",
            properties: json!({"AppInstanceAdminArn": format!("{A}/user/seed")}),
            changed: None,
            replaced: Some(json!({"AppInstanceAdminArn": format!("{B}/user/other"), "AppInstanceArn": B})),
            attribute: "AppInstanceAdminName",
        },
        Type {
            name: "ChimeAppInstanceBot",
            create_operation: "CreateAppInstanceBot",
            delete_operation: "DeleteAppInstanceBot",
            properties: bot(A, "AUTO", "Bot", tags("a", "b")),
            changed: Some(bot(A, "NONE", "Robot", tags("c", "d"))),
            replaced: Some(bot(B, "AUTO", "Bot", tags("a", "b"))),
            attribute: "AppInstanceBotArn",
        },
        Type {
            name: "ChimeAppInstanceRetentionSettings",
            create_operation: "PutAppInstanceRetentionSettings",
            delete_operation: "PutAppInstanceRetentionSettings",
            properties: json!({"AppInstanceArn": A, "RetentionDays": "1"}),
            changed: Some(json!({"AppInstanceArn": A, "RetentionDays": "5475"})),
            replaced: Some(json!({"AppInstanceArn": B, "RetentionDays": "7"})),
            attribute: "RetentionDays",
        },
        Type {
            name: "ChimeMessagingStreamingConfigurations",
            create_operation: "PutMessagingStreamingConfigurations",
            delete_operation: "DeleteMessagingStreamingConfigurations",
            properties: streaming(A, &["Channel"]),
            changed: Some(streaming(A, &["ChannelMessage", "Channel"])),
            replaced: Some(streaming(B, &["Channel"])),
            attribute: "AppInstanceArn",
        },
        Type {
            name: "ChimeChannelFlow",
            create_operation: "CreateChannelFlow",
            delete_operation: "DeleteChannelFlow",
            properties: flow(A, "Flow", &["1"], tags("a", "b")),
            changed: Some(flow(A, "Stream", &["2", "1"], tags("c", "d"))),
            replaced: Some(flow(B, "Flow", &["1"], tags("a", "b"))),
            attribute: "ChannelFlowArn",
        },
    ]
}
