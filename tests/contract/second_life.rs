//! Requests that are delivered again after the resource has been created anew: the later one is left alone.

use crate::by_hand::{HOUR, MINUTE};
use crate::harness::{Stack, TIMEOUT, seconds};
use chime_simulator::{Behaviour, Fault, FaultKind};

/// A create, its Delete by this id or by its own, and a new create. Returns the Delete.
async fn deleted_and_created_again(stack: &Stack, made_up: Option<String>) -> serde_json::Value {
    let first = stack.send_late(&stack.resource.create(&stack.of.properties), 120).await;
    let id = made_up.unwrap_or_else(|| first.id().to_owned());
    let delete = stack.resource.delete(&id, &stack.of.properties);
    if stack.of.is_untracked() {
        // Its time is Chime's, which is later here than the Delete: it was carried out in another environment.
        stack.delete_by_hand();
    } else {
        stack.send_late(&delete, 90).await;
    }
    stack.assert_nothing_left();
    stack.send_late(&stack.resource.create(&stack.of.properties), 20).await;
    delete
}

case! {
    async fn a_second_delete_by_a_placeholder_id_leaves_the_next_life(stack) {
        let delete = deleted_and_created_again(&stack, Some(stack.resource.placeholder_id())).await;
        let before = stack.holds();
        stack.send_late(&delete, 90).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_second_delete_by_the_id_leaves_the_next_life(stack) {
        let delete = deleted_and_created_again(&stack, None).await;
        let before = stack.holds();
        stack.send_late(&delete, 90).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn another_environment_leaves_the_next_life_to_a_second_delete(stack) {
        // Where no owner is noted, only the time tells, and that is not enough after a minute.
        if stack.of.is_untracked() {
            return;
        }
        for made_up in [None, Some(stack.resource.placeholder_id())] {
            let stack = stack.with_behaviour(Behaviour::default());
            let delete = deleted_and_created_again(&stack, made_up).await;
            let before = stack.holds();
            stack.deliver_elsewhere(&delete, TIMEOUT).await;
            assert_eq!(stack.holds(), before);
        }
    }
}

case! {
    async fn an_unfinished_create_leaves_what_the_next_one_made(stack) {
        stack.fail_creates(FaultKind::InternalFailure);
        let failed = stack.send_late(&stack.resource.create(&stack.of.properties), 120).await;
        assert_eq!(failed.status(), "FAILED");
        assert!(failed.id().starts_with("unfinished:"), "{}: {}", failed.id(), failed.reason());
        stack.clear_faults();
        stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        let before = stack.holds();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn an_unfinished_create_of_long_ago_leaves_what_another_environment_made(stack) {
        // Its id says when it was sent, and the function's time was up long before the next one.
        stack.fail_creates(FaultKind::InternalFailure);
        let failed = stack.send_late(&stack.resource.create(&stack.of.properties), 50 * MINUTE).await;
        assert!(failed.id().starts_with("unfinished:"), "{}: {}", failed.id(), failed.reason());
        stack.clear_faults();
        stack.deliver_elsewhere(&stack.resource.create(&stack.of.properties), TIMEOUT).await;
        let before = stack.holds();
        assert_ne!(before, crate::harness::seed_as_held());
        let elsewhere = stack.resource.delete(failed.id(), &stack.of.properties);
        stack.deliver_elsewhere(&elsewhere, TIMEOUT).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_cancelled_create_is_removed_although_its_delete_comes_an_hour_later(stack) {
        // CloudFormation may wait almost an hour for other resources before it rolls back.
        stack.create().await;
        let delete = stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties);
        stack.succeed_after(HOUR - MINUTE, &delete).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_second_delete_leaves_a_life_that_began_three_seconds_later(stack) {
        // Where no owner is noted, Chime's clock tells, which may differ by some seconds.
        if stack.of.is_untracked() {
            return;
        }
        for by_placeholder in [false, true] {
            let stack = stack.with_behaviour(Behaviour::default());
            let first = stack.send_late(&stack.resource.create(&stack.of.properties), 60).await;
            let id = if by_placeholder { stack.resource.placeholder_id() } else { first.id().to_owned() };
            let delete = stack.resource.delete(&id, &stack.of.properties);
            stack.send_late(&delete, 4).await;
            stack.assert_nothing_left();
            stack.send_late(&stack.resource.create(&stack.of.properties), 1).await;
            let before = stack.holds();
            stack.send_late(&delete, 4).await;
            assert_eq!(stack.holds(), before);
        }
    }
}

#[tokio::test]
async fn a_cancelled_create_in_another_environment_is_removed_although_an_earlier_one_was_answered_here() {
    let stack = Stack::of("app_instance_user_endpoint", Behaviour::default());
    stack.create().await;
    // Another environment has deleted it, and has carried out the next create.
    stack.delete_by_hand();
    stack.deliver_elsewhere(&stack.resource.create(&stack.of.properties), TIMEOUT).await;
    assert_ne!(stack.holds(), crate::harness::seed_as_held());
    stack.succeed(&stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties)).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn a_cancelled_list_goes_although_its_create_tries_again_in_another_environment_and_an_earlier_one_was_answered_here()
 {
    let stack = Stack::of("channel_memberships", Behaviour::default());
    let first = stack.create().await;
    stack.deliver_elsewhere(&stack.resource.delete(&first, &stack.of.properties), TIMEOUT).await;
    stack.assert_nothing_left();
    // The first attempt of the next create takes effect and has no answer. The second one comes after the rollback has begun.
    stack.inject(Fault::once("BatchCreateChannelMembership", FaultKind::HangAfter));
    let create = stack.resource.create(&stack.of.properties);
    let cleanup = async {
        seconds(9).await;
        stack.succeed(&stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties)).await;
    };
    tokio::join!(stack.deliver_elsewhere(&create, TIMEOUT), cleanup);
    stack.assert_nothing_left();
}
