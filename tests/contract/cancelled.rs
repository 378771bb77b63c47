//! Creates that CloudFormation did not wait for: it deletes by an id that it made up, while the create may still be under way.

use crate::harness::{Stack, Watch, seconds};
use crate::types::A;
use chime_simulator::{Behaviour, Fault, FaultKind, ListedNames, TokenReplay};
use serde_json::json;
use std::time::Duration;

case! {
    async fn a_create_that_was_done_is_deleted_by_a_made_up_id(stack) {
        stack.create().await;
        let id = stack.resource.placeholder_id();
        let deleted = stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(deleted.id(), id);
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_create_that_is_still_under_way_is_found_and_deleted(stack) {
        // Whichever of its calls is the slow one.
        for operation in stack.of.create_calls() {
            let stack = stack.anew(Behaviour::default());
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
    async fn a_create_whose_first_attempt_had_no_answer_does_not_make_again_what_has_been_deleted(stack) {
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
async fn a_create_of_many_whose_first_attempt_had_no_answer_does_not_make_them_again() {
    // So long that an attempt takes longer than a lag.
    let stack = Stack::of("channel_membership", Behaviour::default()).with_timeout(300);
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
    async fn a_create_that_has_not_reached_chime_yet_is_waited_for(stack) {
        let (create, delete) = (stack.resource.create(&stack.of.properties),
            stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties));
        let create = async {
            seconds(8).await;
            stack.bed.invoke(&create).await
        };
        let (_, deleted) = tokio::join!(create, stack.bed.invoke(&delete));
        assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
        stack.assert_nothing_left();
    }
}

case! {
    async fn nothing_found_is_success_after_half_of_the_time_there_is(stack) {
        let watch = Watch::start();
        stack.succeed(&stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties)).await;
        assert!((20..40).contains(&watch.seconds()), "{}", watch.seconds());
        stack.assert_nothing_left();
    }
}

case! {
    async fn what_others_have_made_stays_when_a_made_up_id_is_deleted(stack) {
        // What is noted nowhere has its traces alone: see unmarked.rs.
        if stack.of.is_unmarked() {
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
    async fn what_was_made_long_after_the_delete_was_sent_is_a_later_lifes(stack) {
        let (delete, ours) = (stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties), &stack.of.properties);
        stack.succeed(&stack.resource.create(ours)).await;
        let before = stack.holds();
        let sent_long_ago = stack.send_late(&delete, 20 * 60).await;
        assert_eq!((sent_long_ago.status(), stack.holds()), ("SUCCESS", before), "{}", sent_long_ago.reason());
    }
}

/// A create of which nobody knows what became, and the Delete of its `unfinished:` id.
async fn unfinished(stack: Stack, behaviour: Behaviour) {
    let stack = stack.anew(behaviour.clone());
    stack.creates_fail(FaultKind::HangAfter);
    let create = stack.resource.create(&stack.of.properties);
    let failed = stack.fail(&create).await;
    assert_eq!(
        failed.id(),
        format!("unfinished:{}", create["RequestId"].as_str().expect("an id")),
        "{}",
        failed.reason()
    );
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
    async fn an_unfinished_create_is_found_where_lists_and_tags_lag_by_fifteen_seconds(stack) {
        let lag = Duration::from_secs(15);
        unfinished(stack, Behaviour { list_lag: lag, tags_lag: lag, ..Behaviour::default() }).await;
    }
}

case! {
    async fn an_unfinished_create_is_found_though_chime_lists_its_name_changed_or_not_at_all(stack) {
        for listed_names in [ListedNames::TrailingBlank, ListedNames::LeftOut] {
            unfinished(stack.anew(Behaviour::default()), Behaviour { listed_names, ..Behaviour::default() }).await;
        }
    }
}

case! {
    async fn an_unfinished_create_whose_tags_cannot_be_read_is_not_said_to_be_gone(stack) {
        // What is noted nowhere has its traces alone: see unmarked.rs.
        if stack.of.is_unmarked() {
            return;
        }
        for kind in [FaultKind::Forbidden, FaultKind::NotFound] {
            let stack = stack.anew(Behaviour::default());
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
    async fn an_unfinished_request_never_removes_what_a_later_one_lives_on(stack) {
        // What is noted nowhere has its traces alone: see unmarked.rs.
        if stack.of.is_unmarked() {
            return;
        }
        stack.creates_fail(FaultKind::HangAfter);
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        stack.clear_faults();
        if stack.of.is_named() {
            // The second request adopts what the first one made.
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
    async fn a_create_in_progress_is_waited_out_by_whoever_comes_second(stack) {
        let behaviour = Behaviour { create_time: Duration::from_secs(4), token_replay: TokenReplay::Conflict409, ..Behaviour::default() };
        let stack = stack.anew(behaviour);
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
