//! Channels and their members: who may act, what already exists, and in which order things are deleted.

use crate::harness::{Stack, changing};
use crate::test_bed::Operations;
use crate::types::{A, Type, types};
use chime_simulator::{Behaviour, ChannelFlowSwap, DeleteMissing, Fault, FaultKind, Missing, TokenReplay};
use cloudformation_local::LogicalResource;
use serde_json::json;
use std::time::Duration;

const ROOM: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a/channel/room";

fn user(id: &str) -> String {
    format!("{A}/user/{id}")
}

fn of(name: &str) -> Type {
    types().into_iter().find(|of| of.name == name).expect("a type")
}

/// The types that act on behalf of a bearer within a channel.
const ACTING: [&str; 4] =
    ["ChimeChannelMembership", "ChimeChannelModerator", "ChimeChannelBan", "ChimeChannelFlowAssociation"];

#[tokio::test]
async fn the_bearers_own_membership_already_exists_and_is_left_alone() {
    let stack = Stack::of("channel_membership", Behaviour::default());
    let mut own = stack.of.properties.clone();
    own["ChimeBearer"] = json!(user("chief"));
    own["MemberArn"] = json!(user("chief"));
    let before = stack.holds();
    let created = stack.succeed(&stack.resource.create(&own)).await;
    assert_eq!((changing(&created), created.attribute("MemberName")), (Vec::new(), "Chief"));
    assert_eq!(stack.holds(), before);
    // A cancelled create did not create the membership, so its Delete leaves it alone.
    stack.succeed(&stack.resource.delete(&stack.resource.placeholder_id(), &own)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn a_cancelled_create_leaves_the_relations_of_the_channels_creator_alone() {
    for (name, property) in [("Membership", "MemberArn"), ("Moderator", "ChannelModeratorArn")] {
        let stack = Stack::of("channel", Behaviour::default());
        let channel = stack.create().await;
        let resource = LogicalResource::new(&format!("Custom::ChimeChannel{name}"));
        let own = json!({"ChannelArn": channel, property: user("boss"), "ChimeBearer": user("boss")});
        let before = stack.holds();
        stack.succeed(&resource.create(&own)).await;
        stack.succeed(&resource.delete(&resource.placeholder_id(), &own)).await;
        assert_eq!(stack.holds(), before, "{name}");
    }
}

#[tokio::test]
async fn a_membership_of_another_type_survives_the_rollback_of_a_failed_create() {
    let stack = Stack::of("channel_membership", Behaviour::default());
    stack.create().await;
    let before = stack.holds();
    let mut hidden = stack.of.properties.clone();
    hidden["Type"] = json!("HIDDEN");
    let other = stack.resource.renamed("Other");
    let failed = stack.fail(&other.create(&hidden)).await;
    stack.succeed(&other.delete(failed.id(), &hidden)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn an_association_of_an_earlier_incarnation_is_replaced() {
    for channel_flow_swap in [ChannelFlowSwap::Replaces200, ChannelFlowSwap::Conflict409] {
        let stack = Stack::of("channel_flow_association", Behaviour { channel_flow_swap, ..Behaviour::default() });
        stack.create().await;
        let changed = stack.of.changed.clone().expect("a change");
        stack.succeed(&stack.resource.create(&changed)).await;
        assert_eq!(stack.holds(), stack.would_hold(&changed).await);
    }
}

#[tokio::test]
async fn existing_relations_are_not_removed_in_case_of_doubt() {
    for (name, property, id) in
        [("channel_membership", "MemberArn", "guest"), ("channel_moderator", "ChannelModeratorArn", "chief")]
    {
        let stack = Stack::of(name, Behaviour::default());
        let mut theirs = stack.of.properties.clone();
        theirs[property] = json!(user(id));
        let before = stack.holds();
        for id in ["unfinished:00000000-0000-4000-8000-000000000099".to_owned(), stack.resource.placeholder_id()] {
            stack.succeed(&stack.resource.delete(&id, &theirs)).await;
            assert_eq!(stack.holds(), before, "{name} {id}");
        }
    }
}

#[tokio::test]
async fn deletes_succeed_in_any_order() {
    let behaviours = [
        Behaviour::default(),
        Behaviour {
            missing: Missing::Forbidden403,
            delete_missing: DeleteMissing::Forbidden403,
            ..Behaviour::default()
        },
    ];
    for behaviour in behaviours {
        for name in ACTING {
            for gone in [
                &["the bearer"][..],
                &["its admin role"],
                &["the channel"],
                &["the channel", "the bearer"],
                &["the app instance"],
            ] {
                let stack = Stack::start(of(name), behaviour.clone());
                let id = stack.create().await;
                for &gone in gone {
                    let (what, of) = match gone {
                        "the bearer" => (user("boss"), "AppInstanceUser"),
                        "its admin role" => (format!("{A}/admins/{}", user("boss")), "AppInstanceAdmin"),
                        "the channel" => (ROOM.to_owned(), "Channel"),
                        _ => (A.to_owned(), "AppInstance"),
                    };
                    let first = LogicalResource::new(&format!("Custom::Chime{of}"));
                    stack.succeed(&first.delete(&what, &json!({"ChimeBearer": user("boss")}))).await;
                }
                let deleted = stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
                assert_eq!(deleted.status(), "SUCCESS", "{name} without {gone:?}");
                let room = stack.bed.simulator.holds()[0]["Channels"][0].clone();
                if room["ChannelArn"] == ROOM {
                    for (kind, who) in
                        [("Memberships", "seed"), ("Moderators", "guest"), ("Bans", "seed"), ("ChannelFlowArn", "one")]
                    {
                        assert!(
                            !room[kind].to_string().contains(who) || kind == "Memberships" && who == "guest",
                            "{name} without {gone:?}: {room}"
                        );
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_delete_without_a_permitted_bearer_says_how_to_add_an_admin() {
    let stack = Stack::of("channel_moderator", Behaviour::default());
    let id = stack.create().await;
    for admin in ["boss", "chief"] {
        let resource = LogicalResource::new("Custom::ChimeAppInstanceUser");
        stack.succeed(&resource.delete(&user(admin), &json!({}))).await;
    }
    let failed = stack.fail(&stack.resource.delete(&id, &stack.of.properties)).await;
    assert!(failed.reason().contains("CreateAppInstanceAdmin"), "{}", failed.reason());
}

#[tokio::test]
async fn an_admin_deletes_a_resource_without_a_valid_bearer() {
    for name in ACTING {
        let stack = Stack::start(of(name), Behaviour::default());
        let id = stack.create().await;
        stack.succeed(&stack.resource.delete(&id, &json!({"ChimeBearer": "nobody"}))).await;
        stack.assert_nothing_left();
    }
}

#[tokio::test]
async fn a_derived_channel_id_is_known_before_the_call_and_found_without_a_response() {
    for token_replay in [TokenReplay::FirstResult201, TokenReplay::Conflict409] {
        let stack = Stack::of("channel", Behaviour { token_replay, ..Behaviour::default() });
        let mut without = stack.of.properties.clone();
        without.as_object_mut().expect("a map").remove("ChannelId");
        let create = stack.resource.create(&without);
        let created = stack.succeed(&create).await;
        let request = create["RequestId"].as_str().expect("an id");
        assert_eq!((created.id(), created.attribute("ChannelId")), (&*format!("{A}/channel/{request}"), request));
        // An update keeps the id, even if it adds the actual id to the template.
        let mut stated = without.clone();
        stated["ChannelId"] = json!(request);
        let updated = stack.succeed(&stack.resource.update(created.id(), &without, &stated)).await;
        assert_eq!((updated.id(), updated.calls.len()), (created.id(), 0));
        stack.succeed(&stack.resource.delete(created.id(), &without)).await;
        stack.assert_nothing_left();
        // This time the outcome is unknown.
        stack.fail_creates(FaultKind::HangAfter);
        let failed = stack.fail(&stack.resource.create(&without)).await;
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &without)).await;
        stack.assert_nothing_left();
        // This time the create is cancelled, so its request is unknown too.
        stack.succeed(&stack.resource.create(&without)).await;
        stack.succeed(&stack.resource.delete(&stack.resource.placeholder_id(), &without)).await;
        stack.assert_nothing_left();
    }
}

#[tokio::test]
async fn a_cancelled_create_among_many_channels_reads_few_tags() {
    let stack = Stack::of("channel", Behaviour::default()).with_timeout(600);
    let fill = |mut held: serde_json::Value| {
        let all = held[0]["Channels"].as_array_mut().expect("channels");
        let first = all[0].clone();
        all.extend((0..400).map(|n| {
            let mut channel = first.clone();
            channel["ChannelArn"] = json!(format!("{A}/channel/c{n}"));
            channel
        }));
        held
    };
    stack.bed.simulator.change(fill).expect("a change");
    let mut without = stack.of.properties.clone();
    without.as_object_mut().expect("a map").remove("ChannelId");
    let deleted = stack.succeed(&stack.resource.delete(&stack.resource.placeholder_id(), &without)).await;
    let asked = deleted.operations().iter().filter(|operation| **operation == "ListTagsForResource").count();
    assert!(asked <= 100, "{asked}");
}

#[tokio::test]
async fn a_create_only_change_requires_another_channel_id() {
    let stack = Stack::of("channel", Behaviour::default());
    let id = stack.create().await;
    let mut public = stack.of.properties.clone();
    public["Privacy"] = json!("PUBLIC");
    let before = stack.holds();
    let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &public)).await;
    assert!(failed.reason().contains("would have the same id"), "{}", failed.reason());
    assert_eq!((failed.id(), stack.holds()), (&*id, before.clone()));
    stack.succeed(&stack.resource.update(&id, &public, &stack.of.properties)).await;
    assert_eq!(stack.holds(), before);
    public["ChannelId"] = json!("elsewhere");
    let replaced = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &public)).await;
    stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
    assert_eq!(stack.holds(), stack.would_hold(&public).await);
    stack.succeed(&stack.resource.delete(replaced.id(), &public)).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn a_changed_membership_type_is_rejected() {
    let stack = Stack::of("channel_membership", Behaviour::default());
    let mut hidden = stack.of.properties.clone();
    hidden["Type"] = json!("HIDDEN");
    let id = stack.create().await;
    let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &hidden)).await;
    assert!(failed.reason().starts_with("Type of arn:"), "{}", failed.reason());
    assert!(failed.reason().contains(". Remove the resource in one deployment"), "{}", failed.reason());
    stack.succeed(&stack.resource.update(&id, &hidden, &stack.of.properties)).await;
    let other = stack.resource.renamed("Other");
    let failed = stack.fail(&other.create(&hidden)).await;
    assert!(failed.reason().contains("already exists and differs from the template"), "{}", failed.reason());
    stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn a_hidden_member_is_added_and_removed() {
    let behaviour = Behaviour {
        missing: Missing::Forbidden403,
        delete_missing: DeleteMissing::Forbidden403,
        ..Behaviour::default()
    };
    let stack = Stack::of("channel_membership", behaviour);
    let mut hidden = stack.of.properties.clone();
    hidden["Type"] = json!("HIDDEN");
    let id = stack.succeed(&stack.resource.create(&hidden)).await.id().to_owned();
    let delete = stack.resource.delete(&id, &hidden);
    // A hidden member is only in the hidden members' List. A rejection does not mean that it is gone.
    stack.inject(Fault::once("DeleteChannelMembership", FaultKind::Forbidden).times(3));
    stack.succeed(&delete).await;
    stack.clear_faults();
    stack.succeed(&delete).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn a_flow_is_replaced_in_place_even_if_chime_requires_disassociation_first() {
    for channel_flow_swap in [ChannelFlowSwap::Replaces200, ChannelFlowSwap::Conflict409] {
        let stack = Stack::of("channel_flow_association", Behaviour { channel_flow_swap, ..Behaviour::default() });
        let changed = stack.of.changed.clone().expect("a change");
        let id = stack.create().await;
        let updated = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        assert_eq!((updated.id(), stack.holds()), (&*id, stack.would_hold(&changed).await));
        stack.succeed(&stack.resource.delete(&id, &changed)).await;
        stack.assert_nothing_left();
    }
}

#[tokio::test]
async fn a_flow_in_use_is_not_deleted_and_the_reason_names_its_channels() {
    let stack = Stack::of("channel_flow_association", Behaviour::default());
    stack.create().await;
    let flow = LogicalResource::new("Custom::ChimeChannelFlow");
    let failed = stack.fail(&flow.delete(&format!("{A}/channel-flow/one"), &json!({"AppInstanceArn": A}))).await;
    assert!(failed.reason().contains(&format!("room ({ROOM}) uses the flow")), "{}", failed.reason());
}

#[tokio::test]
async fn the_mode_of_a_channel_with_members_can_change() {
    let stack = Stack::of("channel", Behaviour::default());
    let id = stack.create().await;
    let member = LogicalResource::new("Custom::ChimeChannelMembership");
    let membership = json!({"ChannelArn": id, "MemberArn": user("seed"), "ChimeBearer": user("boss")});
    stack.succeed(&member.create(&membership)).await;
    let changed = stack.of.changed.clone().expect("a change");
    stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
    let held = stack.bed.simulator.holds();
    let lounge =
        held[0]["Channels"].as_array().expect("channels").iter().find(|channel| channel["ChannelArn"] == id.as_str());
    let lounge = lounge.expect("the channel");
    assert_eq!((&lounge["Mode"], lounge["Memberships"].as_array().map(Vec::len)), (&json!("UNRESTRICTED"), Some(2)));
}

#[tokio::test]
async fn an_elastic_channel_has_only_moderators() {
    let stack = Stack::of("channel", Behaviour::default());
    let mut elastic = stack.of.properties.clone();
    elastic["ElasticChannelConfiguration"] = json!({"MaximumSubChannels": "10", "TargetMembershipsPerSubChannel": "100",
        "MinimumMembershipPercentage": "20"});
    let id = stack.succeed(&stack.resource.create(&elastic)).await.id().to_owned();
    let moderator = LogicalResource::new("Custom::ChimeChannelModerator");
    let properties = json!({"ChannelArn": id, "ChannelModeratorArn": user("seed"), "ChimeBearer": user("boss")});
    stack.succeed(&moderator.create(&properties)).await;
    let held = stack.bed.simulator.holds().to_string();
    assert!(held.contains(r#""MaximumSubChannels":10"#), "{held}");
    stack.succeed(&stack.resource.delete(&id, &elastic)).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn an_endpoint_is_found_by_its_device_token_which_is_never_shown() {
    for (token_replay, lag) in
        [(TokenReplay::Conflict409, 0), (TokenReplay::FirstResult201, 0), (TokenReplay::Conflict409, 10)]
    {
        let behaviour = Behaviour { token_replay, list_lag: Duration::from_secs(lag), ..Behaviour::default() };
        let stack = Stack::of("app_instance_user_endpoint", behaviour);
        // The user already has a device with another token.
        let own = LogicalResource::new("Custom::ChimeAppInstanceUserEndpoint").renamed("Own");
        stack.succeed(&own.create(stack.of.replaced.as_ref().expect("another"))).await;
        let before = stack.holds();
        stack.inject(Fault::once("RegisterAppInstanceUserEndpoint", FaultKind::ReplyLost));
        let id = stack.create().await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
        stack.inject(Fault::once(
            "RegisterAppInstanceUserEndpoint",
            FaultKind::BadRequest("the token 'token of a device' is not one".to_owned()),
        ));
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        assert!(
            failed.reason().contains("[hidden]") && !failed.reason().contains("of a device"),
            "{}",
            failed.reason()
        );
    }
}

#[tokio::test]
async fn a_flow_that_was_swapped_a_moment_ago_is_removed_although_chime_still_shows_the_former_one() {
    let lag = Duration::from_secs(9);
    let stack = Stack::of("channel_flow_association", Behaviour { read_after_write: lag, ..Behaviour::default() });
    let changed = stack.of.changed.clone().expect("a change");
    let id = stack.create().await;
    crate::harness::seconds(10).await;
    stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
    stack.succeed(&stack.resource.delete(&id, &changed)).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn a_flow_is_swapped_twice_in_a_row_although_chime_still_shows_the_first_one() {
    let (lag, channel_flow_swap) = (Duration::from_secs(9), ChannelFlowSwap::Conflict409);
    let behaviour = Behaviour { read_after_write: lag, channel_flow_swap, ..Behaviour::default() };
    let stack = Stack::of("channel_flow_association", behaviour);
    let flow = of("ChimeChannelFlow").properties;
    let third = LogicalResource::new("Custom::ChimeChannelFlow").renamed("Third");
    let third = stack.succeed(&third.create(&flow)).await.id().to_owned();
    let second = stack.of.changed.clone().expect("a change");
    let third = crate::by_hand::with(&second, "ChannelFlowArn", third);
    let id = stack.create().await;
    crate::harness::seconds(10).await;
    stack.succeed(&stack.resource.update(&id, &stack.of.properties, &second)).await;
    stack.succeed(&stack.resource.update(&id, &second, &third)).await;
    let held = stack.bed.simulator.holds();
    assert_eq!(held[0]["Channels"][0]["ChannelFlowArn"], third["ChannelFlowArn"]);
}

#[tokio::test]
async fn a_flow_that_chime_refuses_to_remove_is_not_gone_although_another_one_is_stated() {
    let stack = Stack::of("channel_flow_association", Behaviour::default());
    let id = stack.create().await;
    // Somebody has moved the channel to another flow.
    let changed = stack.of.changed.clone().expect("a change");
    stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
    let before = stack.holds();
    stack.inject(Fault::always("DisassociateChannelFlow", FaultKind::Forbidden).about("channel-flow/two"));
    stack.fail(&stack.resource.delete(&id, &stack.of.properties)).await;
    assert_eq!(stack.holds(), before);
}
