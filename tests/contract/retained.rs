//! What a DeletionPolicy or an UpdateReplacePolicy kept: no cleanup of a later request reaches back to it.

use crate::by_hand::{HOUR, MINUTE, YEAR};
use crate::harness::Stack;
use chime_simulator::Behaviour;
use serde_json::Value;

/// The type's create as a deployment of today makes it, where another resource of the stack fails meanwhile.
async fn cancel_after_a_year(stack: &Stack, is_created: bool) {
    if is_created {
        stack.send_after(YEAR, &stack.resource.create(&stack.of.properties)).await;
    }
    let cancelled = stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties);
    stack.succeed_after(YEAR + MINUTE, &cancelled).await;
}

case! {
    async fn a_cancelled_create_that_never_ran_leaves_a_kept_resource(stack) {
        stack.create().await;
        let before = stack.holds();
        cancel_after_a_year(&stack, false).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_cancelled_create_leaves_a_kept_resource(stack) {
        // A second endpoint has no time but Chime's, for which no year has passed.
        if stack.of.name == "ChimeAppInstanceUserEndpoint" {
            return;
        }
        stack.create().await;
        let before = stack.holds_without_notes();
        cancel_after_a_year(&stack, true).await;
        assert_eq!(stack.holds_without_notes(), before);
    }
}

case! {
    async fn a_kept_resource_that_is_stated_again_is_not_taken_over_without_being_told(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let id = stack.create().await;
        let before = stack.holds();
        let again = stack.send_after(YEAR, &stack.resource.create(&stack.of.properties)).await;
        if stack.of.has_tags() {
            assert_eq!(again.status(), "FAILED");
            assert!(again.id().starts_with("not-created:"), "{}", again.id());
            assert!(again.reason().contains(&format!("AdoptExisting: {id}")), "{}", again.reason());
            assert_eq!(stack.holds(), before);
        } else {
            assert_eq!((again.status(), again.id()), ("SUCCESS", &*id), "{}", again.reason());
        }
        // The rollback leaves it as it is.
        stack.succeed_after(YEAR + MINUTE, &stack.resource.delete(again.id(), &stack.of.properties)).await;
        assert_eq!(stack.holds_without_notes(), crate::by_hand::without_notes(before));
    }
}

case! {
    async fn a_kept_setting_is_not_changed_by_a_create(stack) {
        let (true, Some(changed)) = (stack.of.has_mark(), stack.of.changed.clone()) else { return };
        stack.create().await;
        let before = stack.holds();
        let failed = stack.send_after(YEAR, &stack.resource.create(&changed)).await;
        assert_eq!(failed.status(), "FAILED");
        assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
        stack.succeed_after(YEAR + MINUTE, &stack.resource.delete(failed.id(), &changed)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_create_goes_on_with_what_an_attempt_of_the_last_hour_made(stack) {
        let (true, Some(changed)) = (stack.of.supports_handover(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        let again = stack.succeed_after(HOUR - 2 * MINUTE, &stack.resource.create(&changed)).await;
        assert_eq!(again.id(), id);
        // It is this resource's own, and goes with it.
        stack.succeed_after(HOUR - MINUTE, &stack.resource.delete(&id, &changed)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_cancelled_update_back_to_a_kept_resource_leaves_it(stack) {
        let Some(replaced) = stack.of.replaced.clone() else { return };
        let (first, second) = (stack.of.properties.clone(), replaced);
        let kept = stack.create().await;
        let id = stack.succeed(&stack.resource.update(&kept, &first, &second)).await.id().to_owned();
        let before = stack.holds();
        let back = stack.succeed_after(2 * HOUR, &stack.resource.update(&id, &second, &first)).await;
        if !stack.of.is_list() {
            assert_eq!(back.id().trim_end_matches("/found"), kept);
        }
        // CloudFormation did not wait for the answer, and rolls back.
        let rolled_back = stack.succeed_after(2 * HOUR + MINUTE, &stack.resource.update(&id, &first, &second)).await;
        assert_eq!((rolled_back.id(), stack.holds()), (&*id, before));
    }
}

#[tokio::test]
async fn a_kept_app_instance_keeps_its_users() {
    for is_created in [false, true] {
        let stack = Stack::of("app_instance", Behaviour::default());
        let id = stack.create().await;
        let moved_in = |mut held: Value| {
            let user = serde_json::json!({"AppInstanceUserArn": format!("{id}/user/ada"), "Name": "Ada"});
            held[2]["Users"] = serde_json::json!([user]);
            held
        };
        stack.bed.simulator.change(moved_in).expect("a change");
        let before = stack.holds();
        cancel_after_a_year(&stack, is_created).await;
        assert_eq!(stack.holds(), before);
    }
}
