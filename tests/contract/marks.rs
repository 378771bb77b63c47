//! Settings cannot be tagged: their owner is recorded in a mark on the parent.

use crate::by_hand::{ANOTHER_STACK, without_notes};
use crate::harness::{Stack, seed_as_held};
use chime_simulator::{Behaviour, Fault, FaultKind};
use cloudformation_local::LogicalResource;

fn another(stack: &Stack) -> LogicalResource {
    stack.resource.of_stack(ANOTHER_STACK)
}

case! {
    async fn a_setting_with_another_stacks_mark_is_rejected_and_left_alone(stack) {
        if !stack.of.has_mark() {
            return;
        }
        stack.succeed(&another(&stack).create(&stack.of.properties)).await;
        let before = stack.holds();
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        for part in ["belongs to another stack", "Resource of other", "untag-resource", "cfn:"] {
            assert!(failed.reason().contains(part), "{part}: {}", failed.reason());
        }
        assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_refusal_to_show_another_stacks_setting_does_not_take_it(stack) {
        if !stack.of.has_mark() {
            return;
        }
        for kind in [FaultKind::Forbidden, FaultKind::Unauthorized] {
            let stack = stack.with_behaviour(Behaviour::default());
            stack.succeed(&another(&stack).create(&stack.of.properties)).await;
            let before = stack.holds();
            stack.inject(Fault::once("*", kind));
            let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
            stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
            assert_eq!(stack.holds(), before);
        }
    }
}

case! {
    async fn an_unfinished_or_cancelled_create_never_removes_a_foreign_setting(stack) {
        if !stack.of.has_mark() {
            return;
        }
        let theirs = another(&stack);
        stack.succeed(&theirs.create(&stack.of.properties)).await;
        let before = stack.holds();
        for id in ["unfinished:00000000-0000-4000-8000-000000000099".to_owned(), stack.resource.placeholder_id()] {
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            assert_eq!(stack.holds(), before, "{id}");
        }
        // The same for a setting without a mark.
        stack.bed.simulator.change(without_notes).expect("a change");
        let before = stack.holds();
        for id in ["unfinished:00000000-0000-4000-8000-000000000099".to_owned(), stack.resource.placeholder_id()] {
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            assert_eq!(stack.holds(), before, "{id}");
        }
    }
}

case! {
    async fn a_setting_without_a_mark_is_deleted_by_its_id(stack) {
        if !stack.of.has_mark() {
            return;
        }
        let id = stack.create().await;
        stack.bed.simulator.change(without_notes).expect("a change");
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn what_was_there_before_is_found_and_left_without_a_mark(stack) {
        if !stack.of.has_mark() {
            return;
        }
        // Somebody else created it by hand.
        stack.create().await;
        stack.bed.simulator.change(without_notes).expect("a change");
        let before = stack.holds();
        // It is found, and taken for nobody's again.
        let found = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        stack.succeed(&stack.resource.delete(found.id(), &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
        // The same if the owner cannot be read.
        stack.inject(Fault::always("ListTagsForResource", FaultKind::AccessDenied));
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_mark_from_a_killed_function_does_not_outlive_its_stack(stack) {
        if !stack.of.has_mark() {
            return;
        }
        let stack = stack.with_behaviour(Behaviour::default());
        stack.inject(Fault::once(stack.of.create_operation, FaultKind::Hang(None)));
        let event = stack.resource.create(&stack.of.properties);
        let killed = tokio::time::timeout(std::time::Duration::from_millis(400), stack.bed.invoke(&event));
        assert!(killed.await.is_err());
        stack.fail_creates(FaultKind::AccessDenied);
        let failed = stack.fail(&event).await;
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        assert_eq!(stack.holds(), seed_as_held());
    }
}
