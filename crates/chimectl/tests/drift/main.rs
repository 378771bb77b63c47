//! The command `chimectl drift`, against MiniStack and a simulator of Chime.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

mod world;

use aws_sdk_chimesdkidentity::types::{AppInstanceRetentionSettings, ChannelRetentionSettings};
use chime_simulator::{Fault, FaultKind};
use serde_json::{Value, json};
use world::{WITHOUT_EVENTS, World, of, paths, resource};

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

/// The template that takes the chat over. `resync` is the value of Resync.
fn adopted(chat: &Chat, name: &str, resync: &str) -> Value {
    let of = |resource_type: &str, adopts: Option<&str>, mut properties: Value| {
        properties["Resync"] = json!(resync);
        if let Some(id) = adopts {
            properties["AdoptExisting"] = json!(id);
        }
        resource(resource_type, properties)
    };
    let bearer = &chat.supervisor;
    json!({
        "App": of("Custom::ChimeAppInstance", Some(&chat.app), json!({"Name": name, "Metadata": "do not show"})),
        "Ada": of("Custom::ChimeAppInstanceUser", Some(&chat.users[0]),
            json!({"AppInstanceArn": chat.app, "AppInstanceUserId": "ada", "Name": "ada"})),
        "SupervisorIsAdmin": of("Custom::ChimeAppInstanceAdmin", None, json!({"AppInstanceAdminArn": chat.supervisor})),
        "Retention": of("Custom::ChimeAppInstanceRetentionSettings", None,
            json!({"AppInstanceArn": chat.app, "RetentionDays": 30})),
        "Lobby": of("Custom::ChimeChannel", Some(&chat.lobby),
            json!({"AppInstanceArn": chat.app, "ChannelId": "lobby", "Name": "Lobby", "Mode": "RESTRICTED",
                "ChimeBearer": bearer})),
        "Members": of("Custom::ChimeChannelMemberships", None,
            json!({"ChannelArn": chat.lobby, "MemberArns": chat.users, "ChimeBearer": bearer})),
    })
}

#[tokio::test]
async fn a_chat_made_by_hand_is_adopted_changed_by_hand_named_by_path_and_put_right_by_resync() {
    let world = World::of_stack("by-hand");
    let chat = made_by_hand(&world, "Chat").await;
    world.deploy(adopted(&chat, "Chat", "1")).await;

    let (status, report) = world.report().await;
    assert_eq!((status, &report["conclusion"]), (0, &json!("noDrift")), "{report:#}");
    assert_eq!(report["summary"]["same"], 6, "{report:#}");
    for (logical_id, standing) in [
        ("App", "adopted"),
        ("Ada", "adopted"),
        ("Lobby", "adopted"),
        ("SupervisorIsAdmin", "found"),
        ("Retention", "found"),
    ] {
        let resource = of(&report, logical_id);
        assert_eq!((&resource["standing"], &resource["source"]), (&json!(standing), &json!("events")), "{logical_id}");
    }
    assert_eq!(paths(of(&report, "Lobby"), "notCompared"), ["ChimeBearer"]);

    let (identity, messaging) = (world.chime.identity(), world.chime.messaging());
    let update = identity.update_app_instance().app_instance_arn(&chat.app).name("Renamed").metadata("secret too");
    update.send().await.unwrap();
    retain(&world, &chat.app, 7).await;
    let leave = messaging.delete_channel_membership().channel_arn(&chat.lobby).member_arn(&chat.users[1]);
    leave.chime_bearer(&chat.supervisor).send().await.unwrap();

    let (status, report) = world.report().await;
    assert_eq!((status, &report["conclusion"]), (1, &json!("drift")), "{report:#}");
    assert_eq!(paths(of(&report, "App"), "changed"), ["Name", "Metadata"]);
    assert_eq!(paths(of(&report, "Retention"), "changed"), ["RetentionDays"]);
    assert_eq!(paths(of(&report, "Members"), "changed"), [format!("MemberArns[{}]", chat.users[1])]);
    assert_eq!(of(&report, "Lobby")["verdict"], "same");
    let printed = world.drift(&[]).await;
    assert_eq!(printed.status, 1);
    for line in [
        "Name is \"Renamed\" in Chime and \"Chat\" in the stack",
        "Metadata differs (the values are secret)",
        "RetentionDays is 7 in Chime and 30 in the stack",
        &format!("MemberArns[{bob}] is not set in Chime and \"{bob}\" in the stack", bob = chat.users[1]),
        "Drift (3 as stated, 3 changed)",
    ] {
        assert!(printed.text.contains(line), "no {line:?} in\n{}", printed.text);
    }
    for secret in ["do not show", "secret too"] {
        assert!(!printed.text.contains(secret) && !report.to_string().contains(secret), "{secret}: {}", printed.text);
    }

    world.deploy(adopted(&chat, "Chat", "2")).await;
    let printed = world.drift(&[]).await;
    assert!(printed.status == 0 && printed.text.contains("No drift (6 as stated)"), "{}", printed.text);
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
    assert_eq!(said("Foreign"), ("changed", foreign));
    assert_eq!(said("Handed"), ("changed", "it belongs to Renamed of this stack"));
    let nobody = "no owner is recorded: somebody removed its tags or its mark";
    assert_eq!(said("Untagged"), ("changed", nobody));
    assert_eq!(said("Retention"), ("changed", nobody));
    assert_eq!((said("Kept"), said("App")), (("same", ""), ("same", "")));
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
async fn nothing_but_reads_is_sent() {
    let world = World::of_stack("reads");
    let ids = world.deploy(json!({"App": resource("Custom::ChimeAppInstance", json!({"Name": "Reads"}))})).await;
    let before = world.simulator.calls().len();
    assert_eq!(world.drift(&[]).await.status, 0);
    let calls = world.simulator.calls().split_off(before);
    let id = ids["App"].rsplit('/').next().unwrap();
    let is_about = |call: &chime_simulator::Call| call.path.contains(id) || call.input.to_string().contains(id);
    let own: Vec<_> = calls.iter().filter(|call| is_about(call)).collect();
    assert!(own.len() >= 2 && own.iter().all(|call| !call.changing), "{own:?}");
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
    let schema: Value = serde_json::from_str(include_str!("../../../../schemas/chimectl-drift.json")).unwrap();
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
async fn the_nightly_check_has_the_rights_that_are_printed_and_no_others() {
    let template = include_str!("../../../../examples/drift-check/nightly.yaml");
    let (_, read) = template.split_once("PolicyName: Read\n").unwrap();
    let (read, _) = read.split_once("\n\n").unwrap();
    let stated: Vec<_> =
        read.lines().filter_map(|line| line.trim().strip_prefix("- ")).filter(|it| *it != "Effect: Allow").collect();
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_chimectl")).arg("iam-policy").output().unwrap();
    let policy: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
    let actions: Vec<_> = actions.map(|action| action.as_str().unwrap()).collect();
    assert_eq!(stated, actions);
}
