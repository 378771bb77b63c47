//! A renamed logical id, or a moved CDK construct: CloudFormation creates the new one and then deletes the old one.

use crate::harness::{Stack, seconds, seed_as_held};
use crate::pace::pace;
use chime_simulator::{Behaviour, Fault, FaultKind};
use cloudformation_local::LogicalResource;
use std::time::Duration;

case! {
    async fn a_renamed_resource_is_kept(stack) {
        // Untracked resources have no marks. The reference documents how to rename them.
        if stack.of.is_untracked() {
            return;
        }
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        let created = stack.succeed(&new.create(&stack.of.properties)).await;
        assert_eq!(created.id() == id, stack.of.has_template_id());
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        let held = Stack::holds(&stack);
        let wanted = would_hold_as(&stack, "New").await;
        assert_eq!(held, wanted);
        // From now on the new logical id owns it.
        stack.succeed(&new.delete(created.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_rolled_back_rename_returns_the_resource(stack) {
        // Untracked resources have no marks. The reference documents how to rename them.
        if stack.of.is_untracked() {
            return;
        }
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        let before = stack.holds();
        let created = stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed(&new.delete(created.id(), &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_cancelled_rename_returns_the_resource(stack) {
        // Untracked resources have no marks. The reference documents how to rename them.
        if stack.of.is_untracked() {
            return;
        }
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        let before = stack.holds();
        stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed(&new.delete(&new.placeholder_id(), &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_rename_without_a_response_does_not_take_a_returned_resource_again(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        let before = stack.holds();
        stack.inject(Fault::once("TagResource", FaultKind::HangAfter));
        let create = new.create(&stack.of.properties);
        let delete = async {
            seconds(2).await;
            stack.send(&new.delete(&new.placeholder_id(), &stack.of.properties)).await
        };
        let (_, deleted) = tokio::join!(stack.bed.invoke(&create), delete);
        assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
        assert_eq!(stack.holds(), before);
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn the_next_rollback_finishes_a_half_done_one(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let new = stack.resource.renamed("New");
        for is_made_up in [false, true] {
            let stack = stack.with_behaviour(Behaviour::default());
            stack.create().await;
            let before = stack.holds();
            let id = stack.succeed(&new.create(&stack.of.properties)).await.id().to_owned();
            let id = if is_made_up { new.placeholder_id() } else { id };
            stack.inject(Fault::once("UntagResource", FaultKind::AccessDenied));
            stack.send(&new.delete(&id, &stack.of.properties)).await;
            stack.clear_faults();
            stack.succeed(&new.delete(&id, &stack.of.properties)).await;
            assert_eq!(stack.holds(), before, "{id}");
        }
    }
}

case! {
    async fn a_rename_with_a_change_is_rejected_and_changes_nothing(stack) {
        let (true, Some(changed)) = (stack.of.supports_handover(), stack.of.changed.clone()) else { return };
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        let before = stack.holds();
        let failed = stack.fail(&new.create(&changed)).await;
        assert!(failed.reason().contains("rename and change in two deployments"), "{}", failed.reason());
        assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
        stack.succeed(&new.delete(failed.id(), &changed)).await;
        assert_eq!(stack.holds(), before);
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn the_rollback_settles_a_half_done_rename(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let new = stack.resource.renamed("New");
        for fault in [
            Fault::always("TagResource", FaultKind::HangAfter),
            Fault::once("TagResource", FaultKind::AccessDenied),
        ] {
            let stack = stack.with_behaviour(Behaviour::default());
            let id = stack.create().await;
            let before = stack.holds();
            stack.inject(fault);
            let failed = stack.fail(&new.create(&stack.of.properties)).await;
            stack.clear_faults();
            stack.succeed(&new.delete(failed.id(), &stack.of.properties)).await;
            assert_eq!(stack.holds(), before, "{}", failed.reason());
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn two_logical_ids_can_share_a_resource_and_the_last_one_deletes_it(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let other = stack.resource.renamed("Other");
        for first_goes in [true, false] {
            let stack = stack.with_behaviour(Behaviour::default());
            let id = stack.create().await;
            stack.succeed(&other.create(&stack.of.properties)).await;
            let (first, last) = if first_goes { (&stack.resource, &other) } else { (&other, &stack.resource) };
            stack.succeed(&first.delete(&id, &stack.of.properties)).await;
            assert_ne!(stack.holds(), seed_as_held());
            stack.succeed(&last.delete(&id, &stack.of.properties)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn two_logical_ids_deleted_concurrently_leave_nothing_behind(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let other = stack.resource.renamed("Other");
        for delays in [[0, 0], [50, 0], [0, 50], [200, 200]] {
            let stack = stack.with_behaviour(Behaviour::default());
            let id = stack.create().await;
            stack.succeed(&other.create(&stack.of.properties)).await;
            let delete = async |resource: &LogicalResource, delay: u64| {
                tokio::time::sleep(Duration::from_millis(delay) / pace()).await;
                stack.succeed(&resource.delete(&id, &stack.of.properties)).await;
            };
            tokio::join!(delete(&stack.resource, delays[0]), delete(&other, delays[1]));
            assert_eq!(stack.holds(), seed_as_held(), "{delays:?}");
        }
    }
}

/// Chime's contents if the resource had been created under another logical id from the start.
async fn would_hold_as(stack: &Stack, logical_id: &str) -> serde_json::Value {
    let other = stack.with_behaviour(Behaviour::default());
    other.succeed(&other.resource.renamed(logical_id).create(&stack.of.properties)).await;
    other.holds()
}

case! {
    async fn a_renamed_resource_is_kept_while_tags_lag(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let lag = || Behaviour { tags_lag: Duration::from_secs(3), ..Behaviour::default() };
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        stack.set_behaviour(lag());
        stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds(), would_hold_as(&stack, "New").await);
        // The opposite case: the rename is rolled back, and then the old resource is deleted.
        let stack = stack.with_behaviour(Behaviour::default());
        let id = stack.create().await;
        stack.set_behaviour(lag());
        stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed(&new.delete(&id, &stack.of.properties)).await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
        // The new resource is deleted right after the handover.
        let stack = stack.with_behaviour(Behaviour::default());
        let id = stack.create().await;
        stack.set_behaviour(lag());
        stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.succeed(&new.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}
