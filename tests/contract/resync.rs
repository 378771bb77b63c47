//! Resync: an Update whose value of it changes reads what Chime holds, and puts right what differs.

use crate::by_hand::with;
use crate::harness::{Stack, changing};
use chime_simulator::Behaviour;
use serde_json::Value;

/// An update of the type's properties that changes Resync alone.
fn resync(stack: &Stack, id: &str) -> Value {
    stack.resource.update(id, &stack.of.properties, &stack.with("Resync", "1"))
}

case! {
    async fn a_resync_changes_nothing_that_is_as_stated(stack) {
        let id = stack.create().await;
        let before = stack.holds();
        let synced = stack.succeed(&resync(&stack, &id)).await;
        assert_eq!((synced.id(), changing(&synced)), (&*id, Vec::new()));
        assert!(!synced.calls.is_empty(), "it reads");
        assert_eq!(stack.holds(), before);
        // Its value has not changed again.
        let stated = stack.with("Resync", "1");
        let again = stack.succeed(&stack.resource.update(&id, &stated, &stated)).await;
        assert_eq!(changing(&again), Vec::<&str>::new());
        assert!(again.calls.len() <= 1, "only a name is read: {:?}", again.calls);
        // Removing it is a change of it as well.
        let without = stack.succeed(&stack.resource.update(&id, &stated, &stack.of.properties)).await;
        assert_eq!(changing(&without), Vec::<&str>::new());
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_resync_puts_right_what_was_changed_by_hand(stack) {
        let Some(changed) = stack.of.changed.clone() else { return };
        // What Chime holds is changed, and CloudFormation does not hear of it.
        let id = stack.create().await;
        let before = stack.holds();
        stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        assert_ne!(stack.holds(), before);
        let unnoticed = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &stack.of.properties)).await;
        assert_eq!(changing(&unnoticed), Vec::<&str>::new());
        if stack.of.is_list() {
            // Who else is a member is nobody's business but theirs: they are not among the stated ones.
            return;
        }
        let synced = stack.succeed(&resync(&stack, &id)).await;
        assert_eq!(synced.id(), id);
        if stack.of.name == "ChimeChannelMembership" {
            // Preferences that nobody states are left as they are.
            return;
        }
        assert_eq!(without_added_tags(stack.holds()), before);
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

/// Tags that somebody has put on are theirs, and stay. These are those of the types' changed properties.
fn without_added_tags(json: Value) -> Value {
    match json {
        Value::Array(items) => {
            let kept = items.into_iter().filter(|item| !(item["Key"] == "d" && item["Value"] == "x"));
            Value::Array(kept.map(without_added_tags).collect())
        }
        Value::Object(map) => Value::Object(map.into_iter().map(|(name, value)| (name, without_added_tags(value))).collect()),
        other => other,
    }
}

case! {
    async fn a_resync_makes_anew_what_is_gone(stack) {
        let id = stack.create().await;
        let before = stack.holds();
        stack.delete_by_hand();
        let synced = stack.succeed(&resync(&stack, &id)).await;
        assert_eq!(synced.id() == id, stack.of.has_template_id() || stack.of.is_list(), "{}", synced.id());
        assert_eq!(stack.holds(), before);
        stack.succeed(&stack.resource.delete(synced.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_resync_restores_tags_and_marks(stack) {
        if stack.of.is_untracked() {
            return;
        }
        let id = stack.create().await;
        let before = stack.holds();
        stack.bed.simulator.change(without_tags).expect("a change");
        assert_ne!(stack.holds(), before);
        let synced = stack.succeed(&resync(&stack, &id)).await;
        assert_eq!((synced.id(), stack.holds()), (&*id, before));
    }
}

fn without_tags(json: Value) -> Value {
    match json {
        Value::Array(items) => Value::Array(items.into_iter().map(without_tags).collect()),
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(name, _)| name != "Tags");
            Value::Object(kept.map(|(name, value)| (name, without_tags(value))).collect())
        }
        other => other,
    }
}

case! {
    async fn a_resync_does_not_take_what_another_stack_owns_by_now(stack) {
        if stack.of.is_untracked() {
            return;
        }
        let id = stack.create().await;
        stack.untag();
        let theirs = with(&stack.of.properties, "AdoptExisting", &id);
        stack.succeed(&stack.of_another_stack().create(&theirs)).await;
        let before = stack.holds();
        stack.fail(&resync(&stack, &id)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_resync_with_a_change_applies_both(stack) {
        let Some(changed) = stack.of.changed.clone() else { return };
        let stack = stack.with_behaviour(Behaviour::default());
        let id = stack.create().await;
        let stated = with(&changed, "Resync", "1");
        let synced = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &stated)).await;
        assert_eq!(synced.id(), id);
        assert_eq!(stack.holds(), stack.would_hold(&changed).await);
    }
}
