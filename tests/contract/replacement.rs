//! Replacements, the two ways in which CloudFormation may roll one back, and abandoned replacements.

use crate::by_hand::with;
use crate::harness::{Stack, changing};
use crate::test_bed::Operations;
use chime_simulator::{Behaviour, Fault, FaultKind, TokenReplay};
use serde_json::{Value, json};
use std::time::Duration;

case! {
    async fn a_replacement_leaves_the_old_resource_to_the_cleanup(stack) {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let event = stack.resource.update(&id, &stack.of.properties, replaced);
        let update = stack.succeed(&event).await;
        assert_ne!(update.id(), id);
        let calls = stack.of.create_calls();
        assert!(changing(&update).iter().all(|call| calls.contains(call)), "{:?}", update.operations());
        // A repeated delivery does not replace again.
        assert_eq!(stack.succeed(&event).await.id(), update.id());
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds(), stack.would_hold(replaced).await);
    }
}

case! {
    async fn a_failed_replacement_keeps_the_id_and_creates_nothing(stack) {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let before = stack.holds();
        stack.inject(Fault::always(stack.of.create_operation, FaultKind::AccessDenied));
        let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, replaced)).await;
        assert_eq!(failed.id(), id);
        stack.clear_faults();
        assert_eq!(stack.holds(), before);
        let back = stack.succeed(&stack.resource.update(&id, replaced, &stack.of.properties)).await;
        assert_eq!(back.id(), id);
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_replacement_is_rolled_back_by_deleting_the_new_resource(stack) {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let before = stack.holds();
        let new = stack.succeed(&stack.resource.update(&id, &stack.of.properties, replaced)).await;
        stack.succeed(&stack.resource.delete(new.id(), replaced)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_replacement_is_rolled_back_by_an_update_to_the_old_resource_first(stack) {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let before = stack.holds();
        let new = stack.succeed(&stack.resource.update(&id, &stack.of.properties, replaced)).await;
        let back = stack.succeed(&stack.resource.update(new.id(), replaced, &stack.of.properties)).await;
        assert_eq!(back.id(), id, "the old resource exists and must be found");
        stack.succeed(&stack.resource.delete(new.id(), replaced)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_denied_rollback_harms_neither_resource(stack) {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let new = stack.succeed(&stack.resource.update(&id, &stack.of.properties, replaced)).await.id().to_owned();
        let both = stack.holds();
        for fault in [
            Fault::always("DescribeAppInstanceAdmin", FaultKind::AccessDenied),
            Fault::always(stack.of.create_operation, FaultKind::AccessDenied),
            Fault::always(stack.of.create_operation, FaultKind::Hang(None)),
        ] {
            stack.inject(fault);
            let back = stack.send(&stack.resource.update(&new, replaced, &stack.of.properties)).await;
            assert!(back.status() == "SUCCESS" || back.id() == new, "{}", back.id());
            stack.clear_faults();
            assert_eq!(stack.holds(), both, "{}", back.reason());
        }
        stack.succeed(&stack.resource.delete(&new, replaced)).await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_cancelled_replacement_leaves_no_orphan(stack) {
        let Some(replaced) = &stack.of.replaced else { return };
        for rest in [0, 12] {
            let stack = stack.with_behaviour(Behaviour { list_lag: Duration::from_secs(rest), tags_lag: Duration::from_secs(rest), ..Behaviour::default() });
            let id = stack.create().await;
            let before = stack.holds();
            stack.succeed(&stack.resource.update(&id, &stack.of.properties, replaced)).await;
            // The update was cancelled, so the rollback knows only the old id.
            let back = stack.succeed(&stack.resource.update(&id, replaced, &stack.of.properties)).await;
            assert_eq!(back.id(), id);
            assert_eq!(stack.holds(), before, "a lag of {rest} s");
        }
    }
}

case! {
    async fn a_failed_repeated_replacement_removes_nothing(stack) {
        let Some(replaced) = &stack.of.replaced else { return };
        for (fault, token_replay) in [
            (FaultKind::InternalFailure, TokenReplay::FirstResult201),
            (FaultKind::Conflict, TokenReplay::Conflict409),
            (FaultKind::AccessDenied, TokenReplay::FirstResult201),
        ] {
            let stack = stack.with_behaviour(Behaviour { token_replay, ..Behaviour::default() });
            let id = stack.create().await;
            let event = stack.resource.update(&id, &stack.of.properties, replaced);
            let first = stack.send_late(&event, 30).await;
            assert_ne!((first.status(), first.id()), ("SUCCESS", &*id));
            let both = stack.holds();
            stack.fail_creates(fault);
            stack.set_behaviour(Behaviour { token_replay, list_lag: Duration::from_secs(120), ..Behaviour::default() });
            stack.send(&event).await;
            assert_eq!(stack.holds(), both);
        }
    }
}

case! {
    async fn a_replacement_without_a_response_fails_and_its_rollback_leaves_nothing(stack) {
        let Some(replaced) = stack.of.replaced.clone() else { return };
        let id = stack.create().await;
        let before = stack.holds();
        let silence = Fault::always(stack.of.create_operation, FaultKind::HangAfter);
        stack.inject(silence);
        let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &replaced)).await;
        assert_eq!(failed.id(), id);
        stack.clear_faults();
        stack.succeed(&stack.resource.update(&id, &replaced, &stack.of.properties)).await;
        assert_eq!(stack.holds(), before, "{}", failed.reason());
    }
}

#[tokio::test]
async fn a_rollback_keeps_the_old_endpoint_although_chime_rejects_one_read() {
    let stack = Stack::of("app_instance_user_endpoint", Behaviour::default());
    let replaced = stack.of.replaced.clone().expect("another endpoint");
    let id = stack.create().await;
    let before = stack.holds();
    // CloudFormation does not wait for the response.
    stack.succeed(&stack.resource.update(&id, &stack.of.properties, &replaced)).await;
    stack.inject(Fault::once("*", FaultKind::Forbidden));
    let back = stack.succeed(&stack.resource.update(&id, &replaced, &stack.of.properties)).await;
    assert_eq!((back.id(), stack.holds()), (&*id, before));
}

case! {
    async fn a_failed_rollback_of_a_replacement_leaves_the_setting_that_it_goes_back_to(stack) {
        let (true, Some(replaced)) = (stack.of.has_mark(), stack.of.replaced.clone()) else { return };
        let first = stack.create().await;
        let before = stack.holds();
        let second = stack.succeed(&stack.resource.update(&first, &stack.of.properties, &replaced)).await;
        // The setting is set again without an answer, and then its mark cannot be read.
        stack.inject(Fault::once(stack.of.create_operation, FaultKind::ReplyLost));
        stack.inject(Fault::always("ListTagsForResource", FaultKind::AccessDenied).after(1));
        stack.send(&stack.resource.update(second.id(), &replaced, &stack.of.properties)).await;
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(second.id(), &replaced)).await;
        assert_eq!(stack.holds(), before);
    }
}

#[tokio::test]
async fn a_kept_channel_with_another_privacy_is_not_gone_back_to() {
    let stack = Stack::of("channel", Behaviour::default());
    let channel = |privacy: &str, elastic: bool| {
        let mut properties = stack.of.properties.clone();
        properties.as_object_mut().expect("a map").remove("ChannelId");
        properties["Privacy"] = json!(privacy);
        if elastic {
            properties["ElasticChannelConfiguration"] = json!({"MaximumSubChannels": "10",
                "TargetMembershipsPerSubChannel": "100", "MinimumMembershipPercentage": "20"});
        }
        properties
    };
    let [public, private, elastic] = [channel("PUBLIC", false), channel("PRIVATE", false), channel("PRIVATE", true)];
    let first = stack.succeed(&stack.resource.create(&public)).await.id().to_owned();
    // UpdateReplacePolicy keeps the first one.
    let second = stack.succeed(&stack.resource.update(&first, &public, &private)).await.id().to_owned();
    let third = stack.succeed(&stack.resource.update(&second, &private, &elastic)).await.id().to_owned();
    assert!(third != first && third != second, "{third}");
}

/// Whether an update of what is adopted changes nothing, fails, and says what to do.
async fn is_refused_a_change_of(stack: Stack, property: &str, value: Value) {
    let id = stack.make_by_hand(&stack.of.properties).await;
    let stated = stack.with("AdoptExisting", &*id);
    stack.succeed(&stack.resource.create(&stated)).await;
    let before = stack.holds();
    let changed = with(&stated, property, value);
    let failed = stack.fail(&stack.resource.update(&id, &stated, &changed)).await;
    assert_eq!(failed.id(), id);
    let advice = "Remove AdoptExisting in the same update";
    assert!(failed.reason().contains(property) && failed.reason().contains(advice), "{}", failed.reason());
    stack.succeed(&stack.resource.update(&id, &changed, &stated)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn what_cannot_be_changed_in_place_cannot_be_changed_of_what_is_adopted() {
    let public = || json!("PUBLIC");
    is_refused_a_change_of(Stack::of("channel", Behaviour::default()), "Privacy", public()).await;
    let mut without_an_id = Stack::of("channel", Behaviour::default());
    let id = without_an_id.of.properties.as_object_mut().and_then(|properties| properties.remove("ChannelId"));
    assert!(id.is_some());
    is_refused_a_change_of(without_an_id, "Privacy", public()).await;
    let elastic =
        json!({"MaximumSubChannels": "2", "TargetMembershipsPerSubChannel": "5", "MinimumMembershipPercentage": "10"});
    let mut without_an_id = Stack::of("channel", Behaviour::default());
    without_an_id.of.properties.as_object_mut().and_then(|properties| properties.remove("ChannelId"));
    is_refused_a_change_of(without_an_id, "ElasticChannelConfiguration", elastic).await;
    let token = json!({"DeviceToken": "token of another"});
    let endpoint = Stack::of("app_instance_user_endpoint", Behaviour::default());
    is_refused_a_change_of(endpoint, "EndpointAttributes", token).await;
}
