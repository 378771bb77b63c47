//! An export, deployed as it is.

use crate::Chat;
use crate::world::World;
use chime_simulator::{Call, Fault, FaultKind, without_tags};
use cloudformation_local::Stack;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// What Chime holds in an app instance.
fn held(world: &World, app: &str) -> Value {
    let held = world.simulator.holds();
    held.as_array().unwrap().iter().find(|it| it["AppInstanceArn"] == app).cloned().unwrap()
}

/// Whether a call names something of an app instance. The other tests of this file call the same simulator.
fn is_about(call: &Call, app: &str) -> bool {
    call.input.to_string().contains(app)
}

#[tokio::test]
async fn an_export_that_is_deployed_as_it_is_adopts_everything_and_writes_tags_alone() {
    let world = World::of_stack("exported");
    let chat = Chat::by_hand(&world, "Exported chat").await;
    let before = held(&world, &chat.app);
    let printed = world.run(&["export", &chat.app, "--all"]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    assert_eq!(world.run(&["export", &chat.app, "--all"]).await.text, printed.text, "the same in each run");
    assert!(!printed.text.contains("Left out"), "{}", printed.text);
    for part in [
        "  AppInstance:\n    Type: Custom::ChimeAppInstance\n    DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n",
        "      Metadata: '{\"tier\": \"gold\"}'\n",
        "        - Key: team\n          Value: 'yes'\n",
        "      Name: 'Ada: \"L\" #1'\n",
        "  AdaLX:\n",
        "  User8f3a:\n",
        "      AppInstanceAdminArn: !Ref Supervisor\n",
        "  LobbyChannel:\n    Type: Custom::ChimeChannel\n    DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n    DependsOn: SupervisorIsAdmin\n",
        "      ChannelFlowArn: !Ref FilterFlow\n",
    ] {
        assert!(printed.text.contains(part), "{part} is not in\n{}", printed.text);
    }
    let before_deployment = world.simulator.calls().iter().filter(|call| is_about(call, &chat.app)).count();
    let stack = world.stack("exported");
    let deployed = stack.deploy(&printed.text, &[], |_| ()).await.unwrap();
    assert!(deployed.succeeded(), "{:#?}", deployed.events);
    let mut changing: BTreeMap<String, usize> = BTreeMap::new();
    for call in world.simulator.calls().into_iter().filter(|call| is_about(call, &chat.app)).skip(before_deployment) {
        if call.changing {
            *changing.entry(call.operation).or_default() += 1;
        }
    }
    // App instance, three users, bot, flow and channel; the marks of admin, retention, streaming and flow association.
    assert_eq!(changing, BTreeMap::from([("TagResource".to_owned(), 11)]));
    assert_eq!(without_tags(held(&world, &chat.app), "cfn:"), before, "nothing but tags has changed");
    let drift = world.run(&["drift", "exported"]).await;
    assert_eq!(drift.status, 0, "{}", drift.text);
    deleted_gives_back(&stack, &world, &chat, &before).await;
}

async fn deleted_gives_back(stack: &Stack<'_>, world: &World, chat: &Chat, before: &Value) {
    let inventory = world.run(&["inventory", &chat.app, "--members"]).await;
    assert!(inventory.text.contains("AppInstance of stack exported, adopted"), "{}", inventory.text);
    assert!(inventory.text.contains("AdaLXInLobbyChannel of stack exported, adopted"), "{}", inventory.text);
    let deleted = stack.delete(|_| ()).await.unwrap();
    assert!(deleted.succeeded(), "{:#?}", deleted.events);
    assert_eq!(without_tags(held(world, &chat.app), "cfn:"), *before, "everything stays");
}

#[tokio::test]
async fn what_a_stack_owns_and_what_a_template_cannot_state_is_a_comment() {
    let world = World::of_stack("export-owned");
    let ids = world
        .deploy(serde_json::json!({"Mine": crate::world::resource("Custom::ChimeAppInstance", serde_json::json!({"Name": "Mine"}))}))
        .await;
    let app = &ids["Mine"];
    let create = world.chime.identity().create_app_instance_user().app_instance_arn(app);
    let tag =
        |at: usize| aws_sdk_chimesdkidentity::types::Tag::builder().key(format!("t{at}")).value("v").build().unwrap();
    create.app_instance_user_id("eve").name("Eve").set_tags(Some((0..45).map(tag).collect())).send().await.unwrap();
    let register = world.chime.identity().create_app_instance_user().app_instance_arn(app).app_instance_user_id("bob");
    let bob = register.name("Bob").send().await.unwrap().app_instance_user_arn.unwrap();
    let device =
        aws_sdk_chimesdkidentity::types::EndpointAttributes::builder().device_token("top-secret").build().unwrap();
    let endpoint = world.chime.identity().register_app_instance_user_endpoint().app_instance_user_arn(&bob);
    let endpoint = endpoint.r#type("GCM".into()).resource_arn("arn:aws:mobiletargeting:us-east-1:123456789012:apps/a");
    endpoint.endpoint_attributes(device).send().await.unwrap();
    let printed = world.run(&["export", app, "--users"]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    assert!(printed.text.contains(&format!("# - {app}: it belongs to Mine of stack export-owned")), "{}", printed.text);
    assert!(printed.text.contains("/user/eve: it has 45 tags, and more than 44 leave no room"), "{}", printed.text);
    assert!(printed.text.contains("# 1 endpoint is left out"), "{}", printed.text);
    assert!(!printed.text.contains("top-secret"), "{}", printed.text);
    assert!(
        printed.text.contains("# Not asked for: channels (--channels), members, moderators and bans (--members)."),
        "{}",
        printed.text
    );
    // What is not in the template is named by its ARN.
    assert!(printed.text.contains(&format!("      AppInstanceArn: {app}\n")), "{}", printed.text);
}

#[tokio::test]
async fn a_native_export_has_the_files_for_an_import() {
    let world = World::of_stack("native");
    let chat = Chat::by_hand(&world, "Native chat").await;
    let folder = std::env::temp_dir().join(format!("chimectl-native-{}", std::process::id()));
    let out = folder.to_str().unwrap();
    let printed = world.run(&["export", &chat.app, "--all", "--native", "--out", out]).await;
    assert_eq!((printed.status, printed.text.as_str()), (0, ""));
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let (import, template) = (read("import.yaml"), read("template.yaml"));
    let resources: Value = serde_json::from_str(&read("resources-to-import.json")).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(!import.contains("Custom::") && !import.contains("AdoptExisting"), "{import}");
    assert_eq!(import.matches("Type: AWS::Chime::").count(), 7, "{import}");
    assert_eq!(import.matches("DeletionPolicy: Retain\n").count(), 7, "{import}");
    assert!(template.contains("      ChannelArn: !GetAtt LobbyChannel.Arn\n"), "{template}");
    assert!(template.contains("Type: Custom::ChimeAppInstanceRetentionSettings"), "{template}");
    let resources = resources.as_array().unwrap();
    assert_eq!(resources.len(), 7);
    let channel = resources.iter().find(|it| it["ResourceType"] == "AWS::Chime::Channel").unwrap();
    assert_eq!(channel["ResourceIdentifier"]["Arn"], chat.lobby);
    assert_eq!(channel["ResourceIdentifier"]["ChimeBearer"], chat.supervisor);
}

#[tokio::test]
async fn where_stacks_cannot_be_read_an_export_exits_with_2_and_offers_no_command_against_an_owner() {
    let world = World::of_stack("export-blind");
    let ids = world
        .deploy(serde_json::json!({"Mine": crate::world::resource("Custom::ChimeAppInstance", serde_json::json!({"Name": "Mine"}))}))
        .await;
    // The simulator is no CloudFormation.
    let url = world.simulator.url();
    let printed = world.run_with(&["export", &ids["Mine"]], &[("AWS_ENDPOINT_URL", &url)]).await;
    assert_eq!(printed.status, 2, "{}", printed.text);
    let unknown =
        "its owner is unknown: noted as Mine of stack export-blind, but the stacks of us-east-1 could not be read";
    assert!(printed.text.contains(unknown), "{}", printed.text);
    assert!(printed.text.contains("not read: the stacks of us-east-1"), "{}", printed.text);
    assert!(!printed.text.contains("untag-resource"), "{}", printed.text);
}

#[tokio::test]
async fn what_is_no_arn_of_an_app_instance_is_an_error_that_says_so() {
    let world = World::of_stack("no-arn");
    let printed = world.run(&["export", "foo"]).await;
    assert_eq!((printed.status, &*printed.text), (2, "error: foo is not the ARN of an app instance\n"));
    let printed = world.run(&["inventory", "foo"]).await;
    assert_eq!((printed.status, &*printed.text), (2, "error: foo is not the ARN of an app instance\n"));
}

#[tokio::test]
async fn a_missing_app_instance_is_an_error() {
    let world = World::of_stack("missing");
    let arn = "arn:aws:chime:us-east-1:123456789012:app-instance/none";
    let printed = world.run(&["export", arn]).await;
    assert_eq!(printed.status, 2, "{}", printed.text);
    assert!(printed.text.contains("DescribeAppInstance"), "{}", printed.text);
}

#[tokio::test]
async fn names_that_mean_something_to_yaml_to_cdk_or_to_cloudformation_are_written_so_that_they_stay_names() {
    let world = World::of_stack("odd-names");
    let id = world.chime.identity();
    let app = id.create_app_instance().name("Odd names").send().await.unwrap().app_instance_arn.unwrap();
    for (user, name) in
        [("null", "A"), ("default", "B"), ("mallory", "{{resolve:secretsmanager:db}}"), ("eve", "${Token[TOKEN.1]}")]
    {
        let create = id.create_app_instance_user().app_instance_arn(&app).app_instance_user_id(user);
        create.name(name).send().await.unwrap();
    }
    let admin = id.create_app_instance_admin().app_instance_arn(&app);
    admin.app_instance_admin_arn(format!("{app}/user/null")).send().await.unwrap();
    let printed = world.run(&["export", &app, "--users"]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    assert!(printed.text.contains("\n  'Null':\n"), "{}", printed.text);
    for (user, reason) in
        [("mallory", "Name contains a dynamic reference"), ("eve", "Name contains a dynamic reference")]
    {
        let line = format!("# - {app}/user/{user}: a template cannot state it as it is: {reason}");
        assert!(printed.text.contains(&line), "{}", printed.text);
    }
    assert!(!printed.text.contains("{{resolve:"), "{}", printed.text);
    let deployed = world.stack("odd-names").deploy(&printed.text, &[], |_| ()).await.unwrap();
    assert!(deployed.succeeded(), "{:#?}", deployed.events);
    let cdk = world.run(&["export", &app, "--users", "--cdk", "typescript"]).await;
    // All of it belongs to the stack now.
    assert!(cdk.text.contains("There is nothing to bring in"), "{}", cdk.text);
    let template = world.run(&["export", &app, "--users"]).await;
    assert!(template.text.contains("\nResources: {}\n"), "{}", template.text);
}

#[tokio::test]
async fn channels_that_cannot_be_read_or_are_not_all_shown_are_told_by_the_exit_status() {
    let world = World::of_stack("half-shown");
    let chat = Chat::by_hand(&world, "Half-shown chat").await;
    for command in ["export", "inventory"] {
        let all = if command == "export" { &["--all"][..] } else { &[] };
        let run = async |more: &[&str]| world.run(&[&[command, &*chat.app], all, more].concat()).await;
        let as_ada = run(&["--bearer", &chat.ada]).await;
        assert_eq!(as_ada.status, 2, "{}", as_ada.text);
        let no_admin = format!("{} is no admin: only an admin sees each private channel", chat.ada);
        assert!(as_ada.text.contains(&no_admin), "{}", as_ada.text);
        assert_eq!(run(&["--bearer", &chat.supervisor]).await.status, 0);
        let elsewhere = chat.app.replace("us-east-1", "eu-central-1");
        let refused = world.run(&[command, &elsewhere]).await;
        assert_eq!(refused.status, 2, "{}", refused.text);
        assert!(refused.text.contains("the calls go to us-east-1: --region eu-central-1"), "{}", refused.text);
    }
    let id = world.chime.identity();
    let admin = id.delete_app_instance_admin().app_instance_arn(&chat.app).app_instance_admin_arn(&chat.supervisor);
    admin.send().await.unwrap();
    let printed = world.run(&["export", &chat.app, "--all"]).await;
    assert_eq!(printed.status, 2, "{}", printed.text);
    assert!(printed.text.contains("not read: channels of"), "{}", printed.text);
}

#[tokio::test]
async fn where_stacks_cannot_be_read_members_are_left_out_because_a_stack_may_have_them() {
    let world = World::of_stack("members-blind");
    let chat = Chat::by_hand(&world, "Blind chat").await;
    let url = world.simulator.url();
    let printed = world.run_with(&["export", &chat.app, "--all"], &[("AWS_ENDPOINT_URL", &url)]).await;
    assert_eq!(printed.status, 2, "{}", printed.text);
    assert!(!printed.text.contains("Type: Custom::ChimeChannelMembership"), "{}", printed.text);
    assert!(printed.text.contains("its owner is unknown"), "{}", printed.text);
    assert!(printed.text.contains("# Not all stacks could be read."), "{}", printed.text);
}

#[tokio::test]
async fn a_profile_that_is_named_wins_over_the_environment_and_has_to_exist() {
    let world = World::of_stack("profile");
    let file = std::env::temp_dir().join(format!("chimectl-profiles-{}", std::process::id()));
    fs::write(&file, "[profile other]\naws_access_key_id = 222222222222\naws_secret_access_key = x\n").unwrap();
    let config = [("AWS_CONFIG_FILE", file.to_str().unwrap()), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")];
    // MiniStack takes the id of the access key for the account, and that one has no stacks.
    let other = world.run_with(&["drift", "chime-messaging-resources", "--profile", "other"], &config).await;
    let nobody = world.run_with(&["drift", "chime-messaging-resources", "--profile", "nope"], &config).await;
    fs::remove_file(&file).unwrap();
    assert_eq!(other.status, 2, "{}", other.text);
    assert!(other.text.contains("does not exist (asked in us-east-1; --stack-region"), "{}", other.text);
    assert_eq!(nobody.status, 2, "{}", nobody.text);
    assert!(nobody.text.contains("`nope`"), "{}", nobody.text);
}

#[tokio::test]
async fn another_admin_reads_the_channels_if_the_first_one_is_refused() {
    let world = World::of_stack("second-admin");
    let chat = Chat::by_hand(&world, "Second admin").await;
    let id = world.chime.identity();
    let admin = id.create_app_instance_admin().app_instance_arn(&chat.app).app_instance_admin_arn(&chat.ada);
    admin.send().await.unwrap();
    world.simulator.inject(Fault::once("ListChannels", FaultKind::Forbidden).about(&chat.app));
    let printed = world.run(&["export", &chat.app, "--channels"]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    assert!(printed.text.contains("  LobbyChannel:\n    Type: Custom::ChimeChannel\n"), "{}", printed.text);
}

#[tokio::test]
async fn the_creator_of_an_adopted_channel_is_a_member_whom_no_stack_has() {
    let world = World::of_stack("adopted-channel");
    let chat = Chat::by_hand(&world, "Adopted channel").await;
    let channels = world.run(&["export", &chat.app, "--channels"]).await;
    world.deploy_text(&channels.text).await;
    let members = world.run(&["export", &chat.app, "--members"]).await;
    assert_eq!(members.status, 0, "{}", members.text);
    let creators = format!("AdoptExisting: {}/memberships/{}", chat.lobby, chat.supervisor);
    assert!(members.text.contains(&creators), "{creators} is not in\n{}", members.text);
}
