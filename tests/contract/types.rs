//! For each type: properties to create it with, to change in place, and to replace it with.

use serde_json::{Value, json};

pub const A: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
pub const B: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/b";

/// The test data of one type.
pub struct Type {
    pub name: &'static str,
    /// The operation that creates it.
    pub create_operation: &'static str,
    pub delete_operation: &'static str,
    pub properties: Value,
    /// A change in place. `None` if nothing can change in place.
    pub changed: Option<Value>,
    /// A change that replaces the resource. `None` if nothing does.
    pub replaced: Option<Value>,
    /// An attribute that both a create and an update must return.
    pub attribute: &'static str,
}

impl Type {
    pub fn resource_type(&self) -> String {
        format!("Custom::{}", self.name)
    }

    /// Whether the owner is recorded in the resource's own tags.
    pub fn has_tags(&self) -> bool {
        self.properties.get("Tags").is_some()
    }

    /// Whether the owner is recorded in a mark on the parent.
    pub fn has_mark(&self) -> bool {
        !self.has_tags() && !self.is_untracked()
    }

    /// Whether no owner is recorded.
    pub fn is_untracked(&self) -> bool {
        [
            "ChimeChannelMembership",
            "ChimeChannelMemberships",
            "ChimeChannelModerator",
            "ChimeChannelBan",
            "ChimeAppInstanceUserEndpoint",
        ]
        .contains(&self.name)
    }

    /// Whether the template determines the id. Otherwise Chime or the request determines it, and every create makes a
    /// new resource.
    pub fn has_template_id(&self) -> bool {
        ![
            "ChimeAppInstance",
            "ChimeAppInstanceBot",
            "ChimeChannelFlow",
            "ChimeChannelMemberships",
            "ChimeAppInstanceUserEndpoint",
        ]
        .contains(&self.name)
    }

    /// Whether it is a list, whose members may have existed before.
    pub fn is_list(&self) -> bool {
        self.name == "ChimeChannelMemberships"
    }

    /// Whether ownership is recorded and can pass from one logical id to another.
    pub fn supports_handover(&self) -> bool {
        self.has_template_id() && !self.is_untracked()
    }

    /// The operation that reads an attribute which only Chime knows, if there is one.
    pub fn describe_operation(&self) -> Option<&'static str> {
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

    /// The calls of a create: normally one. A setting takes three: it is read, and its mark is written first. An
    /// untracked relation takes two, because it is read first.
    pub fn create_calls(&self) -> Vec<&'static str> {
        let before: Vec<_> = match (self.has_mark(), self.is_untracked() && self.has_template_id()) {
            (true, _) => vec![self.observe_operation(), "TagResource"],
            (_, true) => self.describe_operation().into_iter().collect(),
            _ => Vec::new(),
        };
        [before, vec![self.create_operation]].concat()
    }

    /// The calls of a delete: normally one. If ownership is recorded, it is read first, and a mark is removed at the
    /// end.
    pub fn delete_calls(&self) -> Vec<&'static str> {
        let ownership: &[_] = if !self.is_untracked() { &["ListTagsForResource"] } else { &[] };
        let state: &[_] = match self.name {
            // Only the channel shows which flow it has.
            "ChimeChannelFlowAssociation" => &["DescribeChannel"],
            // Existing members stay.
            "ChimeChannelMemberships" => &["DescribeChannelMembership"],
            _ => &[],
        };
        let mark: &[_] = if self.has_mark() { &["UntagResource"] } else { &[] };
        [ownership, state, &[self.delete_operation], mark].concat()
    }
}

/// Chime's contents before each test: two app instances with users, flows and channels. No test creates resources with
/// these ids.
pub fn seed() -> Value {
    let app_instance = |arn: &str| {
        let user = |id: &str| json!({"AppInstanceUserArn": format!("{arn}/user/{id}"), "Name": capitalized(id)});
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
        // The bearer is an admin. There is a second admin in case the first one is deleted.
        let admins = [format!("{arn}/user/boss"), chief.clone()];
        json!({"AppInstanceArn": arn, "Name": "Seed", "Users": users, "Admins": admins, "ChannelFlows": flows,
            "Channels": channels})
    };
    json!([app_instance(A), app_instance(B)])
}

fn capitalized(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// A member, moderator or ban of a channel.
fn in_channel(channel: &str, member: &str, of: &str) -> Value {
    with(with_bearer(channel), member, json!(format!("{A}/user/{of}")))
}

/// Several members of a channel.
fn in_channel_all(channel: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|of| format!("{A}/user/{of}")).collect();
    with(with_bearer(channel), "MemberArns", json!(members))
}

fn with_bearer(channel: &str) -> Value {
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

/// All types. A test fails if a registered type is missing here.
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
            // A different channel than that of the single membership.
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
                with_bearer(&format!("{A}/channel/room")),
                "ChannelFlowArn",
                json!(format!("{A}/channel-flow/one")),
            ),
            changed: Some(with(
                with_bearer(&format!("{A}/channel/room")),
                "ChannelFlowArn",
                json!(format!("{A}/channel-flow/two")),
            )),
            replaced: Some(with(
                with_bearer(&format!("{A}/channel/hall")),
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
