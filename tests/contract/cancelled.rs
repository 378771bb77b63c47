//! Cancelled creates: CloudFormation deletes by a placeholder id while the create may still be running.

use crate::harness::{Stack, Stopwatch, seconds};
use crate::types::A;
use chime_simulator::{Behaviour, Fault, FaultKind, ListedNames, TokenReplay};
use serde_json::json;
use std::time::Duration;

case! {
    async fn a_completed_create_is_deleted_by_a_placeholder_id(stack) {
        stack.create().await;
        let id = stack.resource.placeholder_id();
        let deleted = stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(deleted.id(), id);
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_running_create_is_found_and_deleted(stack) {
        // Each call in turn is the slow one.
        for operation in stack.of.create_calls() {
            let stack = stack.with_behaviour(Behaviour::default());
            stack.inject(Fault::once(operation, FaultKind::Delay(Duration::from_secs(8))));
            let (create, delete) = (stack.resource.create(&stack.of.properties),
                stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties));
            let delete = async {
                seconds(2).await;
                stack.send(&delete).await
            };
            let (_, deleted) = tokio::join!(stack.bed.invoke(&create), delete);
            assert_eq!(deleted.status(), "SUCCESS", "{operation}: {}", deleted.reason());
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn a_create_without_a_response_does_not_recreate_a_deleted_resource(stack) {
        stack.inject(Fault::once(stack.of.create_operation, FaultKind::HangAfter));
        let (create, delete) = (stack.resource.create(&stack.of.properties),
            stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties));
        let delete = async {
            seconds(2).await;
            stack.send(&delete).await
        };
        let (_, deleted) = tokio::join!(stack.bed.invoke(&create), delete);
        assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
        stack.assert_nothing_left();
    }
}

#[tokio::test]
async fn a_batch_create_without_a_response_does_not_recreate_deleted_members() {
    // The timeout is long enough for one attempt to outlast a lag.
    let stack = Stack::of("channel_memberships", Behaviour::default()).with_timeout(300);
    let members = ["seed", "other"].map(|user| format!("{A}/user/{user}"));
    let properties = json!({"ChannelArn": format!("{A}/channel/hall"), "MemberArns": members, "ChimeBearer": format!("{A}/user/chief")});
    stack.inject(Fault::once("BatchCreateChannelMembership", FaultKind::HangAfter));
    let create = stack.resource.create(&properties);
    let delete = async {
        seconds(2).await;
        stack.send(&stack.resource.delete(&stack.resource.placeholder_id(), &properties)).await
    };
    let (_, deleted) = tokio::join!(stack.bed.invoke(&create), delete);
    assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
    stack.assert_nothing_left();
}

case! {
    async fn a_delete_waits_for_a_create_that_has_not_reached_chime_yet(stack) {
        let (create, delete) = (stack.resource.create(&stack.of.properties),
            stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties));
        let sent = std::time::SystemTime::now();
        let create = async {
            seconds(8).await;
            stack.bed.invoke_sent(&create, sent).await
        };
        let (_, deleted) = tokio::join!(create, stack.bed.invoke(&delete));
        assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_delete_that_finds_nothing_succeeds_after_half_of_its_time(stack) {
        let stopwatch = Stopwatch::start();
        stack.succeed(&stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties)).await;
        assert!((20..40).contains(&stopwatch.seconds()), "{}", stopwatch.seconds());
        stack.assert_nothing_left();
    }
}

case! {
    async fn deleting_a_placeholder_id_leaves_foreign_resources_alone(stack) {
        // Untracked resources have only their traces: see execute/untracked.rs.
        if stack.of.is_untracked() {
            return;
        }
        let sibling = stack.resource.renamed("Other");
        stack.succeed(&sibling.create(&stack.of.properties)).await;
        let before = stack.holds();
        stack.succeed(&stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
        let elsewhere = stack.resource.of_stack("arn:aws:cloudformation:us-east-1:123456789012:stack/chat/7f0a8b10-1c2d-11ef-8a3b-0a1b2c3d4e5f");
        stack.succeed(&elsewhere.delete(&elsewhere.placeholder_id(), &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_delete_leaves_a_later_incarnation_alone(stack) {
        let (delete, ours) = (stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties), &stack.of.properties);
        stack.succeed(&stack.resource.create(ours)).await;
        let before = stack.holds();
        let sent_long_ago = stack.send_late(&delete, 20 * 60).await;
        assert_eq!((sent_long_ago.status(), stack.holds()), ("SUCCESS", before), "{}", sent_long_ago.reason());
    }
}

/// A create with an unknown outcome, and the Delete of its `unfinished:` id.
async fn unfinished(stack: Stack, behaviour: Behaviour) {
    let stack = stack.with_behaviour(behaviour.clone());
    stack.fail_creates(FaultKind::HangAfter);
    let create = stack.resource.create(&stack.of.properties);
    let failed = stack.fail(&create).await;
    let unfinished = format!("unfinished:{}@", create["RequestId"].as_str().expect("an id"));
    assert!(failed.id().starts_with(&unfinished), "{}: {}", failed.id(), failed.reason());
    stack.clear_faults();
    stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
    stack.assert_nothing_left();
}

case! {
    async fn an_unfinished_create_is_found_by_its_marks(stack) {
        unfinished(stack, Behaviour::default()).await;
    }
}

case! {
    async fn an_unfinished_create_is_found_despite_a_lag_of_fifteen_seconds(stack) {
        let lag = Duration::from_secs(15);
        unfinished(stack, Behaviour { list_lag: lag, tags_lag: lag, ..Behaviour::default() }).await;
    }
}

case! {
    async fn an_unfinished_create_is_found_although_the_list_changes_or_omits_its_name(stack) {
        for listed_names in [ListedNames::TrailingBlank, ListedNames::LeftOut] {
            unfinished(stack.with_behaviour(Behaviour::default()), Behaviour { listed_names, ..Behaviour::default() }).await;
        }
    }
}

case! {
    async fn an_unfinished_create_with_unreadable_tags_is_not_reported_as_gone(stack) {
        // Untracked resources have only their traces: see execute/untracked.rs.
        if stack.of.is_untracked() {
            return;
        }
        for kind in [FaultKind::Forbidden, FaultKind::NotFound] {
            let stack = stack.with_behaviour(Behaviour::default());
            let create = stack.resource.create(&stack.of.properties);
            let id = format!("unfinished:{}", create["RequestId"].as_str().expect("an id"));
            stack.succeed(&create).await;
            let before = stack.holds();
            stack.inject(Fault::always("ListTagsForResource", kind));
            let failed = stack.fail(&stack.resource.delete(&id, &stack.of.properties)).await;
            assert!(failed.reason().contains("left alone"), "{}", failed.reason());
            stack.clear_faults();
            assert_eq!(stack.holds(), before);
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn an_unfinished_request_never_removes_the_resource_of_a_later_one(stack) {
        // Untracked resources have only their traces: see execute/untracked.rs.
        if stack.of.is_untracked() {
            return;
        }
        stack.fail_creates(FaultKind::HangAfter);
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        stack.clear_faults();
        if stack.of.has_template_id() {
            // The second request adopts the resource of the first one.
            stack.succeed(&stack.resource.create(&stack.of.properties)).await;
            let before = stack.holds();
            stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
            assert_eq!(stack.holds(), before);
        } else {
            stack.succeed(&stack.resource.create(&stack.of.properties)).await;
            stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
            assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
        }
    }
}

case! {
    async fn a_second_delivery_waits_for_the_create_in_progress(stack) {
        let behaviour = Behaviour { create_time: Duration::from_secs(4), token_replay: TokenReplay::Conflict409, ..Behaviour::default() };
        let stack = stack.with_behaviour(behaviour);
        let event = stack.resource.create(&stack.of.properties);
        let second = async {
            seconds(1).await;
            stack.bed.invoke(&event).await
        };
        let (_, second) = tokio::join!(stack.bed.invoke(&event), second);
        assert_eq!(second.status(), "SUCCESS", "{}", second.reason());
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
    }
}
