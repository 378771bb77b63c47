//! The command `chimectl drift`, against MiniStack and a simulator of Chime.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

mod rights;
mod world;

use aws_sdk_chimesdkidentity::types::{AppInstanceRetentionSettings, ChannelRetentionSettings};
use chime_simulator::{Fault, FaultKind};
use serde_json::{Value, json};
use world::{WITHOUT_EVENTS, WITHOUT_RIGHTS, World, of, paths, resource};

/// A chat that was made by hand, with plain calls.
struct Chat {
    app: String,
    supervisor: String,
    users: Vec<String>,
    lobby: String,
}

/// Makes an app instance with an admin, two users and a channel that they are members of.
async fn made_by_hand(world: &World, name: &str) -> Chat {
    let (identity, messaging) = (world.chime.identity(), world.chime.messaging());
    let made = identity.create_app_instance().name(name).metadata("do not show").send().await.unwrap();
    let app = made.app_instance_arn.unwrap();
    let mut users = Vec::new();
    for id in ["supervisor", "ada", "bob"] {
        let create = identity.create_app_instance_user().app_instance_arn(&app).app_instance_user_id(id).name(id);
        users.push(create.send().await.unwrap().app_instance_user_arn.unwrap());
    }
    let supervisor = users.remove(0);
    let admin = identity.create_app_instance_admin().app_instance_arn(&app).app_instance_admin_arn(&supervisor);
    admin.send().await.unwrap();
    retain(world, &app, 30).await;
    let create = messaging.create_channel().app_instance_arn(&app).chime_bearer(&supervisor).channel_id("lobby");
    let lobby = create.name("Lobby").send().await.unwrap().channel_arn.unwrap();
    for user in &users {
        let join = messaging.create_channel_membership().channel_arn(&lobby).member_arn(user).chime_bearer(&supervisor);
        join.r#type("DEFAULT".into()).send().await.unwrap();
    }
    Chat { app, supervisor, users, lobby }
}

async fn retain(world: &World, app: &str, days: i32) {
    let channels = ChannelRetentionSettings::builder().retention_days(days).build();
    let settings = AppInstanceRetentionSettings::builder().channel_retention_settings(channels).build();
    let put = world.chime.identity().put_app_instance_retention_settings().app_instance_arn(app);
    put.app_instance_retention_settings(settings).send().await.unwrap();
}

/// The exported template of the next deployment, which keeps what the first one has adopted: with Resync, and without AdoptExisting.
fn kept_and_put_right(exported: &str) -> String {
    let lines = exported.lines().filter(|line| !line.trim_start().starts_with("AdoptExisting:"));
    let lines: Vec<_> =
        lines.map(|line| line.replace("    Properties:", "    Properties:\n      Resync: now")).collect();
    lines.join("\n")
}

#[tokio::test]
async fn a_chat_made_by_hand_is_exported_adopted_changed_by_hand_named_by_path_and_put_right_by_resync() {
    let world = World::of_stack("by-hand");
    let chat = made_by_hand(&world, "Chat").await;
    let exported = world.run(&["export", &chat.app, "--all"]).await;
    assert_eq!(exported.status, 0, "{}", exported.text);
    world.deploy_text(&exported.text).await;

    let (status, report) = world.report().await;
    assert_eq!((status, &report["conclusion"]), (0, &json!("noDrift")), "{report:#}");
    let resources = report["stacks"][0]["resources"].as_array().unwrap();
    assert_eq!(report["summary"]["same"], resources.len(), "{report:#}");
    let kind = |resource_type: &str| -> Vec<&Value> {
        let name = format!("Custom::Chime{resource_type}");
        resources.iter().filter(|resource| resource["resourceType"] == *name).collect()
    };
    for (resource_type, standing) in [
        ("AppInstance", "adopted"),
        ("AppInstanceUser", "adopted"),
        ("Channel", "adopted"),
        ("AppInstanceAdmin", "adopted"),
        ("AppInstanceRetentionSettings", "adopted"),
    ] {
        let all = kind(resource_type);
        assert!(!all.is_empty(), "{resource_type}: {report:#}");
        for resource in all {
            assert_eq!(
                (&resource["standing"], &resource["source"]),
                (&json!(standing), &json!("events")),
                "{resource:#}"
            );
        }
    }
    assert_eq!(paths(kind("Channel")[0], "notCompared"), ["ChimeBearer"]);

    let (identity, messaging) = (world.chime.identity(), world.chime.messaging());
    let update = identity.update_app_instance().app_instance_arn(&chat.app).name("Renamed").metadata("secret too");
    update.send().await.unwrap();
    retain(&world, &chat.app, 7).await;
    let bob = &chat.users[1];
    let leave = messaging.delete_channel_membership().channel_arn(&chat.lobby).member_arn(bob);
    leave.chime_bearer(&chat.supervisor).send().await.unwrap();

    let (status, report) = world.report().await;
    assert_eq!((status, &report["conclusion"]), (1, &json!("drift")), "{report:#}");
    let resources = report["stacks"][0]["resources"].as_array().unwrap();
    let changed: Vec<_> = resources.iter().flat_map(|resource| paths(resource, "changed")).collect();
    assert_eq!(changed, ["Name", "Metadata", "RetentionDays"]);
    let gone: Vec<_> = resources.iter().filter(|resource| resource["verdict"] == "gone").collect();
    assert!(gone.len() == 1 && gone[0]["physicalId"].as_str().unwrap().contains(bob.as_str()), "{gone:?}");
    let printed = world.drift(&[]).await;
    assert_eq!(printed.status, 1);
    for line in [
        "Name is \"Renamed\" in Chime and \"Chat\" in the stack",
        "Metadata differs (the values are secret)",
        "RetentionDays is 7 in Chime and 30 in the stack",
        "Chime does not have it",
        "2 changed, 1 gone)",
    ] {
        assert!(printed.text.contains(line), "no {line:?} in\n{}", printed.text);
    }
    for secret in ["do not show", "secret too"] {
        assert!(!printed.text.contains(secret) && !report.to_string().contains(secret), "{secret}: {}", printed.text);
    }

    world.deploy_text(&kept_and_put_right(&exported.text)).await;
    let printed = world.drift(&[]).await;
    assert!(printed.status == 0 && printed.text.contains("No drift ("), "{}", printed.text);
}

#[tokio::test]
async fn what_is_gone_or_somebody_elses_is_drift_and_says_whose_it_is() {
    let world = World::of_stack("owners");
    let user = |id: &str| {
        resource(
            "Custom::ChimeAppInstanceUser",
            json!({"AppInstanceArn": {"Ref": "App"}, "AppInstanceUserId": id, "Name": id}),
        )
    };
    let ids = world.deploy(json!({
        "App": resource("Custom::ChimeAppInstance", json!({"Name": "Owners"})),
        "Gone": user("gone"), "Foreign": user("foreign"), "Handed": user("handed"), "Untagged": user("untagged"), "Kept": user("kept"),
        "Retention": resource("Custom::ChimeAppInstanceRetentionSettings", json!({"AppInstanceArn": {"Ref": "App"}, "RetentionDays": 3})),
    })).await;
    let identity = world.chime.identity();
    identity.delete_app_instance_user().app_instance_user_arn(&ids["Gone"]).send().await.unwrap();
    let tag = |arn: &str, key: &str, value: &str| {
        let tag = aws_sdk_chimesdkidentity::types::Tag::builder().key(key).value(value).build().unwrap();
        identity.tag_resource().resource_arn(arn).tags(tag).send()
    };
    tag(&ids["Foreign"], "cfn:stack-id", "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/uuid")
        .await
        .unwrap();
    tag(&ids["Handed"], "cfn:logical-id", "Renamed").await.unwrap();
    let untag = identity.untag_resource().resource_arn(&ids["Untagged"]);
    untag.tag_keys("cfn:stack-id").tag_keys("cfn:logical-id").send().await.unwrap();
    identity.untag_resource().resource_arn(&ids["App"]).tag_keys("cfn:retention-settings").send().await.unwrap();

    let (status, report) = world.report().await;
    assert_eq!(status, 1, "{report:#}");
    let said = |logical_id: &str| {
        let resource = of(&report, logical_id);
        (resource["verdict"].as_str().unwrap(), resource["reason"].as_str().unwrap_or_default())
    };
    assert_eq!(said("Gone"), ("gone", "Chime does not have it"));
    let foreign = "it belongs to Foreign of stack arn:aws:cloudformation:us-east-1:123456789012:stack/shop/uuid";
    for (logical_id, owner) in [("Foreign", foreign), ("Handed", "it belongs to Renamed of this stack")] {
        let (verdict, reason) = said(logical_id);
        assert_eq!(verdict, "changed");
        assert!(reason.starts_with(owner), "{reason}");
        let release = format!("untag-resource --resource-arn {} --tag-keys", ids[logical_id]);
        assert!(reason.contains(&release) && reason.ends_with(" --region us-east-1"), "{reason}");
    }
    let nobody = "no owner is recorded: somebody removed its tags or its mark";
    assert_eq!(said("Untagged"), ("changed", nobody));
    assert_eq!(said("Retention"), ("changed", nobody));
    assert_eq!((said("Kept"), said("App")), (("same", ""), ("same", "")));
}

#[tokio::test]
async fn a_list_of_members_is_compared_member_by_member_and_others_may_join() {
    let world = World::of_stack("members");
    let user = |id: &str| {
        resource(
            "Custom::ChimeAppInstanceUser",
            json!({"AppInstanceArn": {"Ref": "App"}, "AppInstanceUserId": id, "Name": id}),
        )
    };
    let mut members = resource(
        "Custom::ChimeChannelMemberships",
        json!({
            "ChannelArn": {"Ref": "Lobby"}, "MemberArns": [{"Ref": "Ada"}, {"Ref": "Bob"}], "ChimeBearer": {"Ref": "Boss"},
        }),
    );
    members["DependsOn"] = json!("BossIsAdmin");
    let mut lobby = resource(
        "Custom::ChimeChannel",
        json!({"AppInstanceArn": {"Ref": "App"}, "ChannelId": "lobby", "Name": "Lobby", "ChimeBearer": {"Ref": "Boss"}}),
    );
    lobby["DependsOn"] = json!("BossIsAdmin");
    let ids = world
        .deploy(json!({
            "App": resource("Custom::ChimeAppInstance", json!({"Name": "Members"})),
            "Boss": user("boss"), "Ada": user("ada"), "Bob": user("bob"), "Joe": user("joe"),
            "BossIsAdmin": resource("Custom::ChimeAppInstanceAdmin", json!({"AppInstanceAdminArn": {"Ref": "Boss"}})),
            "Lobby": lobby,
            "Members": members,
        }))
        .await;
    let messaging = world.chime.messaging();
    let join = messaging.create_channel_membership().channel_arn(&ids["Lobby"]).member_arn(&ids["Joe"]);
    join.r#type("DEFAULT".into()).chime_bearer(&ids["Boss"]).send().await.unwrap();
    let (status, report) = world.report().await;
    assert_eq!((status, &of(&report, "Members")["verdict"]), (0, &json!("same")), "{report:#}");
    let leave = messaging.delete_channel_membership().channel_arn(&ids["Lobby"]).member_arn(&ids["Bob"]);
    leave.chime_bearer(&ids["Boss"]).send().await.unwrap();
    let (status, report) = world.report().await;
    assert_eq!((status, paths(of(&report, "Members"), "changed")), (1, vec![&*format!("MemberArns[{}]", ids["Bob"])]));
    let printed = world.drift(&[]).await.text;
    assert!(printed.contains("user/bob is not a member of the channel in Chime, and is one in the stack"), "{printed}");
}

#[tokio::test]
async fn the_template_stands_in_for_events_without_properties_as_far_as_it_can_be_resolved() {
    let world = World::of_stack(WITHOUT_EVENTS);
    let template = json!({
        "Parameters": {"Days": {"Type": "Number"}, "Note": {"Type": "String", "NoEcho": true}},
        "Resources": {
            "App": resource("Custom::ChimeAppInstance",
                json!({"Name": {"Fn::Sub": "${AWS::StackName}-${Days}"}, "Metadata": {"Ref": "Note"}})),
            "Retention": resource("Custom::ChimeAppInstanceRetentionSettings",
                json!({"AppInstanceArn": {"Fn::GetAtt": ["App", "AppInstanceArn"]}, "RetentionDays": {"Ref": "Days"}})),
            "Unresolved": resource("Custom::ChimeAppInstanceUser",
                json!({"AppInstanceArn": {"Ref": "App"}, "AppInstanceUserId": "u", "Name": {"Fn::Select": [0, ["a", "b"]]}})),
        },
    });
    let parameters = [("Days", "30"), ("Note", "hidden")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let ids = world.deploy_template(&template, &parameters).await;

    let (status, report) = world.report().await;
    assert_eq!(status, 0, "{report:#}");
    for logical_id in ["App", "Retention", "Unresolved"] {
        assert_eq!(of(&report, logical_id)["source"], "template", "{report:#}");
    }
    assert_eq!(paths(of(&report, "App"), "notCompared"), ["Metadata"]);
    assert_eq!(paths(of(&report, "App"), "same"), ["Name"]);
    assert_eq!(paths(of(&report, "Unresolved"), "notCompared"), ["Name"]);
    assert_eq!(paths(of(&report, "Unresolved"), "same"), ["AppInstanceArn", "AppInstanceUserId"]);

    retain(&world, &ids["App"], 7).await;
    let (status, report) = world.report().await;
    assert_eq!((status, paths(of(&report, "Retention"), "changed")), (1, vec!["RetentionDays"]), "{report:#}");
}

#[tokio::test]
async fn nested_stacks_are_compared_and_types_of_others_are_said_to_be_theirs() {
    let world = World::of_stack("nested");
    let child = json!({
        "Parameters": {"App": {"Type": "String"}},
        "Resources": {"Ada": resource("Custom::ChimeAppInstanceUser",
            json!({"AppInstanceArn": {"Ref": "App"}, "AppInstanceUserId": "ada", "Name": "Ada"}))},
    });
    world.account.put_object("templates", "child.json", child.to_string().into_bytes()).await.unwrap();
    let ids = world.deploy(json!({
        "App": resource("Custom::ChimeAppInstance", json!({"Name": "Nested"})),
        "Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {
            "TemplateURL": "https://s3.us-east-1.amazonaws.com/templates/child.json", "Parameters": {"App": {"Ref": "App"}},
        }},
        "Topic": {"Type": "AWS::SNS::Topic"},
    })).await;
    let ada = format!("{}/user/ada", ids["App"]);
    let update = world.chime.identity().update_app_instance_user().app_instance_user_arn(&ada).name("Eve").metadata("");
    update.send().await.unwrap();

    let (status, report) = world.report().await;
    assert_eq!(status, 1, "{report:#}");
    assert_eq!(report["stacks"].as_array().map(Vec::len), Some(2), "{report:#}");
    assert_eq!(report["stacks"][1]["parent"], report["stacks"][0]["id"]);
    assert_eq!(paths(of(&report, "Ada"), "changed"), ["Name"]);
    assert_eq!(of(&report, "Topic")["reason"], "CloudFormation compares AWS's own types");
    assert_eq!(of(&report, "Child")["reason"], "its resources are compared");
    let printed = world.drift(&[]).await.text;
    assert!(printed.contains("aws cloudformation detect-stack-drift") && printed.contains("(nested)"), "{printed}");
}

#[tokio::test]
async fn constructs_of_the_older_library_are_compared_in_chimes_spelling() {
    let world = World::of_stack("constructs");
    let construct = |resource_type: &str, properties: Value| {
        resource(
            "AWS::CloudFormation::CustomResource",
            json!({"resourceType": resource_type, "uid": format!("drift-{resource_type}"), "properties": properties}),
        )
    };
    let template = |name: &str| {
        json!({
            "App": construct("AppInstance", json!({"name": name, "metadata": "do not show"})),
            "User": construct("AppInstanceUser",
                json!({"appInstanceArn": {"Fn::GetAtt": ["App", "appInstanceArn"]}, "appInstanceUserId": "u", "name": "U"})),
            "Retention": construct("DataRetention",
                json!({"appInstanceArn": {"Fn::GetAtt": ["App", "appInstanceArn"]}, "dataRetention": "3"})),
        })
    };
    let ids = world.deploy(template("Constructs")).await;
    let (status, report) = world.report().await;
    assert_eq!((status, &report["summary"]["same"]), (0, &json!(3)), "{report:#}");
    let update = world.chime.identity().update_app_instance().app_instance_arn(&ids["App"]).name("Other").metadata("x");
    update.send().await.unwrap();
    let (status, report) = world.report().await;
    assert_eq!((status, paths(of(&report, "App"), "changed")), (1, vec!["Name", "Metadata"]), "{report:#}");
    assert!(!report.to_string().contains("do not show"), "{report:#}");
}

#[tokio::test]
async fn what_may_not_be_read_is_said_and_the_rest_is_compared() {
    let world = World::of_stack("denied");
    let ids = world
        .deploy(json!({
            "App": resource("Custom::ChimeAppInstance", json!({"Name": "Denied"})),
            "Ada": resource("Custom::ChimeAppInstanceUser",
                json!({"AppInstanceArn": {"Ref": "App"}, "AppInstanceUserId": "ada", "Name": "Ada"})),
            "Bob": resource("Custom::ChimeAppInstanceUser",
                json!({"AppInstanceArn": {"Ref": "App"}, "AppInstanceUserId": "bob", "Name": "Bob"})),
        }))
        .await;
    world.simulator.inject(Fault::always("DescribeAppInstanceUser", FaultKind::AccessDenied).about(&ids["Ada"]));
    world.simulator.inject(Fault::always("ListTagsForResource", FaultKind::AccessDenied).about(&ids["Bob"]));
    // Throttling is waited out.
    world.simulator.inject(Fault::once("DescribeAppInstance", FaultKind::Throttle).about(&ids["App"]).times(3));
    let (status, report) = world.report().await;
    assert_eq!((status, &report["conclusion"]), (2, &json!("incomplete")), "{report:#}");
    assert_eq!(of(&report, "App")["verdict"], "same", "{report:#}");
    let reason = |logical_id: &str| of(&report, logical_id)["reason"].as_str().unwrap();
    assert!(reason("Ada").starts_with("DescribeAppInstanceUser failed: AccessDenied"), "{report:#}");
    assert!(
        reason("Bob").starts_with("the owner could not be read: ListTagsForResource failed: AccessDenied"),
        "{report:#}"
    );
    assert_eq!(paths(of(&report, "Bob"), "same"), ["AppInstanceArn", "AppInstanceUserId", "Name"]);
}

#[tokio::test]
async fn the_template_stands_in_for_events_that_may_not_be_read_and_that_is_said() {
    let world = World::of_stack(WITHOUT_RIGHTS);
    world.deploy(json!({"App": resource("Custom::ChimeAppInstance", json!({"Name": "Rights"}))})).await;
    World::deny_events();
    let printed = world.drift(&[]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    let note = "DescribeStackEvents: AccessDenied: User: ada is not authorized to perform: cloudformation:DescribeStackEvents; \
                what the stack states is taken from its template";
    assert!(printed.text.contains(note) && printed.text.contains("No drift (1 as stated)"), "{}", printed.text);
}

#[tokio::test]
async fn a_stack_that_does_not_exist_exits_with_2_and_the_others_are_compared() {
    let world = World::of_stack("exists");
    world.deploy(json!({"App": resource("Custom::ChimeAppInstance", json!({"Name": "Exists"}))})).await;
    let printed = world.run(&["drift", "no-such-stack", "exists"]).await;
    assert_eq!(printed.status, 2, "{}", printed.text);
    let wrong = "could not be read: DescribeStacks: ValidationError: Stack with id no-such-stack does not exist";
    for line in [wrong, "Stack exists", "Custom::ChimeAppInstance", "Incomplete: something could not be told"] {
        assert!(printed.text.contains(line), "no {line:?} in\n{}", printed.text);
    }
}

#[tokio::test]
async fn the_json_report_fits_its_schema() {
    let world = World::of_stack("schema");
    let ids = world
        .deploy(json!({
            "App": resource("Custom::ChimeAppInstance", json!({"Name": "Schema", "Metadata": "m"})),
            "Gone": resource("Custom::ChimeAppInstanceUser",
                json!({"AppInstanceArn": {"Ref": "App"}, "AppInstanceUserId": "gone", "Name": "Gone"})),
            "Topic": {"Type": "AWS::SNS::Topic"},
        }))
        .await;
    let identity = world.chime.identity();
    identity.update_app_instance().app_instance_arn(&ids["App"]).name("Other").metadata("x").send().await.unwrap();
    identity.delete_app_instance_user().app_instance_user_arn(&ids["Gone"]).send().await.unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/schemas/chimectl-drift.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (_, report) = world.report().await;
    if let Err(error) = validator.validate(&report) {
        panic!("{error} in {report:#}");
    }
    let without_stack = world.run(&["drift", "none", "--json"]).await;
    assert!(validator.is_valid(&serde_json::from_str(&without_stack.text).unwrap()), "{}", without_stack.text);
    assert!(!validator.is_valid(&json!({"conclusion": "drift", "summary": {}, "stacks": []})));
}

#[tokio::test]
async fn an_interrupt_ends_it_with_130_and_a_message() {
    let world = World::of_stack("interrupted-drift");
    let ids = world.deploy(json!({"App": resource("Custom::ChimeAppInstance", json!({"Name": "Interrupted"}))})).await;
    let ended = world.interrupted(&["drift", "interrupted-drift"], "DescribeAppInstance", &ids["App"]).await;
    assert_eq!(ended, (Some(130), String::new(), "Interrupted: nothing is reported.\n".to_owned()));
}

#[tokio::test]
async fn a_deleted_stack_has_no_drift_to_tell() {
    let world = World::of_stack("deleted");
    world.deploy(json!({"App": resource("Custom::ChimeAppInstance", json!({"Name": "Deleted"}))})).await;
    let stack = world.stack("deleted");
    let id = stack.id().await.unwrap().unwrap();
    assert!(stack.delete(|_| ()).await.unwrap().succeeded());
    let printed = world.run(&["drift", &id]).await;
    assert_eq!(printed.status, 2, "{}", printed.text);
    assert!(printed.text.contains("the stack is deleted"), "{}", printed.text);
}
