//! Adoption where events are repeated, replies are lost, and tags lag.

use crate::by_hand::with;
use crate::harness::{TIMEOUT, changing};
use chime_simulator::{Behaviour, Fault, FaultKind};
use std::time::Duration;

case! {
    async fn an_adoption_delivered_twice_is_one_adoption(stack) {
        if stack.of.is_list() {
            return;
        }
        let id = stack.make_by_hand(&stack.of.properties).await;
        let before = stack.holds();
        let stated = stack.with("AdoptExisting", &*id);
        let create = stack.resource.create(&stated);
        stack.send_late(&create, 60).await;
        assert_eq!(stack.succeed(&create).await.id(), id);
        stack.deliver_elsewhere(&create, TIMEOUT).await;
        assert_eq!(stack.holds_without_notes(), before);
        let delete = stack.resource.delete(&id, &stated);
        stack.succeed(&delete).await;
        assert_eq!(stack.holds(), before);
        // The second Delete finds that it owns nothing any more.
        stack.succeed(&delete).await;
        stack.deliver_elsewhere(&delete, TIMEOUT).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn an_adoption_without_an_answer_is_given_back(stack) {
        if stack.of.is_list() || stack.of.is_untracked() {
            return;
        }
        for kind in [FaultKind::HangAfter, FaultKind::InternalFailure, FaultKind::AccessDenied] {
            let stack = stack.with_behaviour(Behaviour::default());
            let id = stack.make_by_hand(&stack.of.properties).await;
            let before = stack.holds();
            let stated = stack.with("AdoptExisting", &*id);
            stack.inject(Fault::always("TagResource", kind.clone()));
            let failed = stack.fail(&stack.resource.create(&stated)).await;
            stack.clear_faults();
            stack.succeed(&stack.resource.delete(failed.id(), &stated)).await;
            assert_eq!(stack.holds(), before, "{kind:?} {}", failed.id());
        }
    }
}

case! {
    async fn a_lost_reply_does_not_keep_an_adoption_from_its_end(stack) {
        if stack.of.is_list() || stack.of.is_untracked() {
            return;
        }
        let id = stack.make_by_hand(&stack.of.properties).await;
        let before = stack.holds();
        let stated = stack.with("AdoptExisting", &*id);
        stack.inject(Fault::once("TagResource", FaultKind::ReplyLost));
        stack.succeed(&stack.resource.create(&stated)).await;
        stack.inject(Fault::once("UntagResource", FaultKind::ReplyLost));
        stack.succeed(&stack.resource.delete(&id, &stated)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn what_was_adopted_a_moment_ago_is_given_back_while_tags_lag(stack) {
        if stack.of.is_list() {
            return;
        }
        for placeholder in [None, Some(stack.resource.placeholder_id())] {
            let stack = stack.with_behaviour(Behaviour::default());
            let id = stack.make_by_hand(&stack.of.properties).await;
            let before = stack.holds();
            let stated = stack.with("AdoptExisting", &*id);
            stack.set_behaviour(Behaviour { tags_lag: Duration::from_secs(5), ..Behaviour::default() });
            stack.succeed(&stack.resource.create(&stated)).await;
            let id = placeholder.unwrap_or(id);
            stack.succeed(&stack.resource.delete(&id, &stated)).await;
            assert_eq!(stack.holds(), before, "{id}");
        }
    }
}

case! {
    async fn what_is_no_longer_adopted_is_deleted_while_tags_lag(stack) {
        if stack.of.is_list() {
            return;
        }
        let id = stack.make_by_hand(&stack.of.properties).await;
        let stated = stack.with("AdoptExisting", &*id);
        stack.set_behaviour(Behaviour { tags_lag: Duration::from_secs(5), ..Behaviour::default() });
        stack.succeed(&stack.resource.create(&stated)).await;
        stack.succeed(&stack.resource.update(&id, &stated, &stack.of.properties)).await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_rename_by_adoption_with_a_change_is_rejected(stack) {
        let (false, Some(changed)) = (stack.of.is_untracked(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        let before = stack.holds();
        let new = stack.resource.renamed("New");
        let stated = with(&changed, "AdoptExisting", &*id);
        let failed = stack.fail(&new.create(&stated)).await;
        assert!(failed.reason().contains("rename and change in two deployments"), "{}", failed.reason());
        stack.succeed(&new.delete(failed.id(), &stated)).await;
        assert_eq!(stack.holds(), before);
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_replacement_by_adoption_of_what_is_different_fails_and_changes_nothing(stack) {
        let (false, Some(replaced)) = (stack.of.is_list(), stack.of.replaced.clone()) else { return };
        let Some((property, value)) = different(stack.of.name) else { return };
        let second = stack.make_by_hand(&replaced).await;
        let first = stack.create().await;
        let before = stack.holds();
        let other = with(&with(&replaced, "AdoptExisting", &*second), property, value);
        let failed = stack.fail(&stack.resource.update(&first, &stack.of.properties, &other)).await;
        assert_eq!((failed.id(), changing(&failed)), (&*first, Vec::new()));
        assert!(failed.reason().contains(property) && failed.reason().contains(value), "{}", failed.reason());
        let back = stack.succeed(&stack.resource.update(&first, &other, &stack.of.properties)).await;
        assert_eq!((back.id(), stack.holds()), (&*first, before));
    }
}

/// A property that can change in place, with a value that no test has.
fn different(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "ChimeAppInstanceRetentionSettings" => Some(("RetentionDays", "99")),
        "ChimeAppInstanceUser"
        | "ChimeAppInstanceBot"
        | "ChimeChannel"
        | "ChimeChannelFlow"
        | "ChimeAppInstanceUserEndpoint" => Some(("Name", "Different")),
        _ => None,
    }
}

case! {
    async fn a_cancelled_replacement_by_adoption_gives_back_and_keeps_the_first(stack) {
        let (false, Some(replaced)) = (stack.of.is_list(), stack.of.replaced.clone()) else { return };
        let second = stack.make_by_hand(&replaced).await;
        let first = stack.create().await;
        let before = stack.holds();
        let other = with(&replaced, "AdoptExisting", &*second);
        let update = stack.resource.update(&first, &stack.of.properties, &other);
        stack.send_late(&update, 30).await;
        // Another environment has it again, and CloudFormation goes back meanwhile.
        stack.deliver_elsewhere(&update, TIMEOUT).await;
        stack.succeed(&stack.resource.update(&first, &other, &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_second_delete_leaves_what_another_stack_has_adopted_since(stack) {
        if stack.of.is_list() {
            return;
        }
        let id = stack.make_by_hand(&stack.of.properties).await;
        let stated = stack.with("AdoptExisting", &*id);
        let theirs = stack.of_another_stack();
        for by in [id.clone(), stack.resource.placeholder_id()] {
            stack.send_late(&stack.resource.create(&stated), 120).await;
            let delete = stack.resource.delete(&by, &stated);
            stack.send_late(&delete, 90).await;
            stack.send_late(&theirs.create(&stated), 20).await;
            let before = stack.holds();
            stack.succeed(&delete).await;
            stack.deliver_elsewhere(&delete, TIMEOUT).await;
            assert_eq!(stack.holds(), before);
            stack.succeed(&theirs.delete(&id, &stated)).await;
        }
    }
}

case! {
    async fn a_second_delete_leaves_what_this_resource_has_adopted_again(stack) {
        if stack.of.is_list() || stack.of.is_untracked() {
            return;
        }
        let id = stack.make_by_hand(&stack.of.properties).await;
        let stated = stack.with("AdoptExisting", &*id);
        for by in [id.clone(), stack.resource.placeholder_id()] {
            stack.send_late(&stack.resource.create(&stated), 120).await;
            let delete = stack.resource.delete(&by, &stated);
            stack.send_late(&delete, 90).await;
            stack.send_late(&stack.resource.create(&stated), 20).await;
            let before = stack.holds();
            stack.succeed(&delete).await;
            stack.deliver_elsewhere(&delete, TIMEOUT).await;
            assert_eq!(stack.holds(), before);
            stack.succeed(&stack.resource.delete(&id, &stated)).await;
        }
    }
}
