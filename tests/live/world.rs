//! Stacks in the state in which the library left them, in a simulator.

use crate::test_bed::{ChimeTestBed, Outcome};
use chime_simulator::TimeScale;
use chime_simulator::{Options, Simulator, without_tags};
use cloudformation_local::LogicalResource;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The physical id of all resources that the library created.
pub const LEGACY_ID: &str = "/aws/lambda/chime-messaging-resources";
/// The app instances of this stack and of another one.
pub const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
pub const OTHER: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/b";
/// The role sessions of this stack's function and of another's.
pub const OWN_SESSION: &str = "arn:aws:sts::123456789012:assumed-role/chat-Role/chime-messaging-resources";
pub const OTHER_SESSION: &str = "arn:aws:sts::123456789012:assumed-role/other-Role/other-function";
pub const OTHER_STACK: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/other/9";

/// Stacks with all types of resources that the library creates.
pub struct Live(pub ChimeTestBed);

impl std::ops::Deref for Live {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        &self.0.simulator
    }
}

pub fn stream() -> Value {
    json!("arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a")
}

pub fn lex() -> Value {
    json!("arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDE12345/TSTALIASID")
}

pub fn flow_arn(app: &str) -> String {
    format!("{app}/channel-flow/f")
}

/// The library's resources in `app`.
pub fn made_by_the_library(app: &str) -> Value {
    json!({
        "AppInstanceArn": app, "Name": "Chat", "RetentionDays": 2, "Admins": [format!("{app}/user/ada")],
        "StreamingConfigurations": [{"DataType": "Channel", "ResourceArn": stream()}],
        "Users": [
            {"AppInstanceUserArn": format!("{app}/user/ada"), "Name": "Ada"},
            {"AppInstanceUserArn": format!("{app}/user/eve"), "Name": "Eve"},
        ],
        "Bots": [{"AppInstanceBotArn": format!("{app}/bot/b"), "Name": "Bot", "Configuration": {"Lex": {
            "LexBotAliasArn": lex(), "LocaleId": "en_US", "RespondsTo": "STANDARD_MESSAGES"}}}],
        "ChannelFlows": [{"ChannelFlowArn": flow_arn(app), "Name": "Flow", "Processors": [processor("ABORT", "Processors")]}],
    })
}

/// A processor, in the spelling of the Chime API or of the constructs.
pub fn processor(action: &str, spelling: &str) -> Value {
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    match spelling {
        "Processors" => json!({"Name": "P", "ExecutionOrder": 1, "FallbackAction": action,
            "Configuration": {"Lambda": {"InvocationType": "ASYNC", "ResourceArn": function}}}),
        _ => json!({"name": "P", "executionOrder": "1", "fallbackAction": action,
            "configuration": {"lambda": {"invocationType": "ASYNC", "resourceArn": function}}}),
    }
}

pub fn construct(kind: &str, properties: Value) -> Value {
    json!({"resourceType": kind, "uid": kind, "properties": properties})
}

/// The properties of each construct when the library created it in `app`.
pub fn constructs(app: &str) -> BTreeMap<&'static str, Value> {
    let lex = json!({"lexBotAliasArn": lex(), "localeId": "en_US"});
    BTreeMap::from([
        ("AppInstance", json!({"name": "Chat"})),
        ("AppInstanceUser", json!({"name": "Ada", "appInstanceArn": app, "appInstanceUserId": "ada"})),
        ("AppInstanceAdmin", json!({"appInstanceArn": app, "appInstanceAdminArn": format!("{app}/user/ada")})),
        ("AppInstanceBot", json!({"name": "Bot", "appInstanceArn": app, "configuration": {"lex": lex}})),
        (
            "ChannelFlow",
            json!({"name": "Flow", "appInstanceArn": app, "processors": [processor("ABORT", "processors")]}),
        ),
        (
            "StreamingConfig",
            json!({"appInstanceArn": app, "streamingConfigs": [{"dataType": "Channel", "resourceArn": stream()}]}),
        ),
        ("DataRetention", json!({"appInstanceArn": app, "dataRetention": "2"})),
    ])
    .into_iter()
    .map(|(kind, properties)| (kind, construct(kind, properties)))
    .collect()
}

/// The library's parameters for a stack.
pub fn parameters(app: &str) -> BTreeMap<String, String> {
    let user = format!("{app}/user/ada");
    [
        ("appInstanceArn/AppInstance", app.to_owned()),
        ("appInstanceUserId/AppInstanceUser", user.clone()),
        ("appInstanceAdminArn/AppInstanceAdmin", user),
        ("appInstanceBotId/AppInstanceBot", format!("{app}/bot/b")),
        ("channelFlowArn/ChannelFlow", flow_arn(app)),
    ]
    .map(|(name, value)| (format!("/chime/{name}"), value))
    .into()
}

/// A resource in the stack that contains the function. The function's name contains the stack's name, as with the
/// library.
pub fn resource(kind: &str) -> LogicalResource {
    let stack_id =
        "arn:aws:cloudformation:us-east-1:123456789012:stack/chime-messaging/5f0a8b10-1c2d-11ef-8a3b-0a1b2c3d4e5f";
    LogicalResource::new("AWS::CloudFormation::CustomResource").renamed(kind).of_stack(stack_id)
}

/// A construct's `properties` with a changed value.
pub fn with(properties: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut properties = properties.clone();
    properties["properties"][name] = value.into();
    properties
}

impl Live {
    /// The stack `chat` as the library left it, with its parameters.
    pub fn new() -> Self {
        Self::of(&[APP])
    }

    /// Stacks as the library left them. The last one wrote the parameters last.
    pub fn of(apps: &[&str]) -> Self {
        Self::written(apps, &vec![""; apps.len()])
    }

    /// Stacks whose parameters were written by these role sessions.
    pub fn written(apps: &[&str], writers: &[&str]) -> Self {
        let seed = Value::Array(apps.iter().map(|app| made_by_the_library(app)).collect());
        let options = Options { seed, time_scale: TimeScale::times(20), ..Options::default() };
        let live = Self(ChimeTestBed::start(options).unwrap());
        for (app, writer) in apps.iter().zip(writers) {
            for (name, value) in parameters(app) {
                live.put_parameter(&name, &value, writer);
            }
        }
        live
    }

    pub async fn send(&self, event: Value) -> Outcome {
        let outcome = self.0.invoke(&event).await;
        assert_eq!((&outcome.failure, &outcome.problems), (&None, &Vec::new()));
        outcome
    }

    /// Sends an event that must succeed.
    pub async fn succeed(&self, event: Value) -> Outcome {
        let outcome = self.send(event).await;
        assert_eq!(outcome.status(), "SUCCESS", "{}", outcome.reason());
        outcome
    }

    /// Sends an event that must fail and change nothing. The reason must contain all of `expected`.
    pub async fn fail(&self, event: Value, expected: &[&str]) -> Outcome {
        let before = (self.holds(), self.parameters());
        let outcome = self.send(event).await;
        assert_eq!(outcome.status(), "FAILED");
        assert!(expected.iter().all(|text| outcome.reason().contains(text)), "{}", outcome.reason());
        assert_eq!((self.holds(), self.parameters()), before);
        outcome
    }

    /// Chime's contents, without ownership tags and marks.
    pub fn untagged(&self) -> Value {
        without_tags(self.holds(), "cfn:")
    }

    /// Asserts that Chime contains only the app instances `apps`, as the library left them.
    pub fn assert_holds(&self, apps: &[&str]) {
        let expected = Value::Array(apps.iter().map(|app| made_by_the_library(app)).collect());
        let options = Options { seed: expected, ..Options::default() };
        assert_eq!(self.untagged(), Simulator::start(options).unwrap().holds());
    }
}

/// The attribute that a construct reads, and its value for the library's resource in `app`.
pub fn attribute(kind: &str, app: &str) -> Option<(&'static str, String)> {
    Some(match kind {
        "AppInstance" => ("appInstanceArn", app.to_owned()),
        "AppInstanceUser" => ("appInstanceUser", format!("{app}/user/ada")),
        "AppInstanceAdmin" => ("AppInstanceAdminName", "Ada".to_owned()),
        "AppInstanceBot" => ("appInstanceBot", format!("{app}/bot/b")),
        "ChannelFlow" => ("channelFlowArn", flow_arn(app)),
        _ => return None,
    })
}
