//! A logical id that is renamed, or a CDK construct that moved: CloudFormation creates the new one, and then deletes the old.

use crate::harness::{PACE, Stack, seconds, seed_as_held};
use chime_simulator::{Behaviour, Fault, FaultKind};
use cloudformation_local::LogicalResource;
use std::time::Duration;

case! {
    async fn a_renamed_resource_loses_nothing(stack) {
        // Memberships and their like are too many for marks: their rename is documented.
        if stack.of.is_unmarked() {
            return;
        }
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        let created = stack.succeed(&new.create(&stack.of.properties)).await;
        assert_eq!(created.id() == id, stack.of.is_named());
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        let held = Stack::holds(&stack);
        let wanted = would_hold_as(&stack, "New").await;
        assert_eq!(held, wanted);
        // It is the new one's from now on.
        stack.succeed(&new.delete(created.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_rename_that_is_rolled_back_gives_it_back(stack) {
        // Memberships and their like are too many for marks: their rename is documented.
        if stack.of.is_unmarked() {
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
    async fn a_rename_whose_answer_was_not_waited_for_gives_it_back(stack) {
        // Memberships and their like are too many for marks: their rename is documented.
        if stack.of.is_unmarked() {
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
    async fn a_rename_whose_first_note_had_no_answer_does_not_take_again_what_was_given_back(stack) {
        if !stack.of.is_handed_over() {
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
    async fn a_rename_whose_rollback_is_denied_half_way_is_given_back_to_the_end_by_the_next_one(stack) {
        if !stack.of.is_handed_over() {
            return;
        }
        let new = stack.resource.renamed("New");
        for is_made_up in [false, true] {
            let stack = stack.anew(Behaviour::default());
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
    async fn a_rename_with_a_change_is_refused_and_nothing_is_changed(stack) {
        let (true, Some(changed)) = (stack.of.is_handed_over(), stack.of.changed.clone()) else { return };
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        let before = stack.holds();
        let failed = stack.fail(&new.create(&changed)).await;
        assert!(failed.reason().contains("Rename and change in two deployments"), "{}", failed.reason());
        assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
        stack.succeed(&new.delete(failed.id(), &changed)).await;
        assert_eq!(stack.holds(), before);
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_rename_that_fails_half_way_is_settled_by_its_rollback(stack) {
        if !stack.of.is_handed_over() {
            return;
        }
        let new = stack.resource.renamed("New");
        for fault in [
            Fault::always("TagResource", FaultKind::HangAfter),
            Fault::once("TagResource", FaultKind::AccessDenied),
        ] {
            let stack = stack.anew(Behaviour::default());
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
    async fn two_names_for_one_thing_are_both_good_and_the_last_one_deletes_it(stack) {
        if !stack.of.is_handed_over() {
            return;
        }
        let other = stack.resource.renamed("Other");
        for first_goes in [true, false] {
            let stack = stack.anew(Behaviour::default());
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
    async fn two_names_for_one_thing_that_go_at_the_same_time_leave_nothing_behind(stack) {
        if !stack.of.is_handed_over() {
            return;
        }
        let other = stack.resource.renamed("Other");
        for delays in [[0, 0], [50, 0], [0, 50], [200, 200]] {
            let stack = stack.anew(Behaviour::default());
            let id = stack.create().await;
            stack.succeed(&other.create(&stack.of.properties)).await;
            let delete = async |resource: &LogicalResource, delay: u64| {
                tokio::time::sleep(Duration::from_millis(delay) / PACE).await;
                stack.succeed(&resource.delete(&id, &stack.of.properties)).await;
            };
            tokio::join!(delete(&stack.resource, delays[0]), delete(&other, delays[1]));
            assert_eq!(stack.holds(), seed_as_held(), "{delays:?}");
        }
    }
}

/// What Chime would hold if this had been created under another logical id in the first place.
async fn would_hold_as(stack: &Stack, logical_id: &str) -> serde_json::Value {
    let other = stack.anew(Behaviour::default());
    other.succeed(&other.resource.renamed(logical_id).create(&stack.of.properties)).await;
    other.holds()
}

case! {
    async fn a_rename_loses_nothing_while_tags_lag_behind(stack) {
        if !stack.of.is_handed_over() {
            return;
        }
        let lag = || Behaviour { tags_lag: Duration::from_secs(3), ..Behaviour::default() };
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        stack.behave(lag());
        stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds(), would_hold_as(&stack, "New").await);
        // And the other way: the rename is rolled back, and then the old one goes.
        let stack = stack.anew(Behaviour::default());
        let id = stack.create().await;
        stack.behave(lag());
        stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed(&new.delete(&id, &stack.of.properties)).await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
        // And the new one goes as soon as the handover is ended.
        let stack = stack.anew(Behaviour::default());
        let id = stack.create().await;
        stack.behave(lag());
        stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.succeed(&new.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}
