//! Resources that were deleted without CloudFormation, and new ones that Chime does not know yet.

use crate::by_hand::{user, with};
use crate::harness::{Stack, Stopwatch, changing, seconds};
use chime_simulator::{Behaviour, DeleteMissing, Fault, FaultKind, Missing};
use serde_json::{Value, json};
use std::time::Duration;

/// How Chime says that something is not there.
const ALL: [(Missing, DeleteMissing); 3] = [
    (Missing::NotFound404, DeleteMissing::NotFound404),
    (Missing::Forbidden403, DeleteMissing::Forbidden403),
    (Missing::BadRequest400, DeleteMissing::BadRequest400),
];

case! {
    async fn an_update_makes_anew_what_is_gone(stack) {
        // A list says to Chime what is new in it, and nothing else.
        let (false, Some(changed)) = (stack.of.is_list(), stack.of.changed.clone()) else { return };
        for (missing, delete_missing) in ALL {
            let stack = stack.with_behaviour(Behaviour { missing, delete_missing, ..Behaviour::default() });
            let id = stack.create().await;
            stack.delete_by_hand();
            let updated = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
            assert_eq!(updated.id() == id, stack.of.has_template_id(), "{missing:?}: {}", updated.id());
            assert!(!updated.attribute(stack.of.attribute).is_empty());
            assert_eq!(stack.holds(), stack.would_hold(&changed).await, "{missing:?}");
            // CloudFormation's cleanup deletes the one that is gone.
            if updated.id() != id {
                stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
                assert_eq!(stack.holds(), stack.would_hold(&changed).await, "{missing:?}");
            }
            stack.succeed(&stack.resource.delete(updated.id(), &changed)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn what_is_made_anew_under_another_name_stays_although_chime_does_not_show_its_tags_yet(stack) {
        if !(stack.of.has_tags() && stack.of.has_template_id()) {
            return;
        }
        let stack = stack.with_behaviour(Behaviour {
            tags_lag: Duration::from_secs(10),
            tags_empty_in_lag: true,
            ..Behaviour::default()
        });
        let id = stack.create().await;
        stack.delete_by_hand();
        let new = stack.resource.renamed("New");
        stack.succeed(&new.create(&stack.of.properties)).await;
        let before = stack.holds();
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn the_rollback_of_an_update_makes_anew_what_is_gone(stack) {
        let (false, Some(changed)) = (stack.of.is_list(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        stack.delete_by_hand();
        let back = stack.succeed(&stack.resource.update(&id, &changed, &stack.of.properties)).await;
        stack.succeed(&stack.resource.delete(back.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_cancelled_replacement_of_what_is_gone_leaves_one(stack) {
        let (false, Some(replaced)) = (stack.of.is_list(), stack.of.replaced.clone()) else { return };
        let id = stack.create().await;
        stack.delete_by_hand();
        // CloudFormation does not wait for the answer, and rolls back from the id that it knows.
        stack.succeed(&stack.resource.update(&id, &stack.of.properties, &replaced)).await;
        let back = stack.succeed(&stack.resource.update(&id, &replaced, &stack.of.properties)).await.id().to_owned();
        if back != id {
            stack.succeed(&stack.resource.delete(&id, &replaced)).await;
        }
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
    }
}

case! {
    async fn a_cancelled_update_that_has_made_anew_what_is_gone_leaves_one(stack) {
        let (false, Some(changed)) = (stack.of.is_list(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        stack.delete_by_hand();
        // CloudFormation does not wait for the answer, and rolls back.
        stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        let back = stack.succeed(&stack.resource.update(&id, &changed, &stack.of.properties)).await.id().to_owned();
        if back != id {
            stack.succeed(&stack.resource.delete(&id, &changed)).await;
        }
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
        stack.succeed(&stack.resource.delete(&back, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_changed_service_timeout_alone_is_no_reason_to_fail_for_what_is_gone(stack) {
        for (missing, delete_missing) in ALL {
            let stack = stack.with_behaviour(Behaviour { missing, delete_missing, ..Behaviour::default() });
            let id = stack.create().await;
            stack.delete_by_hand();
            let longer = stack.with("ServiceTimeout", "600");
            let updated = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &longer)).await;
            if stack.of.describe_operation().is_some() {
                // The read of its name has shown that it is gone.
                assert_eq!(updated.id(), id);
                assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
            } else {
                assert_eq!((updated.id(), changing(&updated)), (&*id, Vec::new()));
            }
            stack.succeed(&stack.resource.delete(updated.id(), &longer)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn an_update_in_a_parent_that_is_gone_tells_the_error_of_the_create(stack) {
        let (true, Some(changed)) = (stack.of.name != "ChimeAppInstance", stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        stack.bed.simulator.change(|_| json!([])).expect("a change");
        let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        assert_eq!(failed.id(), id);
        let is_told = failed.reason().starts_with(stack.of.create_operation) || failed.reason().contains("app-instance/a");
        assert!(is_told, "{}", failed.reason());
        assert_eq!(stack.bed.simulator.holds(), json!([]));
    }
}

/// The operations that change a resource in place.
const UPDATES: [&str; 12] = [
    "UpdateAppInstance",
    "UpdateAppInstanceUser",
    "UpdateAppInstanceBot",
    "UpdateChannelFlow",
    "UpdateChannel",
    "PutChannelMembershipPreferences",
    "UpdateAppInstanceUserEndpoint",
    "PutAppInstanceRetentionSettings",
    "PutMessagingStreamingConfigurations",
    "AssociateChannelFlow",
    "PutChannelExpirationSettings",
    "PutAppInstanceUserExpirationSettings",
];

/// An Update meets a resource that Chime shows only after so many seconds. It is changed, and not made twice.
async fn changed_once_chime_knows_it(stack: Stack, lag: u64, stated: &Value, changed: &Value) {
    let read_after_write = Duration::from_secs(lag);
    let stack = stack.with_behaviour(Behaviour { read_after_write, ..Behaviour::default() });
    let id = stack.succeed(&stack.resource.create(stated)).await.id().to_owned();
    UPDATES.iter().for_each(|operation| stack.inject(Fault::always(operation, FaultKind::NotFound)));
    let update = stack.resource.update(&id, stated, changed);
    let known_at_last = async {
        seconds(lag).await;
        stack.clear_faults();
    };
    let (updated, ()) = tokio::join!(stack.send(&update), known_at_last);
    assert_eq!((updated.status(), updated.id()), ("SUCCESS", &*id), "{}", updated.reason());
    assert_eq!(stack.holds(), stack.would_hold(changed).await);
    stack.succeed(&stack.resource.delete(&id, changed)).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn a_new_channel_without_a_stated_id_is_looked_for_over_the_whole_lag() {
    let stack = Stack::of("channel", Behaviour::default());
    let without_id = |mut properties: Value| {
        properties.as_object_mut().expect("a map").remove("ChannelId");
        properties
    };
    let (stated, changed) =
        (without_id(stack.of.properties.clone()), without_id(stack.of.changed.clone().expect("a change")));
    changed_once_chime_knows_it(stack, 10, &stated, &changed).await;
}

case! {
    async fn a_new_resource_that_chime_does_not_know_yet_is_changed_and_not_made_twice(stack) {
        let (false, Some(changed)) = (stack.of.is_list(), stack.of.changed.clone()) else { return };
        // What would get a new id is looked for over the whole lag.
        let lag = if stack.of.has_template_id() { 3 } else { 10 };
        let stated = stack.of.properties.clone();
        changed_once_chime_knows_it(stack, lag, &stated, &changed).await;
    }
}

#[tokio::test]
async fn a_private_channel_that_the_new_bearer_does_not_see_is_not_gone() {
    for with_id in [true, false] {
        let stack = Stack::of("channel", Behaviour::default());
        let mut stated = stack.with("Privacy", "PRIVATE");
        if !with_id {
            stated.as_object_mut().expect("a map").remove("ChannelId");
        }
        let id = stack.succeed(&stack.resource.create(&stated)).await.id().to_owned();
        let before = stack.holds();
        let blind = with(&with(&stated, "ChimeBearer", user("seed")), "Name", "Changed");
        let failed = stack.fail(&stack.resource.update(&id, &stated, &blind)).await;
        assert_eq!((failed.id(), stack.holds()), (&*id, before.clone()));
        let resynced = with(&blind, "Resync", "1");
        let failed = stack.fail(&stack.resource.update(&id, &stated, &resynced)).await;
        assert_eq!((failed.id(), stack.holds()), (&*id, before.clone()));
        stack.succeed(&stack.resource.update(&id, &resynced, &stated)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn what_is_gone_is_made_anew_although_a_list_still_shows_it(stack) {
        let (true, Some(changed)) = (stack.of.has_tags(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        stack.set_behaviour(crate::adopt_existing::lagging_and_forbidden());
        stack.delete_by_call(&id, &stack.of.properties).await;
        let updated = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        assert_eq!(stack.holds(), stack.would_hold(&changed).await, "{}", updated.id());
    }
}

#[tokio::test]
async fn what_is_gone_is_in_nobodys_way_if_a_create_only_property_changes() {
    for (name, property, values) in
        [("channel", "Privacy", ["PRIVATE", "PUBLIC"]), ("channel_membership", "Type", ["DEFAULT", "HIDDEN"])]
    {
        let stack = Stack::of(name, Behaviour::default());
        let [stated, changed] = values.map(|value| stack.with(property, value));
        let id = stack.succeed(&stack.resource.create(&stated)).await.id().to_owned();
        stack.delete_by_hand();
        let updated = stack.succeed(&stack.resource.update(&id, &stated, &changed)).await;
        assert_eq!((updated.id(), stack.holds()), (&*id, stack.would_hold(&changed).await), "{name}");
        // It vanishes once more before the rollback.
        stack.delete_by_hand();
        let back = stack.succeed(&stack.resource.update(&id, &changed, &stated)).await;
        assert_eq!((back.id(), stack.holds()), (&*id, stack.would_hold(&stated).await), "{name}");
        stack.succeed(&stack.resource.delete(&id, &stated)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_refused_change_is_not_absence(stack) {
        let (false, Some(changed)) = (stack.of.is_list(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        let before = stack.holds();
        for kind in [FaultKind::Forbidden, FaultKind::Unauthorized] {
            UPDATES.iter().for_each(|operation| stack.inject(Fault::always(operation, kind.clone())));
            let watch = Stopwatch::start();
            let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
            assert!(watch.seconds() < 60, "a List does not lag for longer: {} s", watch.seconds());
            stack.clear_faults();
            assert_eq!(failed.id(), id);
            // Nothing was made beside it.
            stack.succeed(&stack.resource.update(&id, &changed, &stack.of.properties)).await;
            assert_eq!(stack.holds(), before, "{kind:?}");
        }
    }
}

async fn deleted_before_chime_knows_it(stack: Stack, placeholder_id: Option<String>) {
    let lag = Duration::from_secs(2);
    let stack = stack.with_behaviour(Behaviour { read_after_write: lag, ..Behaviour::default() });
    let id = stack.create().await;
    stack.inject(Fault::always(stack.of.delete_operation, FaultKind::NotFound));
    let id = placeholder_id.unwrap_or(id);
    let delete = stack.resource.delete(&id, &stack.of.properties);
    let known_at_last = async {
        seconds(2).await;
        stack.clear_faults();
    };
    let (deleted, ()) = tokio::join!(stack.send(&delete), known_at_last);
    assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
    assert_eq!(stack.holds(), crate::harness::seed_as_held(), "{id}");
}

case! {
    async fn a_new_resource_that_chime_does_not_know_for_two_seconds_is_deleted(stack) {
        if !stack.of.is_list() {
            deleted_before_chime_knows_it(stack, None).await;
        }
    }
}

case! {
    async fn a_cancelled_create_that_chime_does_not_know_for_two_seconds_is_deleted(stack) {
        let placeholder_id = stack.resource.placeholder_id();
        deleted_before_chime_knows_it(stack, Some(placeholder_id)).await;
    }
}

#[tokio::test]
async fn new_members_that_chime_does_not_know_for_two_seconds_are_removed() {
    deleted_before_chime_knows_it(Stack::of("channel_memberships", Behaviour::default()), None).await;
}
