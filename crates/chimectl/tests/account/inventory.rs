//! What an inventory says of an account, and of whose each thing is.

use crate::Chat;
use crate::world::{World, resource};
use chime_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

/// The lines of `--json`.
fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The line about the thing with this id.
#[track_caller]
fn of<'a>(lines: &'a [Value], id: &str) -> &'a Value {
    lines.iter().find(|line| line["id"] == id).unwrap_or_else(|| panic!("{id} is not in {lines:#?}"))
}

/// A template of an app instance with a user who is its admin, and retention, all of which are kept when the stack is deleted.
fn kept() -> Value {
    let keep = |mut resource: Value| {
        resource["DeletionPolicy"] = json!("Retain");
        resource
    };
    let app = json!({"Ref": "App"});
    json!({
        "App": keep(resource("Custom::ChimeAppInstance", json!({"Name": "Kept"}))),
        "Ada": keep(resource("Custom::ChimeAppInstanceUser", json!({"AppInstanceArn": app, "AppInstanceUserId": "ada"}))),
        "AdaIsAdmin": keep(resource("Custom::ChimeAppInstanceAdmin", json!({"AppInstanceAdminArn": {"Ref": "Ada"}}))),
        "Retention": keep(resource("Custom::ChimeAppInstanceRetentionSettings", json!({"AppInstanceArn": app, "RetentionDays": 30}))),
    })
}

#[tokio::test]
async fn what_retain_keeps_is_an_orphan_until_its_command_has_run_and_a_new_stack_adopts_it() {
    let world = World::of_stack("kept");
    let ids = world.deploy(kept()).await;
    let (app, ada) = (&ids["App"], &ids["Ada"]);
    let printed = world.run(&["inventory", app, "--json"]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    let owned = lines(&printed.text);
    assert_eq!(of(&owned, app)["owner"]["state"], "stack");
    assert_eq!(of(&owned, &ids["Retention"])["owner"]["logicalId"], "Retention");
    assert_eq!(world.run(&["inventory", app, "--orphans"]).await.status, 0);

    world.stack("kept").delete(|_| ()).await.unwrap();
    let printed = world.run(&["inventory", app]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    assert!(printed.text.contains("App of stack kept, which is gone"), "{}", printed.text);
    let printed = world.run(&["inventory", app, "--orphans", "--json"]).await;
    assert_eq!(printed.status, 1, "{}", printed.text);
    let orphans = lines(&printed.text);
    assert_eq!(orphans.len(), 4, "{orphans:#?}");
    assert!(orphans.iter().all(|orphan| orphan["owner"]["state"] == "goneStack"), "{orphans:#?}");
    assert_eq!(of(&orphans, app)["owner"]["logicalId"], "App");
    assert_eq!(
        of(&orphans, &ids["AdaIsAdmin"])["owner"],
        json!(
        {"state": "goneStack", "stack": "kept", "logicalId": "AdaIsAdmin", "notIn": ["us-east-1"]})
    );

    // Somebody runs the printed commands that release it.
    for orphan in &orphans {
        let command = orphan["commands"][0]["command"].as_str().unwrap();
        assert!(orphan["commands"][0]["what"].as_str().unwrap().starts_with("release it"), "{orphan}");
        let words: Vec<_> = command.split(' ').collect();
        let ["aws", "chime-sdk-identity", "untag-resource", "--resource-arn", arn, "--tag-keys", keys @ ..] =
            &words[..]
        else {
            panic!("{command}");
        };
        let keys: Vec<_> = keys.iter().take_while(|key| !key.starts_with("--")).map(|key| (*key).to_owned()).collect();
        world.chime.identity().untag_resource().resource_arn(*arn).set_tag_keys(Some(keys)).send().await.unwrap();
    }
    let printed = world.run(&["inventory", app, "--json"]).await;
    assert!(
        lines(&printed.text).iter().all(|line| line["line"] == "thing" && line["owner"]["state"] == "unowned"),
        "{}",
        printed.text
    );

    // A new stack adopts it.
    let world = World::of_stack("adopting");
    world
        .deploy(json!({
            "Chat": resource("Custom::ChimeAppInstance", json!({"Name": "Kept", "AdoptExisting": app})),
            "Someone": resource("Custom::ChimeAppInstanceUser",
                json!({"AppInstanceArn": app, "AppInstanceUserId": "ada", "AdoptExisting": ada})),
            "Retention": resource("Custom::ChimeAppInstanceRetentionSettings", json!({"AppInstanceArn": app, "RetentionDays": 30})),
        }))
        .await;
    let printed = world.run(&["inventory", app]).await;
    for line in [
        "Chat of stack adopting, adopted",
        "user ada  Someone of stack adopting, adopted",
        "retention 30 days  Retention of stack adopting, found",
    ] {
        assert!(printed.text.contains(line), "{line} is not in\n{}", printed.text);
    }
    assert!(printed.text.contains("admin ada  unowned"), "{}", printed.text);
}

#[tokio::test]
async fn an_app_instance_that_is_renamed_by_adoption_belongs_to_its_new_logical_id() {
    let world = World::of_stack("renamed");
    let first = world.deploy(json!({"Old": resource("Custom::ChimeAppInstance", json!({"Name": "Same"}))})).await;
    let adopting = resource("Custom::ChimeAppInstance", json!({"Name": "Same", "AdoptExisting": first["Old"]}));
    let second = world.deploy(json!({"New": adopting})).await;
    assert_eq!(first["Old"], second["New"]);
    let printed = world.run(&["inventory", &first["Old"]]).await;
    // It has no admin.
    assert_eq!(printed.status, 2, "{}", printed.text);
    assert!(printed.text.contains("has no admin who could read them"), "{}", printed.text);
    assert!(printed.text.contains("\"Same\"  New of stack renamed, adopted"), "{}", printed.text);
    let third = world.deploy(json!({"New": resource("Custom::ChimeAppInstance", json!({"Name": "Same"}))})).await;
    assert_eq!(third["New"], first["Old"]);
    let printed = world.run(&["inventory", &first["Old"]]).await;
    assert!(printed.text.contains("\"Same\"  New of stack renamed\n"), "{}", printed.text);
}

#[tokio::test]
async fn a_resource_that_left_its_stack_and_a_mark_without_its_setting_are_orphans() {
    let world = World::of_stack("left");
    let ids = world.deploy(kept()).await;
    let app = &ids["App"];
    world.deploy(json!({"App": kept()["App"]})).await;
    // Somebody turns retention off by hand.
    let channels = aws_sdk_chimesdkidentity::types::ChannelRetentionSettings::builder().build();
    let none = aws_sdk_chimesdkidentity::types::AppInstanceRetentionSettings::builder();
    let put = world.chime.identity().put_app_instance_retention_settings().app_instance_arn(app);
    put.app_instance_retention_settings(none.channel_retention_settings(channels).build()).send().await.unwrap();
    let printed = world.run(&["inventory", app, "--orphans"]).await;
    assert_eq!(printed.status, 1, "{}", printed.text);
    for part in [
        "Ada of stack left, which does not have it",
        "cfn:retention-settings, and there is no retention  Retention of stack left, which does not have it",
        &format!(
            "aws chime-sdk-identity untag-resource --resource-arn {app} --tag-keys cfn:retention-settings --region us-east-1"
        ),
        &format!("aws chime-sdk-identity delete-app-instance-user --app-instance-user-arn {}", ids["Ada"]),
    ] {
        assert!(printed.text.contains(part), "{part} is not in\n{}", printed.text);
    }
    assert!(!printed.text.contains("delete-app-instance --app-instance-arn"), "{}", printed.text);
}

#[tokio::test]
async fn what_chime_made_with_a_channel_of_a_stack_and_the_members_of_its_list_are_no_orphans_and_not_exported() {
    let world = World::of_stack("creator");
    let (app, ada) = (json!({"Ref": "App"}), json!({"Ref": "Ada"}));
    let user = |id: &str| json!({"AppInstanceArn": app, "AppInstanceUserId": id});
    let mut lobby = resource(
        "Custom::ChimeChannel",
        json!({"AppInstanceArn": app, "ChimeBearer": ada, "ChannelId": "lobby", "Name": "Lobby"}),
    );
    lobby["DependsOn"] = json!("AdaIsAdmin");
    let list = json!({"ChannelArn": {"Ref": "Lobby"}, "MemberArns": [{"Ref": "Bob"}], "ChimeBearer": ada});
    let ids = world
        .deploy(json!({
            "App": resource("Custom::ChimeAppInstance", json!({"Name": "Creator"})),
            "Ada": resource("Custom::ChimeAppInstanceUser", user("ada")),
            "AdaIsAdmin": resource("Custom::ChimeAppInstanceAdmin", json!({"AppInstanceAdminArn": ada})),
            "Bob": resource("Custom::ChimeAppInstanceUser", user("bob")),
            "Lobby": lobby,
            "Members": resource("Custom::ChimeChannelMemberships", list),
        }))
        .await;
    let printed = world.run(&["inventory", &ids["App"], "--members", "--orphans"]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    let printed = world.run(&["inventory", &ids["App"], "--members"]).await;
    for line in [
        "    moderator ada  Lobby of stack creator, made with the channel",
        "    member ada  Lobby of stack creator, made with the channel",
        "    member bob  perhaps in the list Members of stack creator",
    ] {
        assert!(printed.text.contains(line), "{line} is not in\n{}", printed.text);
    }
    let printed = world.run(&["export", &ids["App"], "--all"]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    assert!(!printed.text.contains("Type: Custom::"), "{}", printed.text);
    let by_list = format!("/memberships/{}: it belongs to the list Members of stack creator", ids["Bob"]);
    let by_chime = "it belongs to Lobby of stack creator, made with the channel";
    assert!(printed.text.contains(&by_list), "{}", printed.text);
    assert_eq!(printed.text.matches(by_chime).count(), 2, "{}", printed.text);
    // A member whom somebody added by hand is one.
    let create = world.chime.identity().create_app_instance_user().app_instance_arn(&ids["App"]);
    let eve = create.app_instance_user_id("eve").name("Eve").send().await.unwrap().app_instance_user_arn.unwrap();
    let join = world.chime.messaging().create_channel_membership().channel_arn(&ids["Lobby"]).member_arn(&eve);
    join.chime_bearer(&ids["Ada"]).r#type("DEFAULT".into()).send().await.unwrap();
    let moderate = world.chime.messaging().create_channel_moderator().channel_arn(&ids["Lobby"]);
    moderate.channel_moderator_arn(&eve).chime_bearer(&ids["Ada"]).send().await.unwrap();
    let printed = world.run(&["inventory", &ids["App"], "--members", "--orphans"]).await;
    assert_eq!(printed.status, 1, "{}", printed.text);
    assert!(
        printed.text.contains(&format!("moderator {}/moderators/{eve}  unowned", ids["Lobby"])),
        "{}",
        printed.text
    );
}

#[tokio::test]
async fn the_tree_has_everything_in_an_app_instance() {
    let world = World::of_stack("tree");
    let chat = Chat::by_hand(&world, "Tree").await;
    let printed = world.run(&["inventory", &chat.app, "--members"]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    for line in [
        "\"Tree\"  unowned",
        "  retention 30 days  unowned",
        "  streaming ChannelMessage to chime-messaging-chat  unowned",
        "  admin supervisor  unowned",
        "  user ada.l@x  \"Ada: \\\"L\\\" #1\"  unowned",
        "\"Concierge\"  unowned",
        "\"Filter\"  unowned",
        "  channel lobby  \"Lobby\"  unowned",
        "    flow ",
        "    moderator ada.l@x  unowned",
        "    member ada.l@x  unowned",
        "    ban 8f3a  unowned",
    ] {
        assert!(printed.text.contains(line), "{line} is not in\n{}", printed.text);
    }
    let printed = world.run(&["inventory", &chat.app]).await;
    assert!(
        printed.text.contains("  channel lobby  \"Lobby\"  2 members, 2 moderators, 1 ban  unowned"),
        "{}",
        printed.text
    );
    let printed = world.run(&["inventory", &chat.app, "--counts"]).await;
    assert!(
        printed.text.contains("  3 users, counted\n") && printed.text.contains("  1 channel, counted\n"),
        "{}",
        printed.text
    );
}

#[tokio::test]
async fn what_the_older_library_left_behind_is_found_by_its_parameters() {
    let world = World::of_stack("older");
    let chat = Chat::by_hand(&world, "Older").await;
    let gone = format!("{}/user/gone", chat.app);
    for (name, value) in [
        ("/chime/appInstanceArn/chatApp1234", &chat.app),
        ("/chime/appInstanceUserId/chatAda1234", &chat.ada),
        ("/chime/appInstanceAdminArn/chatAdmin1234", &chat.supervisor),
        ("/chime/appInstanceUserId/chatGone1234", &gone),
    ] {
        world.simulator.put_parameter(name, value, "");
    }
    let printed = world.run(&["inventory", &chat.app, "--orphans"]).await;
    assert_eq!(printed.status, 1, "{}", printed.text);
    let made = "unowned (made by cdk-amazon-chime-resources: /chime/";
    for part in [
        format!("\"Older\"  {made}appInstanceArn/chatApp1234)"),
        format!("{made}appInstanceUserId/chatAda1234)"),
        format!("{made}appInstanceAdminArn/chatAdmin1234)"),
        format!("parameter /chime/appInstanceUserId/chatGone1234  {gone}, which is gone  unowned"),
        "aws ssm delete-parameter --name /chime/appInstanceUserId/chatGone1234 --region us-east-1".to_owned(),
        format!("aws chime-sdk-identity delete-app-instance-admin --app-instance-arn {}", chat.app),
        format!("aws chime-sdk-messaging delete-messaging-streaming-configurations --app-instance-arn {}", chat.app),
    ] {
        assert!(printed.text.contains(&part), "{part} is not in\n{}", printed.text);
    }
    let parameters = world.simulator.parameters();
    let own = parameters.iter().filter(|parameter| format!("{parameter:?}").contains("/chat"));
    assert_eq!(own.count(), 4, "nothing is deleted");
    // A live stack of the library keeps what its template names.
    let construct = json!({"Type": "AWS::CloudFormation::CustomResource", "Properties": {
        "ServiceToken": {"Fn::ImportValue": "chime-messaging-resources-ServiceToken"}, "resourceType": "AppInstanceUser",
        "uid": "chatNew", "properties": {"appInstanceArn": chat.app, "appInstanceUserId": "new"}}});
    world.deploy(json!({"New": construct})).await;
    let printed = world.run(&["inventory", &chat.app]).await;
    assert!(printed.text.contains("New of stack older"), "{}", printed.text);
}

#[tokio::test]
async fn without_rights_it_says_what_it_could_not_read_and_goes_on() {
    let world = World::of_stack("denied");
    let chat = Chat::by_hand(&world, "Denied").await;
    for operation in ["GetAppInstanceRetentionSettings", "ListAppInstanceBots", "ListChannelFlows"] {
        world.simulator.inject(Fault::always(operation, FaultKind::AccessDenied).about(&chat.app));
    }
    let printed = world.run(&["inventory", &chat.app]).await;
    assert_eq!(printed.status, 2, "{}", printed.text);
    for part in [
        "not read: retention of",
        "not read: bots of",
        "not read: channel flows of",
        "AccessDenied",
        "  user ada.l@x",
        "  channel lobby",
    ] {
        assert!(printed.text.contains(part), "{part} is not in\n{}", printed.text);
    }
}

#[tokio::test]
async fn without_cloudformation_an_owner_is_unknown_and_nothing_is_an_orphan() {
    let world = World::of_stack("blind");
    let ids = world.deploy(json!({"App": resource("Custom::ChimeAppInstance", json!({"Name": "Blind"}))})).await;
    // The simulator is no CloudFormation.
    let url = world.simulator.url();
    let printed = world.run_with(&["inventory", &ids["App"], "--orphans"], &[("AWS_ENDPOINT_URL", &url)]).await;
    assert_eq!(printed.status, 2, "{}", printed.text);
    assert!(printed.text.contains("not read: the stacks of us-east-1"), "{}", printed.text);
    assert!(
        printed
            .text
            .contains("owner unknown: noted as App of stack blind, but the stacks of us-east-1 could not be read"),
        "{}",
        printed.text
    );
    assert!(!printed.text.contains("aws chime"), "{}", printed.text);
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let world = World::of_stack("throttled");
    let chat = Chat::by_hand(&world, "Throttled").await;
    for operation in ["ListAppInstanceUsers", "ListTagsForResource", "DescribeChannel"] {
        world.simulator.inject(Fault::once(operation, FaultKind::Throttle).times(3).about(&chat.app));
    }
    let printed = world.run(&["inventory", &chat.app]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    assert!(printed.text.contains("  user 8f3a") && printed.text.contains("    flow "), "{}", printed.text);
}

#[tokio::test]
async fn an_interrupt_ends_it_with_130_and_says_that_it_is_not_all() {
    let world = World::of_stack("interrupted");
    let chat = Chat::by_hand(&world, "Interrupted").await;
    let (status, stdout, stderr) = world.interrupted(&["inventory", &chat.app], "ListAppInstanceBots", &chat.app).await;
    assert_eq!(status, Some(130), "{stdout}{stderr}");
    assert!(stdout.contains("  user 8f3a") && !stdout.contains("things,"), "{stdout}");
    assert_eq!(stderr, "Interrupted: what is shown is not all.\n");
}

#[tokio::test]
async fn each_line_of_json_fits_the_schema_and_nothing_else_is_printed() {
    let world = World::of_stack("lines");
    let chat = Chat::by_hand(&world, "Lines").await;
    world.simulator.inject(Fault::always("ListChannelFlows", FaultKind::AccessDenied).about(&chat.app));
    let schema = include_str!("../../../../docs/schemas/chimectl-inventory.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for options in [&["--json", "--members"][..], &["--json", "--orphans"], &["--json", "--counts"]] {
        let printed = world.run(&[&["inventory", &chat.app], options].concat()).await;
        for line in lines(&printed.text) {
            if let Err(error) = validator.validate(&line) {
                panic!("{error}: {line:#}");
            }
        }
    }
    let wrong = json!({"line": "thing", "kind": "user", "id": "x", "owner": {"state": "nobodys"}});
    assert!(!validator.is_valid(&wrong));
}

/// A provider that answers as that of the older library does: with the name of its log group as the id.
const OLDER_PROVIDER: &str = "import json, urllib.request

def handler(event, context):
    answer = {'Status': 'SUCCESS', 'PhysicalResourceId': '/aws/lambda/library', 'Data': {}}
    for name in ['StackId', 'RequestId', 'LogicalResourceId']:
        answer[name] = event[name]
    put = urllib.request.Request(event['ResponseURL'], json.dumps(answer).encode(), method='PUT', headers={'Content-Type': ''})
    urllib.request.urlopen(put)
";

#[tokio::test]
async fn what_a_live_stack_of_the_older_library_has_is_neither_an_orphan_nor_exported() {
    let world = World::of_stack("library");
    let chat = Chat::by_hand(&world, "Library").await;
    let construct = |kind: &str, uid: &str| {
        json!({"Type": "AWS::CloudFormation::CustomResource", "Properties": {
            "ServiceToken": {"Fn::GetAtt": ["Provider", "Arn"]}, "resourceType": kind, "uid": uid, "properties": {}}})
    };
    world
        .deploy(json!({
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}},
            "Provider": {"Type": "AWS::Lambda::Function", "Properties": {
                "Runtime": "python3.13", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": OLDER_PROVIDER}}},
            "App": construct("AppInstance", "libraryApp1234"),
            "Retention": construct("DataRetention", "libraryRetention1234"),
        }))
        .await;
    world.simulator.put_parameter("/chime/appInstanceArn/libraryApp1234", &chat.app, "");
    let shown = world.run(&["inventory", &chat.app]).await;
    for part in ["\"Library\"  stack library, by cdk-amazon-chime-resources", "30 days  perhaps of stack library"] {
        assert!(shown.text.contains(part), "{part} is not in\n{}", shown.text);
    }
    let exported = world.run(&["export", &chat.app, "--users"]).await;
    assert_eq!(exported.status, 0, "{}", exported.text);
    for part in [
        "it belongs to stack library, by cdk-amazon-chime-resources",
        "it may belong to stack library",
        "Type: Custom::ChimeAppInstanceUser",
    ] {
        assert!(exported.text.contains(part), "{part} is not in\n{}", exported.text);
    }
    for part in ["Type: Custom::ChimeAppInstance\n", "Type: Custom::ChimeAppInstanceRetentionSettings"] {
        assert!(!exported.text.contains(part), "{part} is in\n{}", exported.text);
    }
}

#[tokio::test]
async fn what_cannot_be_listed_is_not_gone() {
    let world = World::of_stack("unlisted");
    let chat = Chat::by_hand(&world, "Unlisted").await;
    world.simulator.put_parameter("/chime/appInstanceUserId/unlistedAda1234", &chat.ada, "");
    let line = format!("parameter /chime/appInstanceUserId/unlistedAda1234  {}", chat.ada);
    world.simulator.inject(Fault::always("ListAppInstanceUsers", FaultKind::AccessDenied).about(&chat.app));
    let printed = world.run(&["inventory", &chat.app]).await;
    assert_eq!(printed.status, 2, "{}", printed.text);
    assert!(printed.text.contains(&line), "{}", printed.text);
    assert!(!printed.text.contains("which is gone"), "{}", printed.text);
}
