//! What a reason says where it decides whether somebody finds the way on.

use crate::by_hand::{user, with};
use crate::harness::Stack;
use crate::types::A;
use chime_simulator::{Behaviour, Fault, FaultKind};
use cloudformation_local::LogicalResource;
use serde_json::{Value, json};

fn of(name: &str) -> Stack {
    Stack::of(name, Behaviour::default())
}

/// The reason of the failed create of these properties.
async fn reason(stack: &Stack, properties: &Value) -> String {
    stack.fail(&stack.resource.create(properties)).await.reason().to_owned()
}

#[tokio::test]
async fn a_native_property_of_a_channel_names_the_type_that_takes_its_place_once() {
    let stack = of("channel");
    for (property, resource_type) in [
        ("MemberArns", "Custom::ChimeChannelMemberships"),
        ("ModeratorArns", "Custom::ChimeChannelModerator"),
        ("ChannelFlowArn", "Custom::ChimeChannelFlowAssociation"),
    ] {
        let reason = reason(&stack, &stack.with(property, "x")).await;
        assert_eq!(reason.matches(resource_type).count(), 1, "{reason}");
        assert_eq!(reason.matches(property).count(), 1, "{reason}");
    }
}

#[tokio::test]
async fn an_empty_text_in_a_list_names_the_empty_list_of_a_parameter() {
    let stack = of("channel_memberships");
    let mut properties = stack.of.properties.clone();
    properties["MemberArns"] = json!([""]);
    let reason = reason(&stack, &properties).await;
    assert!(reason.contains("MemberArns[0]") && reason.contains("empty CommaDelimitedList"), "{reason}");
}

#[tokio::test]
async fn characters_that_cannot_be_seen_are_shown() {
    let stack = of("app_instance_retention_settings");
    for (character, shown) in
        [('\n', "\\n"), ('\t', "\\t"), ('\u{200b}', "200b"), ('\u{a0}', "a0"), ('\u{202e}', "202e")]
    {
        let reason = reason(&stack, &stack.with("RetentionDays", format!("1{character}"))).await;
        assert!(reason.to_lowercase().contains(shown) && !reason.contains(character), "{shown}: {reason}");
    }
}

#[tokio::test]
async fn characters_that_cannot_be_seen_are_shown_in_ids_tags_and_differences() {
    for character in ['\u{a0}', '\u{ad}', '\u{200b}', '\u{feff}'] {
        let stack = of("app_instance_user");
        let shown = format!("\\u{{{:x}}}", u32::from(character));
        let adopting = stack.with("AdoptExisting", format!("{}{character}", "x".repeat(300)));
        let reason_of_id = reason(&stack, &adopting).await;
        assert!(reason_of_id.len() < 600 && !reason_of_id.contains(character), "{reason_of_id}");
        let tag = json!({"Key": format!("a{character}"), "Value": "x"});
        let reason_of_tag = reason(&stack, &stack.with("Tags", json!([tag, tag]))).await;
        assert!(reason_of_tag.contains(&format!("must not repeat \"a{shown}\"")), "{reason_of_tag}");
        let id = stack.make_by_hand(&stack.with("Name", format!("Ada{character}L."))).await;
        let different = reason(&stack, &stack.with("AdoptExisting", id)).await;
        assert!(different.contains(&format!("Name is \"Ada{shown}L.\" in Chime and \"Ada\" here")), "{different}");
    }
}

#[tokio::test]
async fn an_arn_without_a_region_is_not_of_region_nothing() {
    let stack = of("app_instance_user_endpoint");
    for arn in ["arn:aws:mobiletargeting::123456789012:apps/a", "arn:aws:mobiletargeting:us-east-1::apps/a"] {
        let reason = reason(&stack, &stack.with("ResourceArn", arn)).await;
        assert!(reason.contains("ResourceArn"), "{reason}");
        assert!(!reason.contains("in region ,") && !reason.contains("in region ("), "{reason}");
    }
    let stack = of("app_instance_user");
    let reason = reason(&stack, &stack.with("AppInstanceArn", "arn:aws:chime::123456789012:app-instance/a")).await;
    assert!(reason.contains("is in no region"), "{reason}");
}

#[tokio::test]
async fn the_push_app_of_another_region_or_account_is_rejected_before_any_call() {
    let stack = of("app_instance_user_endpoint");
    for arn in [
        "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/a",
        "arn:aws:mobiletargeting:us-east-1:210987654321:apps/a",
    ] {
        let failed = stack.fail(&stack.resource.create(&stack.with("ResourceArn", arn))).await;
        assert!(failed.reason().contains("ResourceArn"), "{}", failed.reason());
        assert!(failed.calls.is_empty() && failed.id().starts_with("not-created:"), "{}", failed.id());
    }
}

case! {
    async fn two_resources_that_state_one_thing_are_told_to_state_it_once(stack) {
        let (true, Some(changed)) = (stack.of.supports_handover(), stack.of.changed.clone()) else { return };
        stack.create().await;
        let twin = stack.resource.renamed("Twin");
        let failed = stack.fail(&twin.create(&changed)).await;
        assert!(failed.reason().contains("logical id Resource of this stack"), "{}", failed.reason());
        assert!(failed.reason().contains("keep only one of them"), "{}", failed.reason());
    }
}

#[tokio::test]
async fn what_cannot_change_in_place_is_named() {
    let stack = of("channel");
    let id = stack.create().await;
    let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &stack.with("Privacy", "PUBLIC"))).await;
    assert!(failed.reason().contains("Privacy of arn:aws:chime:"), "{}", failed.reason());
    assert!(failed.reason().contains("cannot be changed in place"), "{}", failed.reason());
    let stack = of("channel_membership");
    let id = stack.create().await;
    let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &stack.with("Type", "HIDDEN"))).await;
    assert!(failed.reason().contains("Type of arn:aws:chime:"), "{}", failed.reason());
}

#[tokio::test]
async fn fifty_tags_are_no_quota_that_could_be_raised() {
    let stack = of("app_instance_admin");
    let crowded = |mut held: Value| {
        let tags: Vec<_> = (0..50).map(|n| json!({"Key": format!("k{n}"), "Value": "v"})).collect();
        held[0]["Users"][0]["Tags"] = json!(tags);
        held
    };
    stack.bed.simulator.change(crowded).expect("a change");
    let before = stack.holds();
    let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
    assert!(failed.reason().contains("50") || failed.reason().contains("fifty"), "{}", failed.reason());
    assert!(!failed.reason().to_lowercase().contains("quota"), "{}", failed.reason());
    stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn metadata_that_is_a_number_is_not_shown() {
    let stack = of("app_instance");
    let secret = 918_273_645;
    let mut properties = stack.of.properties.clone();
    properties["Metadata"] = json!(secret);
    stack.fail_creates(FaultKind::BadRequest(format!("Metadata {secret} is refused")));
    let reason = reason(&stack, &properties).await;
    assert!(!reason.contains(&secret.to_string()), "{reason}");
}

/// A create is answered with an ARN that ends so, of another account or region.
async fn answered_with_an_arn_of_another_account(stack: Stack, end: &str) {
    for home in ["us-east-1:210987654321", "eu-central-1:123456789012"] {
        let stack = stack.with_behaviour(Behaviour::default());
        let attribute = match stack.of.name {
            "ChimeChannelFlow" => "ChannelFlowArn".to_owned(),
            name => format!("{}Arn", name.trim_start_matches("Chime")),
        };
        let body = json!({attribute: format!("arn:aws:chime:{home}:app-instance/{end}")}).to_string();
        let content_type = "application/json".to_owned();
        let answer = FaultKind::Status { status: 201, content_type, body };
        stack.inject(Fault::always(stack.of.create_operation, answer));
        let failed = stack.send(&stack.resource.create(&stack.of.properties)).await;
        assert_eq!(failed.status(), "FAILED", "{}", failed.id());
        assert!(!failed.id().contains(home), "{}", failed.id());
        let reason = failed.reason();
        assert!(reason.contains(home) && reason.contains("CHIME_REGION") && !reason.contains("bug"), "{reason}");
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn an_arn_of_another_account_in_an_answer_is_not_believed(stack) {
        let end = match stack.of.name {
            "ChimeAppInstanceUser" => "a/user/ada",
            "ChimeAppInstanceBot" => "a/bot/x",
            "ChimeChannel" => "a/channel/lounge",
            "ChimeChannelFlow" => "a/channel-flow/x",
            _ => return,
        };
        answered_with_an_arn_of_another_account(stack, end).await;
    }
}

#[tokio::test]
async fn an_app_instance_of_another_account_in_an_answer_is_not_believed() {
    answered_with_an_arn_of_another_account(of("app_instance"), "x").await;
}

#[tokio::test]
async fn preferences_that_this_version_does_not_know_do_not_fail_an_update() {
    let stack = of("channel_membership");
    let set = |value: &str| {
        let mut properties = stack.of.properties.clone();
        properties["Preferences"] = json!({"PushNotifications": {"AllowNotifications": value}});
        properties
    };
    let id = stack.succeed(&stack.resource.create(&set("ALL"))).await.id().to_owned();
    let new = json!({"Preferences": {"PushNotifications": {"AllowNotifications": "SOME"}},
        "MemberArn": user("seed"), "ChannelMembershipPreferences": {}});
    let answer = FaultKind::Status { status: 200, content_type: "application/json".to_owned(), body: new.to_string() };
    stack.inject(Fault::always("GetChannelMembershipPreferences", answer));
    let resync = stack.resource.update(&id, &set("ALL"), &with(&set("NONE"), "Resync", "1"));
    stack.succeed(&resync).await;
    stack.clear_faults();
    assert_eq!(stack.holds(), stack.would_hold(&set("NONE")).await);
}

#[tokio::test]
async fn what_a_kept_resource_needs_is_printed_and_nothing_is_advised_to_be_deleted() {
    let stack = of("app_instance_user");
    let theirs = LogicalResource::new("Custom::ChimeAppInstanceUser").of_stack(crate::by_hand::ANOTHER_STACK);
    stack.succeed(&theirs.create(&stack.of.properties)).await;
    let reason = reason(&stack, &stack.of.properties).await;
    let call = format!(
        "aws chime-sdk-identity untag-resource --resource-arn {A}/user/ada --tag-keys cfn:stack-id cfn:logical-id cfn:request-id"
    );
    for part in ["Resource of arn:aws:cloudformation:us-east-1:123456789012:stack/other/", &call, "AdoptExisting"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    assert!(!reason.to_lowercase().contains("delete"), "{reason}");
}

#[tokio::test]
async fn a_list_in_a_single_membership_is_answered_with_the_type_for_lists() {
    let one = of("channel_membership");
    let reason = reason(&one, &one.with("MemberArns", json!([user("other")]))).await;
    let expected = "MemberArns is not a property here, use a Custom::ChimeChannelMemberships resource instead";
    assert!(reason.starts_with(expected), "{reason}");
}

#[tokio::test]
async fn invalid_lists_are_answered_with_every_problem() {
    let stack = of("channel_memberships");
    let (seed, other) = (user("seed"), user("other"));
    let mut wrong = with(&stack.of.properties, "MemberArns", json!([seed, other, seed, "nobody"]));
    wrong["Preferences"] = json!({"PushNotifications": {"AllowNotifications": "NONE"}});
    let named = reason(&stack, &wrong).await;
    for part in [
        "MemberArns[2] is the same as MemberArns[0]",
        "MemberArns[3] must be the ARN of a",
        "Preferences is not a property",
    ] {
        assert!(named.contains(part), "{part}: {named}");
    }
    let elsewhere = json!([seed, other.replace("app-instance/a", "app-instance/b")]);
    let named = reason(&stack, &stack.with("MemberArns", elsewhere)).await;
    assert!(named.contains("MemberArns[1] must belong to"), "{named}");
    let mut without = stack.of.properties.clone();
    without.as_object_mut().expect("properties").remove("MemberArns");
    let named = reason(&stack, &without).await;
    assert!(named.contains("MemberArns is required"), "{named}");
}

#[tokio::test]
async fn a_device_token_that_only_chime_or_only_the_template_has_is_not_shown() {
    let stack = of("app_instance_user_endpoint");
    let mut with_voip = stack.of.properties.clone();
    with_voip["EndpointAttributes"]["VoipDeviceToken"] = json!("token for calls");
    for (there, stated) in [(&with_voip, &stack.of.properties), (&stack.of.properties, &with_voip)] {
        let stack = stack.with_behaviour(Behaviour::default());
        let id = stack.make_by_hand(there).await;
        let adopting = crate::by_hand::with(stated, "AdoptExisting", id);
        let reason = reason(&stack, &adopting).await;
        assert!(reason.contains("EndpointAttributes.VoipDeviceToken differs (the values are secret)"), "{reason}");
        assert!(!reason.contains("for calls"), "{reason}");
    }
}
