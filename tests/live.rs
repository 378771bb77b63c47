//! Live stacks of `cdk-amazon-chime-resources`, whose function this one has taken the place of: what it takes for whose, and what not.
//! The same with the library's own code is in `tests/cloudformation`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

use chime_local::logical_resource::LogicalResource;
use chime_local::rehearsal::{Rehearsal, Rehearsed};
use chime_local::simulator::{Options, Simulator};
use chime_messaging_resources::Pace;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The physical id of everything that the library makes.
const LIVE: &str = "/aws/lambda/chime-messaging-resources";
/// The app instance of this stack, and that of another one.
const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
const OTHER: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/b";
/// The sessions of this stack's function and of another's.
const OWN: &str = "arn:aws:sts::123456789012:assumed-role/chat-Role/chime-messaging-resources";
const ANOTHERS: &str = "arn:aws:sts::123456789012:assumed-role/other-Role/other-function";
const OTHER_STACK: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/other/9";

/// Live stacks with all that the library makes for one.
struct Live(Rehearsal);

impl std::ops::Deref for Live {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        &self.0.simulator
    }
}

fn stream() -> Value {
    json!("arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a")
}

fn lex() -> Value {
    json!("arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDE12345/TSTALIASID")
}

fn flow_arn(app: &str) -> String {
    format!("{app}/channel-flow/f")
}

/// What the library has made in `app`.
fn made_by_the_library(app: &str) -> Value {
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
fn processor(action: &str, spelling: &str) -> Value {
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    match spelling {
        "Processors" => json!({"Name": "P", "ExecutionOrder": 1, "FallbackAction": action,
            "Configuration": {"Lambda": {"InvocationType": "ASYNC", "ResourceArn": function}}}),
        _ => json!({"name": "P", "executionOrder": "1", "fallbackAction": action,
            "configuration": {"lambda": {"invocationType": "ASYNC", "resourceArn": function}}}),
    }
}

fn construct(kind: &str, properties: Value) -> Value {
    json!({"resourceType": kind, "uid": kind, "properties": properties})
}

/// The properties of each construct as they were when the library made it in `app`.
fn constructs(app: &str) -> BTreeMap<&'static str, Value> {
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

/// The parameters that the library has written for a stack.
fn parameters(app: &str) -> BTreeMap<String, String> {
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

/// A resource of the stack that the function stands in, as the library's does: it has the stack's name in its own.
fn resource(kind: &str) -> LogicalResource {
    let stack_id =
        "arn:aws:cloudformation:us-east-1:123456789012:stack/chime-messaging/5f0a8b10-1c2d-11ef-8a3b-0a1b2c3d4e5f";
    LogicalResource::new("AWS::CloudFormation::CustomResource").renamed(kind).of_stack(stack_id)
}

/// `properties` of a construct with another value of one of them.
fn with(properties: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut properties = properties.clone();
    properties["properties"][name] = value.into();
    properties
}

impl Live {
    /// The stack `chat` as the library has left it, with its parameters.
    fn new() -> Self {
        Self::of(&[APP])
    }

    /// Stacks as the library has left them, the last of which has written the parameters last.
    fn of(apps: &[&str]) -> Self {
        Self::written(apps, &vec![""; apps.len()])
    }

    /// The same, with the ARNs of those who have written the parameters of each.
    fn written(apps: &[&str], writers: &[&str]) -> Self {
        let seed = Value::Array(apps.iter().map(|app| made_by_the_library(app)).collect());
        let options = Options { seed, pace: Pace::times(20), ..Options::default() };
        let live = Self(Rehearsal::start(options).unwrap());
        for (app, writer) in apps.iter().zip(writers) {
            for (name, value) in parameters(app) {
                live.put_parameter(&name, &value, writer);
            }
        }
        live
    }

    async fn send(&self, event: Value) -> Rehearsed {
        let rehearsed = self.0.invoke(&event).await;
        assert_eq!((&rehearsed.failure, &rehearsed.problems), (&None, &Vec::new()));
        rehearsed
    }

    /// Sends an event that has to succeed.
    async fn succeed(&self, event: Value) -> Rehearsed {
        let rehearsed = self.send(event).await;
        assert_eq!(rehearsed.status(), "SUCCESS", "{}", rehearsed.reason());
        rehearsed
    }

    /// Sends an event that has to fail, with all of these in its reason, and to change nothing.
    async fn fail(&self, event: Value, said: &[&str]) -> Rehearsed {
        let before = (self.holds(), self.parameters());
        let rehearsed = self.send(event).await;
        assert_eq!(rehearsed.status(), "FAILED");
        assert!(said.iter().all(|text| rehearsed.reason().contains(text)), "{}", rehearsed.reason());
        assert_eq!((self.holds(), self.parameters()), before);
        rehearsed
    }

    /// What Chime holds, without ownership tags and marks.
    fn untagged(&self) -> Value {
        let mut held = self.holds();
        without_own_tags(&mut held);
        held
    }

    /// Nothing but the app instances `apps`, as the library left them.
    fn assert_holds(&self, apps: &[&str]) {
        let expected = Value::Array(apps.iter().map(|app| made_by_the_library(app)).collect());
        let options = Options { seed: expected, ..Options::default() };
        assert_eq!(self.untagged(), Simulator::start(options).unwrap().holds());
    }
}

fn without_own_tags(json: &mut Value) {
    match json {
        Value::Object(members) => {
            if let Some(Value::Array(tags)) = members.get_mut("Tags") {
                tags.retain(|tag| !tag["Key"].as_str().unwrap().starts_with("cfn:"));
                if tags.is_empty() {
                    members.remove("Tags");
                }
            }
            members.values_mut().for_each(without_own_tags);
        }
        Value::Array(items) => items.iter_mut().for_each(without_own_tags),
        _ => {}
    }
}

/// The attribute that a construct reads, and its value for what the library has made in `app`.
fn attribute(kind: &str, app: &str) -> Option<(&'static str, String)> {
    Some(match kind {
        "AppInstance" => ("appInstanceArn", app.to_owned()),
        "AppInstanceUser" => ("appInstanceUser", format!("{app}/user/ada")),
        "AppInstanceAdmin" => ("AppInstanceAdminName", "Ada".to_owned()),
        "AppInstanceBot" => ("appInstanceBot", format!("{app}/bot/b")),
        "ChannelFlow" => ("channelFlowArn", flow_arn(app)),
        _ => return None,
    })
}

#[tokio::test]
async fn an_update_keeps_the_id_changes_nothing_else_and_notes_the_owner() {
    let live = Live::new();
    for (kind, properties) in constructs(APP) {
        let mut new = properties.clone();
        new["ServiceTimeout"] = json!("600");
        let updated = live.succeed(resource(kind).update(LIVE, &properties, &new)).await;
        assert_eq!(updated.id(), LIVE, "{kind}");
        if let Some((name, value)) = attribute(kind, APP) {
            assert_eq!(updated.attribute(name), value);
        }
        let changing: Vec<_> = updated.calls.iter().filter(|call| call.changing).map(|call| &call.operation).collect();
        assert_eq!(changing, ["TagResource"], "{kind}");
        // The next one knows it.
        let again = live.succeed(resource(kind).update(LIVE, &new, &properties)).await;
        assert!(again.calls.iter().all(|call| !call.changing), "{kind}: {:?}", again.operations());
    }
    live.assert_holds(&[APP]);
    assert_eq!(live.parameters(), parameters(APP));
    for owned in ["AppInstance", "AppInstanceUser", "AppInstanceBot", "ChannelFlow"] {
        let tag = json!({"Key": "cfn:logical-id", "Value": owned});
        assert!(live.holds().to_string().contains(&tag.to_string()), "{owned}");
    }
}

#[tokio::test]
async fn an_update_does_what_the_library_never_did() {
    let live = Live::new();
    let of = constructs(APP);
    let changes = [
        ("AppInstance", "name", json!("Support")),
        ("AppInstanceUser", "name", json!("Ada L.")),
        ("AppInstanceBot", "name", json!("Lex")),
        ("ChannelFlow", "processors", json!([processor("CONTINUE", "processors")])),
        ("DataRetention", "dataRetention", json!("30")),
        ("StreamingConfig", "streamingConfigs", json!([{"dataType": "ChannelMessage", "resourceArn": stream()}])),
    ];
    for (kind, name, value) in changes {
        let updated = live.succeed(resource(kind).update(LIVE, &of[kind], &with(&of[kind], name, value))).await;
        assert_eq!(updated.id(), LIVE);
    }
    let held = live.untagged();
    assert_eq!(held[0]["Name"], "Support");
    assert_eq!(held[0]["Users"][0]["Name"], "Ada L.");
    assert_eq!(held[0]["Bots"][0]["Name"], "Lex");
    assert_eq!(held[0]["ChannelFlows"][0]["Processors"][0]["FallbackAction"], "CONTINUE");
    assert_eq!(held[0]["RetentionDays"], 30);
    assert_eq!(held[0]["StreamingConfigurations"][0]["DataType"], "ChannelMessage");
}

#[tokio::test]
async fn what_the_librarys_updates_left_undone_is_done_by_the_next() {
    let live = Live::new();
    // The template has said so for long, and the library did nothing about it.
    let stale = with(&constructs(APP)["AppInstance"], "name", "Support");
    let mut new = stale.clone();
    new["ServiceTimeout"] = json!("600");
    live.succeed(resource("AppInstance").update(LIVE, &stale, &new)).await;
    assert_eq!(live.untagged()[0]["Name"], "Support");
    // A user whose id was changed in the template alone: what there is, is what the library has made.
    let ada = &constructs(APP)["AppInstanceUser"];
    let (bob, cleo) = (with(ada, "appInstanceUserId", "bob"), with(ada, "appInstanceUserId", "cleo"));
    let updated = live.succeed(resource("AppInstanceUser").update(LIVE, &bob, &cleo)).await;
    assert_eq!(updated.id(), format!("{APP}/user/cleo"));
    live.succeed(resource("AppInstanceUser").delete(LIVE, &bob)).await;
    let users: Vec<_> =
        live.untagged()[0]["Users"].as_array().unwrap().iter().map(|user| user["AppInstanceUserArn"].clone()).collect();
    assert_eq!(users, [json!(format!("{APP}/user/eve")), json!(format!("{APP}/user/cleo"))]);
}

#[tokio::test]
async fn a_delete_removes_the_thing_and_then_its_parameter() {
    let live = Live::new();
    for kind in
        ["DataRetention", "StreamingConfig", "ChannelFlow", "AppInstanceBot", "AppInstanceAdmin", "AppInstanceUser"]
    {
        let deleted = live.succeed(resource(kind).delete(LIVE, &constructs(APP)[kind])).await;
        assert_eq!(deleted.id(), LIVE);
    }
    let user = json!({"AppInstanceUserArn": format!("{APP}/user/eve"), "Name": "Eve"});
    assert_eq!(live.holds(), json!([{"AppInstanceArn": APP, "Name": "Chat", "Users": [user]}]));
    assert_eq!(live.parameters().into_keys().collect::<Vec<_>>(), ["/chime/appInstanceArn/AppInstance"]);
    let event = resource("AppInstance").delete(LIVE, &constructs(APP)["AppInstance"]);
    live.succeed(event.clone()).await;
    assert!(live.is_empty() && live.parameters().is_empty());
    // Delivered twice.
    live.succeed(event).await;
}

#[tokio::test]
async fn what_replaces_has_an_id_of_ours_and_the_cleanup_removes_what_it_replaces() {
    let live = Live::new();
    let of = constructs(APP);
    let (ada, bob) = (&of["AppInstanceUser"], with(&of["AppInstanceUser"], "appInstanceUserId", "bob"));
    let replaced = live.succeed(resource("AppInstanceUser").update(LIVE, ada, &bob)).await;
    assert_eq!(replaced.id(), format!("{APP}/user/bob"));
    let admin = &of["AppInstanceAdmin"];
    let bob_is_admin = with(admin, "appInstanceAdminArn", replaced.id());
    let promoted = live.succeed(resource("AppInstanceAdmin").update(LIVE, admin, &bob_is_admin)).await;
    assert_eq!(promoted.id(), format!("{APP}/admins/{APP}/user/bob"));
    live.succeed(resource("AppInstanceAdmin").delete(LIVE, admin)).await;
    live.succeed(resource("AppInstanceUser").delete(LIVE, ada)).await;
    let held = live.untagged();
    assert_eq!(held[0]["Admins"], json!([format!("{APP}/user/bob")]));
    assert!(!held.to_string().contains("user/ada"), "{held:#}");
    assert!(!live.parameters().keys().any(|name| name.contains("User") || name.contains("Admin")));
    // From now on they are like all others.
    let (bob_again, admin_again) = (resource("AppInstanceUser"), resource("AppInstanceAdmin"));
    live.succeed(admin_again.delete(promoted.id(), &bob_is_admin)).await;
    live.succeed(bob_again.delete(replaced.id(), &bob)).await;
    assert!(!live.holds().to_string().contains("user/bob"));
}

#[tokio::test]
async fn a_replacement_that_is_rolled_back_leaves_the_original_with_its_id() {
    let ada = constructs(APP)["AppInstanceUser"].clone();
    let (bob, user) = (with(&ada, "appInstanceUserId", "bob"), resource("AppInstanceUser"));
    for goes_back_first in [true, false] {
        let live = Live::new();
        let new = live.succeed(user.update(LIVE, &ada, &bob)).await.id().to_owned();
        if goes_back_first {
            let back = live.succeed(user.update(&new, &bob, &ada)).await;
            assert_eq!(back.id(), LIVE);
        }
        live.succeed(user.delete(&new, &bob)).await;
        live.assert_holds(&[APP]);
        assert_eq!(live.parameters(), parameters(APP));
        live.succeed(user.delete(LIVE, &ada)).await;
        assert!(!live.holds().to_string().contains("user/ada"));
    }
    // Nobody waited for its answer.
    let live = Live::new();
    live.succeed(user.update(LIVE, &ada, &bob)).await;
    assert_eq!(live.succeed(user.update(LIVE, &bob, &ada)).await.id(), LIVE);
    live.assert_holds(&[APP]);
}

#[tokio::test]
async fn a_setting_that_moves_with_its_app_instance_comes_back_when_that_is_rolled_back() {
    let mut apps = made_by_the_library(OTHER);
    apps["RetentionDays"].take();
    let live = Live::new();
    live.seed(json!([apps])).unwrap();
    let (here, there) = (constructs(APP)["DataRetention"].clone(), constructs(OTHER)["DataRetention"].clone());
    let retention = resource("DataRetention");
    // Cancelled: nobody waited for its answer.
    live.succeed(retention.update(LIVE, &here, &there)).await;
    assert_eq!(live.holds()[1]["RetentionDays"], 2);
    assert_eq!(live.succeed(retention.update(LIVE, &there, &here)).await.id(), LIVE);
    assert_eq!((&live.holds()[0]["RetentionDays"], &live.holds()[1]["RetentionDays"]), (&json!(2), &Value::Null));
}

#[tokio::test]
async fn a_renamed_logical_id_takes_over_what_has_been_marked_and_is_told_so_where_nothing_has() {
    let of = constructs(APP);
    for kind in ["AppInstanceUser", "AppInstanceAdmin", "StreamingConfig", "DataRetention"] {
        let live = Live::new();
        let (old, new) = (resource(kind), resource(kind).renamed("Renamed"));
        let mut moved = of[kind].clone();
        moved["uid"] = json!("moved");
        live.succeed(old.update(LIVE, &of[kind], &of[kind])).await;
        // The rollback first, then the same for good.
        for is_rolled_back in [true, false] {
            let created = live.succeed(new.create(&moved)).await;
            let id = created.id().to_owned();
            if is_rolled_back {
                live.succeed(new.delete(&id, &moved)).await;
            } else {
                live.succeed(old.delete(LIVE, &of[kind])).await;
                live.assert_holds(&[APP]);
                assert!(!live.parameters().keys().any(|name| name.ends_with(&format!("/{kind}"))), "{kind}");
                live.succeed(new.delete(&id, &moved)).await;
            }
        }
        assert_ne!(live.untagged()[0], made_by_the_library(APP));
    }
    let live = Live::new();
    let event = resource("AppInstanceUser").renamed("Renamed").create(&of["AppInstanceUser"]);
    live.fail(event, &["already exists and belongs to another stack (or to none)"]).await;
}

#[tokio::test]
async fn a_thing_that_was_deleted_by_hand_is_gone() {
    for (kind, properties) in constructs(APP) {
        let live = Live::new();
        live.change(|_| json!([])).unwrap();
        let failed = live.send(resource(kind).update(LIVE, &properties, &properties)).await;
        assert_eq!((failed.status(), failed.id()), ("FAILED", LIVE), "{kind}");
        live.succeed(resource(kind).delete(LIVE, &properties)).await;
        assert!(live.parameters().keys().all(|name| !name.ends_with(&format!("/{kind}"))), "{kind}");
    }
}

#[tokio::test]
async fn a_lost_parameter_is_made_up_for_by_the_properties_or_the_tags_or_is_told() {
    let chosen = ["AppInstance", "AppInstanceBot", "ChannelFlow"];
    for (kind, properties) in constructs(APP) {
        // Nothing says which it is, or the properties do.
        let live = Live::new();
        live.lose_parameters();
        if chosen.contains(&kind) {
            let said =
                ["cannot be told for sure", "is gone", "tag-resource", "Key=cfn:logical-id", "--retain-resources"];
            let failed = live.fail(resource(kind).update(LIVE, &properties, &properties), &said).await;
            assert_eq!(failed.id(), LIVE);
            live.fail(resource(kind).delete(LIVE, &properties), &said).await;
        } else {
            live.succeed(resource(kind).update(LIVE, &properties, &properties)).await;
            live.succeed(resource(kind).delete(LIVE, &properties)).await;
            assert_ne!(live.untagged(), json!([made_by_the_library(APP)]));
        }
        // It has been marked before.
        let live = Live::new();
        live.succeed(resource(kind).update(LIVE, &properties, &properties)).await;
        live.lose_parameters();
        live.succeed(resource(kind).update(LIVE, &properties, &properties)).await;
        live.assert_holds(&[APP]);
        live.succeed(resource(kind).delete(LIVE, &properties)).await;
        // The List shows that there is none.
        let live = Live::new();
        live.lose_parameters();
        live.change(|_| json!([])).unwrap();
        live.succeed(resource(kind).delete(LIVE, &properties)).await;
    }
}

#[tokio::test]
async fn twins_whose_parameters_have_overwritten_each_other_are_told_apart_or_left_alone() {
    let (first, second) = (constructs(APP), constructs(OTHER));
    let live = Live::of(&[APP, OTHER]);
    // The properties of the first name its own things, whatever the parameters say.
    for kind in ["DataRetention", "StreamingConfig", "AppInstanceAdmin", "AppInstanceUser"] {
        live.succeed(resource(kind).update(LIVE, &first[kind], &first[kind])).await;
        live.succeed(resource(kind).delete(LIVE, &first[kind])).await;
    }
    assert_eq!(live.parameters(), parameters(OTHER));
    assert_eq!(live.untagged()[1], made_by_the_library(OTHER));
    // Which app instance is whose, nobody knows until somebody says so.
    for (of, stack) in [(&first, None), (&second, Some(OTHER_STACK))] {
        let app = resource("AppInstance");
        let app = stack.map_or(app.clone(), |stack| app.of_stack(stack));
        for event in [app.update(LIVE, &of["AppInstance"], &of["AppInstance"]), app.delete(LIVE, &of["AppInstance"])] {
            live.fail(event, &["another stack has written it", APP, OTHER]).await;
        }
    }
    let app = resource("AppInstance");
    live.change(|mut held| {
        let tags =
            json!([{"Key": "cfn:stack-id", "Value": app.stack_id}, {"Key": "cfn:logical-id", "Value": "AppInstance"}]);
        held[0]["Tags"] = tags;
        held
    })
    .unwrap();
    live.succeed(app.delete(LIVE, &first["AppInstance"])).await;
    live.assert_holds(&[OTHER]);
    assert_eq!(live.parameters(), parameters(OTHER));
    // Now it is the only one that is nobody's, and still nobody can say that it is the second's.
    live.fail(app.of_stack(OTHER_STACK).delete(LIVE, &second["AppInstance"]), &["tag-resource"]).await;
}

#[tokio::test]
async fn the_history_of_a_parameter_says_which_stacks_function_wrote_what() {
    let (first, second) = (constructs(APP), constructs(OTHER));
    // Twins: each has its own, whoever wrote last; and the parameter stays for whose it is.
    let live = Live::written(&[APP, OTHER], &[OWN, ANOTHERS]);
    for (kind, properties) in &first {
        assert_eq!(live.succeed(resource(kind).update(LIVE, properties, properties)).await.id(), LIVE);
    }
    live.assert_holds(&[APP, OTHER]);
    for kind in ["ChannelFlow", "AppInstanceBot", "AppInstance"] {
        live.succeed(resource(kind).delete(LIVE, &first[kind])).await;
    }
    live.assert_holds(&[OTHER]);
    assert_eq!(live.parameters(), parameters(OTHER));
    let others = "/aws/lambda/other-function";
    live.succeed(resource("AppInstance").of_stack(OTHER_STACK).delete(others, &second["AppInstance"])).await;
    assert!(live.is_empty() && !live.parameters().keys().any(|name| name.ends_with("/AppInstance")));

    // The other stack was deleted and made again since: what there is, is not this stack's, though it is the first version.
    let live = Live::written(&[OTHER], &[ANOTHERS]);
    for kind in ["ChannelFlow", "AppInstanceBot", "AppInstance"] {
        live.fail(resource(kind).update(LIVE, &second[kind], &second[kind]), &["another stack has written it"]).await;
        live.fail(resource(kind).delete(LIVE, &second[kind]), &["another stack has written it"]).await;
    }
    // More than a page of them.
    let live = Live::written(&[APP, OTHER], &[OWN, ANOTHERS]);
    (0..60).for_each(|_| live.put_parameter("/chime/appInstanceArn/AppInstance", OTHER, ANOTHERS));
    live.succeed(resource("AppInstance").delete(LIVE, &first["AppInstance"])).await;
    live.assert_holds(&[OTHER]);
}

#[tokio::test]
async fn an_update_that_touched_nothing_is_rolled_back_without_a_failure() {
    let live = Live::new();
    live.lose_parameters();
    let (old, app) = (&constructs(APP)["AppInstance"], resource("AppInstance"));
    let new = with(old, "name", "Support");
    live.fail(app.update(LIVE, old, &new), &["cannot be told for sure"]).await;
    assert_eq!(live.succeed(app.update(LIVE, &new, old)).await.id(), LIVE);
    live.assert_holds(&[APP]);
    // The next attempt is no rollback.
    live.fail(app.update(LIVE, old, &new), &["cannot be told for sure"]).await;
    live.fail(app.update(LIVE, old, &with(old, "name", "Sales")), &["cannot be told for sure"]).await;
}

#[tokio::test]
async fn what_bears_another_stacks_mark_is_not_touched() {
    for (kind, properties) in constructs(APP) {
        let live = Live::new();
        live.succeed(resource(kind).of_stack(OTHER_STACK).update(LIVE, &properties, &properties)).await;
        let event = resource(kind).update(LIVE, &properties, &properties);
        let failed = live.fail(event, &[]).await;
        assert!(
            failed.reason().contains("other") || failed.reason().contains("does not exist"),
            "{kind}: {}",
            failed.reason()
        );
        let before = live.holds();
        let deleted = live.send(resource(kind).delete(LIVE, &properties)).await;
        assert_eq!((deleted.status(), live.holds()), ("SUCCESS", before.clone()), "{kind}: {}", deleted.reason());
        // Nor is the parameter of its owner lost.
        let owners = live.succeed(resource(kind).of_stack(OTHER_STACK).delete(LIVE, &properties)).await;
        assert_eq!(owners.id(), LIVE);
        assert_ne!(live.holds(), before, "{kind}");
    }
}

#[tokio::test]
async fn a_parameter_of_another_account_region_or_kind_is_not_believed() {
    let properties = &constructs(APP)["AppInstance"];
    for value in [
        "arn:aws:chime:us-east-1:210987654321:app-instance/a",
        "arn:aws:chime:eu-central-1:123456789012:app-instance/a",
        "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/ada",
        "",
    ] {
        let live = Live::new();
        live.lose_parameters();
        live.put_parameter("/chime/appInstanceArn/AppInstance", value, OWN);
        live.fail(resource("AppInstance").delete(LIVE, properties), &["cannot be told for sure"]).await;
    }
}

#[tokio::test]
async fn without_the_right_to_read_parameters_nothing_is_touched_and_throttling_is_waited_out() {
    let live = Live::new();
    for (kind, properties) in constructs(APP).into_iter().filter(|(kind, _)| attribute(kind, APP).is_some()) {
        live.refuse_parameters(Some((400, "AccessDeniedException")));
        for event in [resource(kind).update(LIVE, &properties, &properties), resource(kind).delete(LIVE, &properties)] {
            live.fail(event, &["GetParameterHistory failed: AccessDeniedException", "Allow the action"]).await;
        }
    }
    live.refuse_parameters(Some((400, "ThrottlingException")));
    let event = resource("AppInstance").delete(LIVE, &constructs(APP)["AppInstance"]);
    let (deleted, ()) = tokio::join!(live.succeed(event), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        live.refuse_parameters(None);
    });
    assert_eq!(deleted.id(), LIVE);
    assert!(live.is_empty() && live.take_parameter_calls().len() > 10);
}

#[tokio::test]
async fn what_the_librarys_framework_never_created_is_deleted_and_a_new_resource_asks_for_no_parameter() {
    let live = Live::new();
    let never = "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED";
    for (kind, properties) in constructs(APP) {
        live.succeed(resource(kind).delete(never, &properties)).await;
    }
    live.assert_holds(&[APP]);
    let user = with(&constructs(APP)["AppInstanceUser"], "appInstanceUserId", "bob");
    let created = live.succeed(resource("Bob").create(&user)).await.id().to_owned();
    live.succeed(resource("Bob").update(&created, &user, &with(&user, "name", "Bob"))).await;
    live.succeed(resource("Bob").delete(&created, &user)).await;
    // Nor does one of another stack than the function's, when it is replaced.
    let (bob, cleo) = (resource("Bob").of_stack(OTHER_STACK), with(&user, "appInstanceUserId", "cleo"));
    let created = live.succeed(bob.create(&user)).await.id().to_owned();
    live.succeed(bob.update(&created, &user, &cleo)).await;
    assert_eq!(live.take_parameter_calls(), Vec::<String>::new());
}

#[tokio::test]
async fn properties_that_are_wrong_are_refused_before_anything_is_asked() {
    let live = Live::new();
    let user = &constructs(APP)["AppInstanceUser"];
    let failed =
        live.fail(resource("AppInstanceUser").update(LIVE, user, &with(user, "name", "")), &["Name must be"]).await;
    assert_eq!((failed.id(), failed.calls.len(), live.take_parameter_calls().len()), (LIVE, 0, 0));
}
