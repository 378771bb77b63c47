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

    /// Whose it is stands in tags of its own.
    pub fn has_tags(&self) -> bool {
        self.properties.get("Tags").is_some()
    }

    /// Whose it is stands in a mark on what it is a setting of.
    pub fn has_mark(&self) -> bool {
        !self.has_tags() && !self.is_unmarked()
    }

    /// Whose it is stands nowhere.
    pub fn is_unmarked(&self) -> bool {
        [
            "ChimeChannelMembership",
            "ChimeChannelMemberships",
            "ChimeChannelModerator",
            "ChimeChannelBan",
            "ChimeAppInstanceUserEndpoint",
        ]
        .contains(&self.name)
    }

    /// Whether the template names the thing. Otherwise Chime chooses its id, or the request does, and every create makes another one.
    pub fn is_named(&self) -> bool {
        ![
            "ChimeAppInstance",
            "ChimeAppInstanceBot",
            "ChimeChannelFlow",
            "ChimeChannelMemberships",
            "ChimeAppInstanceUserEndpoint",
        ]
        .contains(&self.name)
    }

    /// Whether it is a list, each of whose members may have been there before.
    pub fn is_list(&self) -> bool {
        self.name == "ChimeChannelMemberships"
    }

    /// Whether ownership of it is noted, and passes from one logical id to another.
    pub fn is_handed_over(&self) -> bool {
        self.is_named() && !self.is_unmarked()
    }

    /// The operation that tells an attribute which only Chime knows, if there is one.
    pub fn told_by(&self) -> Option<&'static str> {
        Some(match self.name {
            "ChimeAppInstanceAdmin" => "DescribeAppInstanceAdmin",
            "ChimeChannelMembership" => "DescribeChannelMembership",
            "ChimeChannelModerator" => "DescribeChannelModerator",
            "ChimeChannelBan" => "DescribeChannelBan",
            _ => return None,
        })
    }

    /// The operation that shows whether a setting is set.
    fn observe_operation(&self) -> &'static str {
        match self.name {
            "ChimeAppInstanceAdmin" => "DescribeAppInstanceAdmin",
            "ChimeAppInstanceRetentionSettings" => "GetAppInstanceRetentionSettings",
            "ChimeMessagingStreamingConfigurations" => "GetMessagingStreamingConfigurations",
            _ => "DescribeChannel",
        }
    }

    /// The calls of a create: one; three where one looks and writes a mark first, and two where one looks before one writes.
    pub fn create_calls(&self) -> Vec<&'static str> {
        let before: Vec<_> = match (self.has_mark(), self.is_unmarked() && self.is_named()) {
            (true, _) => vec![self.observe_operation(), "TagResource"],
            (_, true) => self.told_by().into_iter().collect(),
            _ => Vec::new(),
        };
        [before, vec![self.create_operation]].concat()
    }

    /// The calls of a delete: one where Chime's id says all; else whose it is is read first, and a mark removed at the end.
    pub fn delete_calls(&self) -> Vec<&'static str> {
        let whose: &[_] = if self.is_handed_over() { &["ListTagsForResource"] } else { &[] };
        let what: &[_] = match self.name {
            // Which flow a channel has, the channel says.
            "ChimeChannelFlowAssociation" => &["DescribeChannel"],
            // Who was a member before stays.
            "ChimeChannelMemberships" => &["DescribeChannelMembership"],
            _ => &[],
        };
        let mark: &[_] = if self.has_mark() { &["UntagResource"] } else { &[] };
        [whose, what, &[self.delete_operation], mark].concat()
    }
}

/// What is in Chime before each test: two app instances with users, flows and channels, whose ids no test makes up.
pub fn seed() -> Value {
    let app_instance = |arn: &str| {
        let user = |id: &str| json!({"AppInstanceUserArn": format!("{arn}/user/{id}"), "Name": capitalised(id)});
        let flow_of = |id: &str| {
            let processor = json!({"Name": "P", "ExecutionOrder": 1, "FallbackAction": "ABORT", "Configuration": {"Lambda": {
                "ResourceArn": "arn:aws:lambda:us-east-1:123456789012:function:f", "InvocationType": "ASYNC"}}});
            json!({"ChannelFlowArn": format!("{arn}/channel-flow/{id}"), "Name": id, "Processors": [processor]})
        };
        let chief = format!("{arn}/user/chief");
        let channel = |id: &str| {
            let member =
                |id: &str| json!({"MemberArn": format!("{arn}/user/{id}"), "Type": "DEFAULT", "InvitedBy": chief});
            let members = ["chief", "guest", "host"].map(member);
            json!({"ChannelArn": format!("{arn}/channel/{id}"), "Name": id, "Mode": "RESTRICTED", "Privacy": "PRIVATE",
                "CreatedBy": chief, "Moderators": [chief],
                "Memberships": members})
        };
        let (users, flows, channels) = (
            ["seed", "other", "boss", "chief", "guest", "host"].map(user),
            ["one", "two"].map(flow_of),
            ["room", "hall"].map(channel),
        );
        // Whoever acts is an admin, and there is a second one should the first be gone.
        let admins = [format!("{arn}/user/boss"), chief.clone()];
        json!({"AppInstanceArn": arn, "Name": "Seed", "Users": users, "Admins": admins, "ChannelFlows": flows,
            "Channels": channels})
    };
    json!([app_instance(A), app_instance(B)])
}

fn capitalised(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// A member, moderator or ban of the channel `room`, or of another one.
fn in_channel(channel: &str, member: &str, of: &str) -> Value {
    with(acted(channel), member, json!(format!("{A}/user/{of}")))
}

/// Several members of a channel.
fn in_channel_all(channel: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|of| format!("{A}/user/{of}")).collect();
    with(acted(channel), "MemberArns", json!(members))
}

fn acted(channel: &str) -> Value {
    json!({"ChannelArn": channel, "ChimeBearer": format!("{A}/user/boss")})
}

fn with(mut properties: Value, name: &str, value: Value) -> Value {
    properties[name] = value;
    properties
}

fn endpoint(user: &str, token: &str, name: &str, allow: &str) -> Value {
    json!({"AppInstanceUserArn": user, "Type": "GCM", "ResourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a",
        "EndpointAttributes": {"DeviceToken": token}, "Name": name, "AllowMessages": allow})
}

fn channel(app_instance: &str, id: &str, name: &str, mode: &str, tags: Value) -> Value {
    json!({"AppInstanceArn": app_instance, "ChimeBearer": format!("{app_instance}/user/boss"), "ChannelId": id, "Name": name,
        "Mode": mode, "Metadata": "meta", "Tags": tags, "ExpirationSettings": {"ExpirationDays": if mode == "RESTRICTED" { "3" } else { "4" },
            "ExpirationCriterion": "LAST_MESSAGE_TIMESTAMP"}})
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
        Type {
            name: "ChimeChannel",
            create_operation: "CreateChannel",
            delete_operation: "DeleteChannel",
            properties: channel(A, "lounge", "Lounge", "RESTRICTED", tags("a", "b")),
            changed: Some(channel(A, "lounge", "Bar", "UNRESTRICTED", tags("c", "d"))),
            replaced: Some(channel(A, "foyer", "Lounge", "RESTRICTED", tags("a", "b"))),
            attribute: "ChannelId",
        },
        Type {
            name: "ChimeChannelMembership",
            create_operation: "CreateChannelMembership",
            delete_operation: "DeleteChannelMembership",
            properties: in_channel(&format!("{A}/channel/room"), "MemberArn", "seed"),
            changed: Some(with(
                in_channel(&format!("{A}/channel/room"), "MemberArn", "seed"),
                "Preferences",
                json!({"PushNotifications": {"AllowNotifications": "NONE"}}),
            )),
            replaced: Some(in_channel(&format!("{A}/channel/room"), "MemberArn", "other")),
            attribute: "MemberName",
        },
        Type {
            name: "ChimeChannelMemberships",
            create_operation: "BatchCreateChannelMembership",
            delete_operation: "DeleteChannelMembership",
            // Not the channel of the single membership.
            properties: in_channel_all(&format!("{A}/channel/hall"), &["seed"]),
            changed: Some(in_channel_all(&format!("{A}/channel/hall"), &["seed", "other"])),
            replaced: Some(in_channel_all(&format!("{A}/channel/room"), &["seed"])),
            attribute: "ChannelArn",
        },
        Type {
            name: "ChimeChannelModerator",
            create_operation: "CreateChannelModerator",
            delete_operation: "DeleteChannelModerator",
            properties: in_channel(&format!("{A}/channel/room"), "ChannelModeratorArn", "guest"),
            changed: None,
            replaced: Some(in_channel(&format!("{A}/channel/room"), "ChannelModeratorArn", "host")),
            attribute: "ChannelModeratorName",
        },
        Type {
            name: "ChimeChannelBan",
            create_operation: "CreateChannelBan",
            delete_operation: "DeleteChannelBan",
            properties: in_channel(&format!("{A}/channel/room"), "MemberArn", "seed"),
            changed: None,
            replaced: Some(in_channel(&format!("{A}/channel/hall"), "MemberArn", "seed")),
            attribute: "MemberName",
        },
        Type {
            name: "ChimeChannelFlowAssociation",
            create_operation: "AssociateChannelFlow",
            delete_operation: "DisassociateChannelFlow",
            properties: with(
                acted(&format!("{A}/channel/room")),
                "ChannelFlowArn",
                json!(format!("{A}/channel-flow/one")),
            ),
            changed: Some(with(
                acted(&format!("{A}/channel/room")),
                "ChannelFlowArn",
                json!(format!("{A}/channel-flow/two")),
            )),
            replaced: Some(with(
                acted(&format!("{A}/channel/hall")),
                "ChannelFlowArn",
                json!(format!("{A}/channel-flow/one")),
            )),
            attribute: "ChannelFlowArn",
        },
        Type {
            name: "ChimeAppInstanceUserEndpoint",
            create_operation: "RegisterAppInstanceUserEndpoint",
            delete_operation: "DeregisterAppInstanceUserEndpoint",
            properties: endpoint(&format!("{A}/user/seed"), "token of a device", "Phone", "ALL"),
            changed: Some(endpoint(&format!("{A}/user/seed"), "token of a device", "Tablet", "NONE")),
            replaced: Some(endpoint(&format!("{A}/user/seed"), "token of another", "Phone", "ALL")),
            attribute: "EndpointId",
        },
    ]
}
