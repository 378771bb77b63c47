//! Deletes of existing resources, and of resources that were never created.

use crate::test_bed::Operations;
use chime_simulator::{Fault, FaultKind};
use serde_json::json;

case! {
    async fn a_delete_leaves_nothing_and_makes_only_the_needed_calls(stack) {
        let id = stack.create().await;
        let deleted = stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!((deleted.id(), deleted.operations()), (&*id, stack.of.delete_calls()));
        stack.assert_nothing_left();
    }
}

case! {
    async fn deleting_a_resource_that_was_never_created_makes_no_call(stack) {
        let id = "not-created:00000000-0000-4000-8000-000000000001";
        for properties in [&stack.of.properties, &json!({"Nonsense": {"Tags": "7"}})] {
            let deleted = stack.succeed(&stack.resource.delete(id, properties)).await;
            assert_eq!((deleted.id(), deleted.operations()), (id, Vec::new()));
        }
    }
}

case! {
    async fn a_delete_with_invalid_properties_succeeds(stack) {
        // Only the properties say which members a list contains.
        if stack.of.is_list() {
            return;
        }
        let id = stack.create().await;
        stack.succeed(&stack.resource.delete(&id, &json!({"RetentionDays": "never", "Processors": {}}))).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_denial_by_iam_is_a_failure_and_not_absence(stack) {
        let id = stack.create().await;
        let before = stack.holds();
        let delete = stack.resource.delete(&id, &stack.of.properties);
        for operation in stack.of.delete_calls() {
            if operation == "UntagResource" {
                continue;
            }
            stack.inject(Fault::once(operation, FaultKind::AccessDenied));
            let denied = stack.fail(&delete).await;
            assert_eq!(denied.id(), id);
            assert!(denied.reason().contains("Allow the action in the role of the function"), "{}", denied.reason());
            assert_eq!(stack.holds(), before);
        }
        stack.succeed(&delete).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn the_next_delete_removes_a_remaining_mark(stack) {
        if !stack.of.has_mark() {
            return;
        }
        let id = stack.create().await;
        stack.inject(Fault::once("UntagResource", FaultKind::AccessDenied));
        let delete = stack.resource.delete(&id, &stack.of.properties);
        stack.fail(&delete).await;
        stack.succeed(&delete).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_rejected_delete_of_an_existing_resource_fails(stack) {
        let id = stack.create().await;
        let before = stack.holds();
        stack.inject(Fault::always(stack.of.delete_operation, FaultKind::Forbidden));
        let refused = stack.fail(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert!(refused.reason().contains("ForbiddenException"), "{}", refused.reason());
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_rejected_delete_that_cannot_be_verified_reports_both_errors(stack) {
        let id = stack.create().await;
        let before = stack.holds();
        stack.inject(Fault::once(stack.of.delete_operation, FaultKind::Forbidden));
        let reads = stack.of.delete_calls().iter().position(|call| *call == stack.of.delete_operation).expect("the call");
        stack.inject(Fault::always("*", FaultKind::AccessDenied).after(u32::try_from(reads).expect("a few") + 1));
        let refused = stack.fail(&stack.resource.delete(&id, &stack.of.properties)).await;
        // A list of members uses the List at once, which shows every member.
        let both: &[_] = if stack.of.is_list() { &[] } else { &["ForbiddenException", "could not be checked"] };
        for part in both.iter().chain(&["AccessDeniedException"]) {
            assert!(refused.reason().contains(part), "{}", refused.reason());
        }
        stack.clear_faults();
        assert_eq!(stack.holds(), before);
    }
}
