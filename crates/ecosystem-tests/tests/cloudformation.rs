//! Whole stacks in MiniStack, an independent CloudFormation engine, with the built function deployed from `template.yaml`. After each step, Chime
//! must match the template; at the end, Chime must be empty.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

#[path = "cloudformation/chat.rs"]
mod chat;
#[path = "cloudformation/constructs.rs"]
mod constructs;
#[path = "cloudformation/copy.rs"]
mod copy;
#[path = "cloudformation/live.rs"]
mod live;
#[path = "cloudformation/moving.rs"]
mod moving;
#[path = "cloudformation/world.rs"]
mod world;

use chime_simulator::{Fault, FaultKind};
use serde_json::{Value, json};
use world::{Ids, World, file};

/// The properties of one resource of a template.
fn properties<'a>(template: &'a mut Value, logical_id: &str) -> &'a mut Value {
    &mut template["Resources"][logical_id]["Properties"]
}

fn remove(template: &mut Value, logical_id: &str) {
    template["Resources"].as_object_mut().unwrap().remove(logical_id).unwrap();
}

async fn deployed(world: &World) -> (String, Ids) {
    let ids = world.deploy(&chat::template()).await;
    let stack_id = world.stack().id().await.unwrap().unwrap();
    assert_eq!(world.holds(), chat::holdings(&stack_id, &ids));
    (stack_id, ids)
}

#[tokio::test]
async fn a_stack_of_all_types_is_created_with_every_attribute_and_deleted() {
    let world = World::new();
    let (_, ids) = deployed(&world).await;
    let (instance, user) = (&ids["Instance"], &ids["User"]);
    assert_eq!(*user, format!("{instance}/user/agent"));
    assert_eq!(ids["Admin"], format!("{instance}/admins/{user}"));
    assert_eq!(ids["Retention"], format!("{instance}/retention-settings"));
    assert_eq!(ids["Streaming"], format!("{instance}/streaming-configurations"));
    let expected = json!({
        "InstanceAppInstanceArn": instance,
        "InstanceAppInstanceId": instance.rsplit('/').next(),
        "UserAppInstanceUserArn": user,
        "UserAppInstanceUserId": "agent",
        "AdminAppInstanceAdminArn": user,
        "AdminAppInstanceAdminName": "Agent",
        "AdminAppInstanceArn": instance,
        "BotAppInstanceBotArn": ids["Bot"],
        "RetentionAppInstanceArn": instance,
        "RetentionRetentionDays": "30",
        "StreamingAppInstanceArn": instance,
        "FlowChannelFlowArn": ids["Flow"],
    });
    assert_eq!(json!(world.outputs().await), expected);
    world.delete().await;
}

#[tokio::test]
async fn each_type_is_updated_in_place() {
    let world = World::new();
    let (stack_id, ids) = deployed(&world).await;
    let mut template = chat::template();
    let mut expected = chat::holdings(&stack_id, &ids);
    let instance = &mut expected[0];

    // One type at a time, so that each change has one cause.
    let own = properties(&mut template, "Instance");
    own["Name"] = json!("Support desk");
    own["Metadata"] = json!("n");
    own["Tags"] = json!([{"Key": "tier", "Value": "gold"}]);
    assert_eq!(world.deploy(&template).await, ids);
    instance["Name"] = json!("Support desk");
    instance["Metadata"] = json!("n");
    instance["Tags"] = chat::tags(&stack_id, "Instance", &[("tier", "gold")]);
    assert_eq!(world.changes(), ["UpdateAppInstance", "UntagResource", "TagResource"]);
    assert_eq!(world.holds()[0], *instance);

    let own = properties(&mut template, "User");
    own["Name"] = json!("Agent Smith");
    own["Metadata"] = json!("u");
    own["ExpirationSettings"]["ExpirationDays"] = json!(60);
    own["Tags"][0]["Value"] = json!("night");
    assert_eq!(world.deploy(&template).await, ids);
    instance["Users"][0]["Name"] = json!("Agent Smith");
    instance["Users"][0]["Metadata"] = json!("u");
    instance["Users"][0]["ExpirationSettings"]["ExpirationDays"] = json!(60);
    instance["Users"][0]["Tags"] = chat::tags(&stack_id, "User", &[("shift", "night")]);
    assert_eq!(world.changes(), ["UpdateAppInstanceUser", "PutAppInstanceUserExpirationSettings", "TagResource"]);
    assert_eq!(world.holds()[0], *instance);

    // Adding the optional AppInstanceArn does not replace the admin.
    properties(&mut template, "Admin")["AppInstanceArn"] = chat::reference("Instance");
    assert_eq!(world.deploy(&template).await, ids);
    assert_eq!(world.changes(), [""; 0]);
    assert_eq!(world.outputs().await["AdminAppInstanceAdminName"], "Agent Smith");
    assert_eq!(world.holds()[0], *instance);

    let lex = json!({"LexBotAliasArn": chat::bot_alias(), "LocaleId": "de_DE",
        "InvokedBy": {"StandardMessages": "MENTIONS", "TargetedMessages": "NONE"}, "WelcomeIntent": "Hello"});
    let own = properties(&mut template, "Bot");
    own["Name"] = json!("Helfer");
    own["Metadata"] = json!("c");
    own["Configuration"]["Lex"] = lex.clone();
    assert_eq!(world.deploy(&template).await, ids);
    instance["Bots"][0]["Name"] = json!("Helfer");
    instance["Bots"][0]["Metadata"] = json!("c");
    instance["Bots"][0]["Configuration"]["Lex"] = chat::resolved(&lex, &stack_id);
    assert_eq!(world.changes(), ["UpdateAppInstanceBot"]);
    assert_eq!(world.holds()[0], *instance);

    properties(&mut template, "Retention")["RetentionDays"] = json!(365);
    assert_eq!(world.deploy(&template).await, ids);
    instance["RetentionDays"] = json!(365);
    assert_eq!(world.changes(), ["PutAppInstanceRetentionSettings"]);
    assert_eq!(world.outputs().await["RetentionRetentionDays"], "365");
    assert_eq!(world.holds()[0], *instance);

    let stream = json!({"Fn::GetAtt": ["Stream", "Arn"]});
    let own = &mut properties(&mut template, "Streaming")["StreamingConfigurations"];
    own.as_array_mut().unwrap().push(json!({"DataType": "ChannelMessage", "ResourceArn": stream}));
    assert_eq!(world.deploy(&template).await, ids);
    let arn = chat::stream_arn(&stack_id);
    instance["StreamingConfigurations"] =
        json!([{"DataType": "Channel", "ResourceArn": arn}, {"DataType": "ChannelMessage", "ResourceArn": arn}]);
    assert_eq!(world.changes(), ["PutMessagingStreamingConfigurations"]);
    assert_eq!(world.holds()[0], *instance);

    let processors = json!([
        {"Name": "Spam", "ExecutionOrder": 2, "FallbackAction": "ABORT",
            "Configuration": {"Lambda": {"ResourceArn": chat::function(), "InvocationType": "ASYNC"}}},
        {"Name": "Words", "ExecutionOrder": 1, "FallbackAction": "CONTINUE",
            "Configuration": {"Lambda": {"ResourceArn": chat::function(), "InvocationType": "ASYNC"}}},
    ]);
    let own = properties(&mut template, "Flow");
    own["Name"] = json!("Filters");
    own["Processors"] = processors.clone();
    own["Tags"] = json!([]);
    assert_eq!(world.deploy(&template).await, ids);
    instance["ChannelFlows"][0]["Name"] = json!("Filters");
    instance["ChannelFlows"][0]["Processors"] = chat::resolved(&processors, &stack_id);
    instance["ChannelFlows"][0]["Tags"] = chat::tags(&stack_id, "Flow", &[]);
    assert_eq!(world.changes(), ["UpdateChannelFlow", "UntagResource"]);
    assert_eq!(world.holds()[0], *instance);

    assert_eq!(world.deploy(&template).await, ids);
    assert_eq!(world.changes(), [""; 0], "nothing has changed");
    world.delete().await;
}

#[tokio::test]
async fn a_replacement_is_created_before_the_old_resource_is_deleted() {
    let world = World::new();
    let (stack_id, ids) = deployed(&world).await;

    let mut template = chat::template();
    properties(&mut template, "User")["AppInstanceUserId"] = json!("chief");
    let after = world.deploy(&template).await;
    let chief = format!("{}/user/chief", ids["Instance"]);
    assert_eq!((&after["User"], &after["Admin"]), (&chief, &format!("{}/admins/{chief}", ids["Instance"])));
    let mut expected = chat::holdings(&stack_id, &ids);
    expected[0]["Users"][0]["AppInstanceUserArn"] = json!(chief);
    expected[0]["Admins"] = json!([chief]);
    assert_eq!(world.holds(), expected);
    let changes = world.changes();
    let at = |operation: &str| changes.iter().position(|change| change == operation).unwrap();
    assert!(at("CreateAppInstanceUser") < at("CreateAppInstanceAdmin"), "{changes:?}");
    assert!(at("CreateAppInstanceAdmin") < at("DeleteAppInstanceAdmin"), "{changes:?}");
    assert!(at("DeleteAppInstanceAdmin") < at("DeleteAppInstanceUser"), "{changes:?}");

    // Everything moves to another app instance.
    template["Resources"]["Other"] = chat::resource("ChimeAppInstance", json!({"Name": "Other"}));
    for logical_id in ["User", "Bot", "Retention", "Streaming", "Flow"] {
        properties(&mut template, logical_id)["AppInstanceArn"] = chat::reference("Other");
    }
    let moved = world.deploy(&template).await;
    for logical_id in ["User", "Admin", "Bot", "Retention", "Streaming", "Flow"] {
        assert!(moved[logical_id].starts_with(&moved["Other"]), "{logical_id}: {}", moved[logical_id]);
    }
    let mut full = expected[0].take();
    full["AppInstanceArn"] = json!(moved["Other"]);
    full["Name"] = json!("Other");
    full["Tags"] = chat::tags(&stack_id, "Other", &[]);
    full.as_object_mut().unwrap().remove("Metadata");
    full["Users"][0]["AppInstanceUserArn"] = json!(moved["User"]);
    full["Admins"] = json!([moved["User"]]);
    full["Bots"][0]["AppInstanceBotArn"] = json!(moved["Bot"]);
    full["ChannelFlows"][0]["ChannelFlowArn"] = json!(moved["Flow"]);
    let bare = json!({"AppInstanceArn": ids["Instance"], "Name": "Support", "Metadata": "m",
        "Tags": chat::tags(&stack_id, "Instance", &[("team", "support")])});
    assert_eq!(world.holds(), json!([bare, full]));
    world.delete().await;
}

#[tokio::test]
async fn a_failed_update_is_rolled_back_in_place() {
    let world = World::new();
    let (stack_id, ids) = deployed(&world).await;
    let mut template = chat::template();
    properties(&mut template, "Instance")["Name"] = json!("Support desk");
    properties(&mut template, "User")["Metadata"] = json!("u");
    properties(&mut template, "User")["Tags"] = json!([]);
    properties(&mut template, "Bot")["Configuration"]["Lex"]["LocaleId"] = json!("de_DE");
    properties(&mut template, "Retention")["RetentionDays"] = json!(1);
    properties(&mut template, "Streaming")["StreamingConfigurations"][0]["DataType"] = json!("ChannelMessage");
    properties(&mut template, "Flow")["Name"] = json!("Filters");
    world.simulator.inject(Fault::once("UpdateChannelFlow", FaultKind::AccessDenied));
    let deployment = world.try_deploy(&template).await;
    assert_eq!(deployment.status, "UPDATE_ROLLBACK_COMPLETE");
    let reasons = deployment.reasons();
    assert!(
        reasons.len() == 1 && reasons[0].contains("UpdateChannelFlow failed: AccessDeniedException"),
        "{reasons:?}"
    );
    assert!(
        world.changes().contains(&"PutAppInstanceRetentionSettings".to_owned()),
        "the other updates precede the failure"
    );
    assert_eq!(world.ids().await, ids);
    assert_eq!(world.holds(), chat::holdings(&stack_id, &ids));
    world.delete().await;
}

#[tokio::test]
async fn a_replacement_that_is_rolled_back_leaves_the_old_resources() {
    let world = World::new();
    let (stack_id, ids) = deployed(&world).await;
    let mut template = chat::template();
    template["Resources"]["Other"] = chat::resource("ChimeAppInstance", json!({"Name": "Other"}));
    for logical_id in ["User", "Bot", "Retention", "Streaming", "Flow"] {
        properties(&mut template, logical_id)["AppInstanceArn"] = chat::reference("Other");
    }
    world.simulator.inject(Fault::once("CreateChannelFlow", FaultKind::ResourceLimitExceeded));
    let deployment = world.try_deploy(&template).await;
    assert_eq!(deployment.status, "UPDATE_ROLLBACK_COMPLETE", "{:#?}", deployment.events);
    assert!(deployment.reasons()[0].contains("CreateChannelFlow failed: ResourceLimitExceededException"));
    assert!(world.changes().contains(&"CreateAppInstanceBot".to_owned()), "the other replacements precede the failure");
    assert_eq!(world.ids().await, ids);
    assert_eq!(world.holds(), chat::holdings(&stack_id, &ids));
    world.delete().await;
}

#[tokio::test]
async fn a_replacement_is_rolled_back_after_a_failure_and_created_once_despite_a_lost_reply() {
    let world = World::new();
    let (stack_id, ids) = deployed(&world).await;
    let mut template = chat::template();
    properties(&mut template, "User")["AppInstanceUserId"] = json!("chief");
    properties(&mut template, "User")["ExpirationSettings"]["ExpirationDays"] = json!(1);
    // The new user exists when the admin fails.
    world.simulator.inject(Fault::once("CreateAppInstanceAdmin", FaultKind::ResourceLimitExceeded));
    let deployment = world.try_deploy(&template).await;
    assert_eq!(deployment.status, "UPDATE_ROLLBACK_COMPLETE", "{:#?}", deployment.events);
    assert_eq!(world.holds(), chat::holdings(&stack_id, &ids));

    // Chime creates the user but its reply is lost: there must be one user.
    world.simulator.inject(Fault::once("CreateAppInstanceUser", FaultKind::ReplyLost));
    let after = world.deploy(&template).await;
    let mut expected = chat::holdings(&stack_id, &ids);
    expected[0]["Users"][0]["AppInstanceUserArn"] = json!(after["User"]);
    expected[0]["Users"][0]["ExpirationSettings"]["ExpirationDays"] = json!(1);
    expected[0]["Admins"] = json!([after["User"]]);
    assert_eq!(world.holds(), expected);
    world.delete().await;
}

#[tokio::test]
async fn a_failed_create_leaves_nothing() {
    let world = World::new();
    world.simulator.inject(Fault::once("CreateChannelFlow", FaultKind::ResourceLimitExceeded));
    let deployment = world.try_deploy(&chat::template()).await;
    assert_eq!(deployment.status, "ROLLBACK_COMPLETE", "{:#?}", deployment.events);
    assert!(deployment.reasons()[0].contains("CreateChannelFlow failed: ResourceLimitExceeded"));
    assert!(world.changes().contains(&"CreateAppInstanceBot".to_owned()), "the other creates precede the failure");
    assert_eq!(world.holds(), json!([]));
    world.delete().await;
    deployed(&world).await;
    world.delete().await;
}

#[tokio::test]
async fn all_errors_of_a_template_are_reported_without_a_call() {
    let world = World::new();
    let mut template = chat::template();
    let own = properties(&mut template, "Instance");
    own["Nmae"] = json!("x");
    own["Metadata"] = json!("m".repeat(1025));
    own["Tags"] = json!([{"Key": "cfn:mine", "Value": "x"}]);
    let deployment = world.try_deploy(&template).await;
    assert_eq!(deployment.status, "ROLLBACK_COMPLETE");
    let reason = deployment.reasons()[0];
    for part in ["Nmae is not a property, did you mean Name?", "Metadata must", "Tags[0].Key"] {
        assert!(reason.contains(part), "{reason}");
    }
    assert_eq!(world.simulator.calls().len(), 0);
    world.delete().await;
}

#[tokio::test]
async fn a_resource_removed_from_the_template_is_deleted_in_chime() {
    let world = World::new();
    let (stack_id, ids) = deployed(&world).await;
    let mut template = chat::template();
    template["Outputs"] = json!({});
    let mut expected = chat::holdings(&stack_id, &ids);
    let mut members =
        ["ChannelFlows", "StreamingConfigurations", "RetentionDays", "Bots", "Admins", "Users"].into_iter();
    for logical_id in ["Flow", "Streaming", "Retention", "Bot", "Admin", "User"] {
        remove(&mut template, logical_id);
        world.deploy(&template).await;
        expected[0].as_object_mut().unwrap().remove(members.next().unwrap()).unwrap();
        assert_eq!(world.holds(), expected, "after {logical_id}");
    }
    world.delete().await;
}

#[tokio::test]
async fn a_stack_whose_entities_were_deleted_outside_of_it_can_be_deleted() {
    let world = World::new();
    deployed(&world).await;
    // The app instance is deleted with everything in it.
    world.simulator.reset();
    assert_eq!(world.holds(), json!([]));
    world.delete().await;
}

#[tokio::test]
async fn every_example_is_deployed_and_deleted() {
    let world = World::new();
    let mut examples: Vec<_> =
        std::fs::read_dir(file("examples")).unwrap().map(|entry| entry.unwrap().path()).collect();
    examples.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    examples.sort();
    assert!(examples.len() >= 5, "{examples:?}");
    for example in examples {
        let ids = world.deploy_file(&example).await;
        assert!(!world.simulator.is_empty(), "{} creates nothing in Chime: {ids:?}", example.display());
        world.delete().await;
    }
}

#[tokio::test]
async fn aws_types_are_created_updated_replaced_and_deleted_beside_ours() {
    let world = World::new();
    let native =
        |noun: &str, properties: Value| json!({"Type": format!("AWS::Chime::{noun}"), "Properties": properties});
    let app = chat::reference("Instance");
    let mut template = json!({
        "Resources": {
            "Instance": native("AppInstance", json!({"Name": "Support"})),
            "User": native("AppInstanceUser", json!({"AppInstanceArn": app, "AppInstanceUserId": "agent", "Name": "Agent"})),
            "Admin": chat::resource("ChimeAppInstanceAdmin", json!({"AppInstanceAdminArn": chat::reference("User")})),
            "Channel": native("Channel", json!({
                "AppInstanceArn": app, "ChimeBearer": chat::reference("User"), "Name": "Room", "ChannelId": "room",
            })),
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Channel", "Arn"]}}},
    });
    template["Resources"]["Channel"]["DependsOn"] = json!("Admin");
    let ids = world.deploy(&template).await;
    let arn = format!("{}/channel/room", ids["Instance"]);
    assert_eq!(ids["Channel"], format!("{arn}|{}", ids["User"]));
    assert_eq!(world.outputs().await["Arn"], arn);

    properties(&mut template, "User")["Name"] = json!("Ada");
    properties(&mut template, "Channel")["Mode"] = json!("UNRESTRICTED");
    properties(&mut template, "Channel")["ChannelId"] = json!("hall");
    let updated = world.deploy(&template).await;
    assert_eq!(updated["User"], ids["User"]);
    assert_eq!(updated["Channel"], format!("{}/channel/hall|{}", ids["Instance"], ids["User"]));
    let held = world.holds();
    assert_eq!((&held[0]["Users"][0]["Name"], held[0]["Channels"].as_array().unwrap().len()), (&json!("Ada"), 1));

    // As in CloudFormation, the Type of a resource cannot change.
    let mut other = template.clone();
    let user = chat::resource("ChimeAppInstanceUser", template["Resources"]["User"]["Properties"].clone());
    other["Resources"]["User"] = user;
    let refused = world.stack().deploy(&other.to_string(), &[], |_| ()).await.unwrap_err().to_string();
    assert!(refused.contains("Update of resource type is not permitted"), "{refused}");
    assert_eq!(world.holds(), held);
    world.delete().await;
}
