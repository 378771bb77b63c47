//! Resync: an Update whose value of it changes reads what Chime holds, and puts right what differs.

use crate::by_hand::with;
use crate::harness::{NAMES, Stack, changing, seconds};
use chime_simulator::{Behaviour, Fault, FaultKind};
use serde_json::Value;
use std::time::Duration;

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
        // Removing it is a change of it as well.
        let without = stack.succeed(&stack.resource.update(&id, &stated, &stack.of.properties)).await;
        assert_eq!(changing(&without), Vec::<&str>::new());
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_resync_puts_right_what_was_changed_by_hand(stack) {
        // Other members of a channel are nobody's business but theirs, and so are preferences that are not stated.
        let (false, Some(changed)) = (stack.of.is_list() || stack.of.name == "ChimeChannelMembership", stack.of.changed.clone())
            else { return };
        let id = stack.create().await;
        let before = stack.holds();
        // What Chime holds is changed, and CloudFormation does not hear of it.
        stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        assert_ne!(stack.holds(), before);
        let longer = stack.with("ServiceTimeout", "600");
        let unnoticed = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &longer)).await;
        assert_eq!(changing(&unnoticed), Vec::<&str>::new());
        let synced = stack.succeed(&resync(&stack, &id)).await;
        assert_eq!((synced.id(), without_added_tags(stack.holds())), (&*id, before));
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_resync_that_is_rolled_back_at_once_is_undone_although_chime_still_shows_what_was_there_before(stack) {
        let Some(changed) = stack.of.changed.clone() else { return };
        let lag = Duration::from_secs(9);
        let stack = stack.with_behaviour(Behaviour { read_after_write: lag, ..Behaviour::default() });
        let id = stack.create().await;
        seconds(10).await;
        let before = stack.holds();
        let changed = with(&changed, "Resync", "1");
        stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        stack.succeed(&stack.resource.update(&id, &changed, &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

#[tokio::test]
async fn a_resync_removes_the_preferences_that_the_template_no_longer_has() {
    let stack = Stack::of("channel_membership", Behaviour::default());
    let (stated, without) = (stack.of.changed.clone().expect("a change"), stack.of.properties.clone());
    assert!(stated.get("Preferences").is_some() && without.get("Preferences").is_none());
    let id = stack.succeed(&stack.resource.create(&stated)).await.id().to_owned();
    stack.succeed(&stack.resource.update(&id, &stated, &with(&without, "Resync", "1"))).await;
    assert_eq!(stack.holds(), stack.would_hold(&without).await);
}

#[tokio::test]
async fn a_resync_sets_stated_preferences_and_adds_missing_members() {
    let stack = Stack::of("channel_membership", Behaviour::default());
    let stated = stack.of.changed.clone().expect("a change");
    let id = stack.succeed(&stack.resource.create(&stated)).await.id().to_owned();
    let before = stack.holds();
    let mut all = stated.clone();
    all["Preferences"]["PushNotifications"]["AllowNotifications"] = serde_json::json!("ALL");
    stack.succeed(&stack.resource.update(&id, &stated, &all)).await;
    assert_ne!(stack.holds(), before);
    stack.succeed(&stack.resource.update(&id, &stated, &with(&stated, "Resync", "1"))).await;
    assert_eq!(stack.holds(), before);

    let stack = Stack::of("channel_memberships", Behaviour::default());
    let stated = stack.of.changed.clone().expect("a change");
    let id = stack.succeed(&stack.resource.create(&stated)).await.id().to_owned();
    let before = stack.holds();
    let left = |mut held: Value| {
        held[0]["Channels"][1]["Memberships"].as_array_mut().expect("members").pop();
        held
    };
    stack.bed.simulator.change(left).expect("a change");
    assert_ne!(stack.holds(), before);
    stack.succeed(&stack.resource.update(&id, &stated, &with(&stated, "Resync", "1"))).await;
    assert_eq!(stack.holds(), before);
}

/// Tags that somebody has put on are theirs, and stay. These are those of the types' changed properties.
fn without_added_tags(json: Value) -> Value {
    match json {
        Value::Array(items) => {
            let kept = items.into_iter().filter(|item| !(item["Key"] == "d" && item["Value"] == "x"));
            Value::Array(kept.map(without_added_tags).collect())
        }
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(name, value)| (name, without_added_tags(value))).collect())
        }
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

async fn untagged_and_synced(stack: &Stack) -> [Value; 2] {
    let id = stack.create().await;
    let before = stack.holds();
    stack.bed.simulator.change(without_tags).expect("a change");
    assert_ne!(stack.holds(), before);
    let synced = stack.succeed(&resync(stack, &id)).await;
    assert_eq!(synced.id(), id);
    [stack.holds(), before]
}

case! {
    async fn a_resync_restores_tags_and_marks(stack) {
        if stack.of.has_mark() {
            let [synced, before] = untagged_and_synced(&stack).await;
            assert_eq!(synced, before);
        } else if stack.of.has_tags() {
            let both = untagged_and_synced(&stack).await;
            let [synced, before] = both.map(crate::by_hand::without_notes);
            assert_eq!(synced, before);
        }
    }
}

#[tokio::test]
async fn a_resync_restores_the_ownership_tags() {
    for name in NAMES {
        let stack = Stack::of(name, Behaviour::default());
        if stack.of.has_tags() {
            let [synced, before] = untagged_and_synced(&stack).await;
            assert_eq!(synced, before, "{name}");
        }
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
        let theirs = with(&stack.of.properties, "AdoptExisting", &*id);
        stack.succeed(&stack.of_another_stack().create(&theirs)).await;
        let before = stack.holds();
        stack.send(&resync(&stack, &id)).await;
        assert_eq!(stack.holds(), before);
    }
}

async fn changed_and_synced(stack: Stack) {
    let Some(changed) = stack.of.changed.clone() else { return };
    let id = stack.create().await;
    let stated = with(&changed, "Resync", "1");
    let synced = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &stated)).await;
    assert_eq!(synced.id(), id);
    assert_eq!(stack.holds(), stack.would_hold(&changed).await);
}

case! {
    async fn a_resync_with_a_change_applies_both(stack) {
        if !stack.of.has_tags() {
            changed_and_synced(stack).await;
        }
    }
}

#[tokio::test]
async fn a_resync_with_a_change_removes_the_tags_that_the_template_no_longer_has() {
    for name in NAMES {
        let stack = Stack::of(name, Behaviour::default());
        if stack.of.has_tags() {
            changed_and_synced(stack).await;
        }
    }
}

#[tokio::test]
async fn a_resync_removes_the_members_that_the_template_no_longer_has() {
    let stack = Stack::of("channel_memberships", Behaviour::default());
    let both = stack.of.changed.clone().expect("a change");
    let id = stack.succeed(&stack.resource.create(&both)).await.id().to_owned();
    let one = with(&stack.of.properties, "Resync", "1");
    stack.succeed(&stack.resource.update(&id, &both, &one)).await;
    assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
    // The rollback of a Resync is one, too.
    stack.succeed(&stack.resource.update(&id, &one, &both)).await;
    stack.succeed(&stack.resource.update(&id, &both, &one)).await;
    stack.succeed(&stack.resource.update(&id, &one, &stack.of.properties)).await;
    assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
}

#[tokio::test]
async fn the_rollback_of_a_replacement_with_a_resync_leaves_members_that_no_template_named_in_the_first_channel() {
    let stack = Stack::of("channel_memberships", Behaviour::default());
    let first = stack.of.properties.clone();
    let mut second = stack.of.replaced.clone().expect("another channel");
    second["MemberArns"] = serde_json::json!([crate::by_hand::user("other")]);
    let second = with(&second, "Resync", "1");
    let id = stack.succeed(&stack.resource.create(&first)).await.id().to_owned();
    let by_hand = cloudformation_local::LogicalResource::new("Custom::ChimeChannelMembership").renamed("Somebody");
    let other = serde_json::json!({"ChannelArn": first["ChannelArn"], "MemberArn": crate::by_hand::user("other"),
        "ChimeBearer": first["ChimeBearer"]});
    stack.succeed(&by_hand.create(&other)).await;
    let before = stack.holds();
    stack.inject(Fault::always("BatchCreateChannelMembership", FaultKind::BadRequest("no".to_owned())));
    stack.fail(&stack.resource.update(&id, &first, &second)).await;
    stack.clear_faults();
    stack.succeed(&stack.resource.update(&id, &second, &first)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn the_rollback_of_a_replacement_with_a_resync_leaves_tags_that_no_template_gave_the_first_user() {
    let stack = Stack::of("app_instance_user", Behaviour::default());
    let first = with(&stack.of.properties, "Tags", serde_json::json!([{"Key": "team", "Value": "a"}]));
    let second = with(&stack.of.replaced.clone().expect("another user"), "Resync", "1");
    let id = stack.succeed(&stack.resource.create(&first)).await.id().to_owned();
    // Somebody puts a tag on the user, with a key of the second user's.
    let tagged = |mut held: Value| {
        let users = held[0]["Users"].as_array_mut().expect("users");
        let ada = users.iter_mut().find(|user| user["AppInstanceUserArn"] == id.as_str()).expect("the user");
        ada["Tags"].as_array_mut().expect("tags").push(serde_json::json!({"Key": "b", "Value": "x"}));
        held
    };
    stack.bed.simulator.change(tagged).expect("a change");
    let before = stack.holds();
    stack.fail_creates(FaultKind::BadRequest("no".to_owned()));
    stack.fail(&stack.resource.update(&id, &first, &second)).await;
    stack.clear_faults();
    stack.succeed(&stack.resource.update(&id, &second, &first)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn processors_in_another_order_of_the_list_are_as_stated() {
    let stack = Stack::of("channel_flow", Behaviour::default());
    let stated = stack.of.changed.clone().expect("two processors");
    let mut reversed = stated.clone();
    reversed["Processors"].as_array_mut().expect("processors").reverse();
    let id = stack.succeed(&stack.resource.create(&stated)).await.id().to_owned();
    let updated = stack.succeed(&stack.resource.update(&id, &stated, &reversed)).await;
    assert_eq!(changing(&updated), Vec::<&str>::new());
    let synced = stack.succeed(&stack.resource.update(&id, &reversed, &with(&reversed, "Resync", "1"))).await;
    assert_eq!(changing(&synced), Vec::<&str>::new());
    // A path is that of the author's template.
    stack.untag();
    let mut adopting = with(&reversed, "AdoptExisting", &*id);
    adopting["Processors"][0]["Name"] = serde_json::json!("Q");
    let failed = stack.fail(&stack.of_another_stack().create(&adopting)).await;
    assert!(failed.reason().contains("Processors[0].Name is \"P\" in Chime and \"Q\" here"), "{}", failed.reason());
    assert!(!failed.reason().contains("ExecutionOrder"), "{}", failed.reason());
}
