//! AdoptExisting: what exists is taken over as it is, and given back while the property stands there.

use crate::by_hand::{HOUR, MINUTE, with};
use crate::harness::{Stack, changing};
use chime_simulator::{Behaviour, DeleteMissing, Fault, FaultKind, Missing};
use serde_json::{Value, json};
use std::time::Duration;

/// The type's properties with what they take over.
fn adopting(stack: &Stack, id: &str) -> Value {
    stack.with("AdoptExisting", id)
}

case! {
    async fn nothing_is_made_where_there_is_nothing_to_adopt(stack) {
        if stack.of.is_list() {
            return;
        }
        let id = stack.create().await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        let stated = adopting(&stack, &id);
        let failed = stack.fail(&stack.resource.create(&stated)).await;
        assert_eq!(changing(&failed), Vec::<&str>::new());
        assert!(failed.reason().contains(&id) && failed.reason().contains("AdoptExisting"), "{}", failed.reason());
        assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
        stack.succeed(&stack.resource.delete(failed.id(), &stated)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn what_is_as_stated_is_adopted_and_given_back_whatever_the_id(stack) {
        if stack.of.is_list() {
            return;
        }
        for kind in ["the id", "a placeholder", "unfinished"] {
            let stack = stack.with_behaviour(Behaviour::default());
            let id = stack.make_by_hand(&stack.of.properties).await;
            let before = stack.holds();
            let stated = adopting(&stack, &id);
            let create = stack.resource.create(&stated);
            let adopted = stack.succeed(&create).await;
            assert_eq!(adopted.id(), id);
            assert!(changing(&adopted).iter().all(|call| *call == "TagResource"), "{:?}", changing(&adopted));
            assert!(!adopted.attribute(stack.of.attribute).is_empty());
            assert_eq!(stack.holds_without_notes(), before);
            let by = match kind {
                "the id" => id,
                "a placeholder" => stack.resource.placeholder_id(),
                _ => format!("unfinished:{}", create["RequestId"].as_str().expect("an id")),
            };
            stack.succeed(&stack.resource.delete(&by, &stated)).await;
            assert_eq!(stack.holds(), before, "{kind}");
        }
    }
}

case! {
    async fn what_is_different_is_not_adopted_and_every_difference_is_named(stack) {
        let (false, Some(changed)) = (stack.of.is_list(), stack.of.changed.clone()) else { return };
        let (named, by_hand, stated): (&[_], _, _) = match stack.of.name {
            "ChimeAppInstance" => (&["Name", "\"First\"", "\"Second\"", "Metadata"], &stack.of.properties, &changed),
            "ChimeAppInstanceUser" => (&["Name", "Ada L.", "ExpirationSettings"], &changed, &stack.of.properties),
            "ChimeAppInstanceBot" => (&["Name", "Robot", "StandardMessages"], &changed, &stack.of.properties),
            "ChimeChannel" => (&["Name", "Lounge", "Mode", "ExpirationDays"], &stack.of.properties, &changed),
            "ChimeChannelFlow" => (&["Name", "Stream", "Processors"], &changed, &stack.of.properties),
            "ChimeAppInstanceUserEndpoint" => (&["Name", "Tablet", "AllowMessages"], &changed, &stack.of.properties),
            "ChimeAppInstanceRetentionSettings" => (&["RetentionDays", "5475"], &changed, &stack.of.properties),
            "ChimeChannelFlowAssociation" => (&["ChannelFlowArn", "channel-flow/two"], &changed, &stack.of.properties),
            _ => (&[], &stack.of.properties, &changed),
        };
        let id = stack.make_by_hand(by_hand).await;
        let before = stack.holds();
        let stated = with(stated, "AdoptExisting", &*id);
        let failed = stack.fail(&stack.resource.create(&stated)).await;
        assert!(failed.reason().contains("differs from the template"), "{}", failed.reason());
        for part in named {
            assert!(failed.reason().contains(part), "{part}: {}", failed.reason());
        }
        stack.succeed(&stack.resource.delete(failed.id(), &stated)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn what_another_stack_owns_is_not_adopted(stack) {
        if stack.of.is_untracked() {
            return;
        }
        let id = stack.succeed(&stack.of_another_stack().create(&stack.of.properties)).await.id().to_owned();
        let before = stack.holds();
        let stated = adopting(&stack, &id);
        let failed = stack.fail(&stack.resource.create(&stated)).await;
        for part in ["Resource of ", "other", "untag-resource --resource-arn arn:aws:chime:", "--tag-keys cfn:"] {
            assert!(failed.reason().contains(part), "{part}: {}", failed.reason());
        }
        assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
        for by in [failed.id().to_owned(), stack.resource.placeholder_id()] {
            stack.succeed(&stack.resource.delete(&by, &stated)).await;
            assert_eq!(stack.holds(), before);
        }
        // After the call that the reason names, it works.
        stack.untag();
        assert_eq!(stack.succeed(&stack.resource.create(&stated)).await.id(), id);
    }
}

case! {
    async fn a_renamed_resource_is_handed_over(stack) {
        if stack.of.is_untracked() {
            return;
        }
        let id = stack.create().await;
        let before = stack.holds_without_notes();
        let new = stack.resource.renamed("New");
        let stated = adopting(&stack, &id);
        assert_eq!(stack.succeed(&new.create(&stated)).await.id(), id);
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds_without_notes(), before);
        // The property is removed in a later deployment. From then on the resource is the new one's.
        stack.succeed(&new.update(&id, &stated, &stack.of.properties)).await;
        assert_eq!(stack.holds_without_notes(), before);
        stack.succeed(&new.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_rolled_back_rename_goes_back_to_the_former_logical_id(stack) {
        if stack.of.is_untracked() {
            return;
        }
        let new = stack.resource.renamed("New");
        for made_up in [None, Some(new.placeholder_id())] {
            let stack = stack.with_behaviour(Behaviour::default());
            let id = stack.create().await;
            let before = stack.holds();
            let stated = adopting(&stack, &id);
            stack.succeed(&new.create(&stated)).await;
            stack.succeed(&new.delete(&made_up.unwrap_or_else(|| id.clone()), &stated)).await;
            assert_eq!(stack.holds(), before);
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn an_update_without_the_property_ends_the_adoption(stack) {
        if stack.of.is_list() {
            return;
        }
        let id = stack.make_by_hand(&stack.of.properties).await;
        let stated = adopting(&stack, &id);
        stack.succeed(&stack.resource.create(&stated)).await;
        let updated = stack.succeed(&stack.resource.update(&id, &stated, &stack.of.properties)).await;
        assert_eq!(updated.id(), id);
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn an_update_may_change_what_is_adopted_and_it_is_still_given_back(stack) {
        let (false, Some(changed)) = (stack.of.is_list(), stack.of.changed.clone()) else { return };
        let id = stack.make_by_hand(&stack.of.properties).await;
        let (first, second) = (adopting(&stack, &id), with(&changed, "AdoptExisting", &*id));
        stack.succeed(&stack.resource.create(&first)).await;
        assert_eq!(stack.succeed(&stack.resource.update(&id, &first, &second)).await.id(), id);
        let wanted = crate::by_hand::without_notes(stack.would_hold(&changed).await);
        assert_eq!(stack.holds_without_notes(), wanted);
        stack.succeed(&stack.resource.delete(&id, &second)).await;
        assert_eq!(stack.holds(), wanted);
    }
}

case! {
    async fn what_is_adopted_and_gone_is_made_anew_and_no_later_request_fails(stack) {
        let (false, Some(changed)) = (stack.of.is_list(), stack.of.changed.clone()) else { return };
        let adopted = stack.make_by_hand(&stack.of.properties).await;
        let (first, second) = (adopting(&stack, &adopted), with(&changed, "AdoptExisting", &*adopted));
        stack.succeed(&stack.resource.create(&first)).await;
        stack.delete_by_hand();
        let made = stack.succeed(&stack.resource.update(&adopted, &first, &second)).await.id().to_owned();
        let is_same = made.trim_end_matches("/found") == adopted;
        assert_eq!(is_same, stack.of.has_template_id(), "{made}");
        assert_eq!(stack.holds(), stack.would_hold(&changed).await);
        // The rollback, and an update after it.
        let back = stack.succeed(&stack.resource.update(&made, &second, &first)).await;
        assert_eq!((back.id(), stack.holds()), (&*made, stack.would_hold(&stack.of.properties).await));
        stack.succeed(&stack.resource.update(&made, &first, &second)).await;
        assert_eq!(stack.holds(), stack.would_hold(&changed).await);
        stack.succeed(&stack.resource.delete(&made, &second)).await;
        // What it names is given back; what Chime gave another id is the stack's own.
        if !is_same {
            stack.succeed(&stack.resource.delete(&adopted, &first)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn an_adopted_resource_is_given_back_although_a_failed_update_has_broken_the_property(stack) {
        if stack.of.is_list() {
            return;
        }
        let id = stack.make_by_hand(&stack.of.properties).await;
        let before = stack.holds();
        let adopts = stack.with("AdoptExisting", &*id);
        for broken in [json!(format!("{id} ")), json!([id]), json!("nonsense")] {
            let created = stack.succeed(&stack.resource.create(&adopts)).await.id().to_owned();
            let mut properties = adopts.clone();
            properties["AdoptExisting"] = broken.clone();
            stack.fail(&stack.resource.update(&created, &adopts, &properties)).await;
            // With the rollback disabled, the properties of the failed update may be the last ones.
            stack.succeed(&stack.resource.delete(&created, &properties)).await;
            assert_eq!(stack.holds(), before, "{broken}");
        }
    }
}

case! {
    async fn a_property_added_later_only_means_that_the_resource_is_given_back(stack) {
        if stack.of.is_list() {
            return;
        }
        let id = stack.create().await;
        let before = stack.holds();
        let stated = adopting(&stack, &id);
        let updated = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &stated)).await;
        assert_eq!((updated.id(), stack.holds()), (&*id, before.clone()));
        stack.succeed(&stack.resource.delete(&id, &stated)).await;
        assert_eq!(stack.holds(), crate::by_hand::without_notes(before));
    }
}

case! {
    async fn an_update_that_names_another_thing_replaces_by_adoption(stack) {
        let (false, Some(replaced)) = (stack.of.is_list(), stack.of.replaced.clone()) else { return };
        let first = stack.make_by_hand(&stack.of.properties).await;
        let second = stack.make_by_hand(&replaced).await;
        let before = stack.holds();
        let (one, other) = (adopting(&stack, &first), with(&replaced, "AdoptExisting", &*second));
        stack.succeed(&stack.resource.create(&one)).await;
        let updated = stack.succeed(&stack.resource.update(&first, &one, &other)).await;
        assert_eq!(updated.id(), second);
        // The cleanup gives the first one back, and the end of the stack the second one.
        stack.succeed(&stack.resource.delete(&first, &one)).await;
        assert_eq!(stack.holds_without_notes(), before);
        stack.succeed(&stack.resource.delete(&second, &other)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_rolled_back_replacement_by_adoption_gives_back(stack) {
        let (false, Some(replaced)) = (stack.of.is_list(), stack.of.replaced.clone()) else { return };
        let second = stack.make_by_hand(&replaced).await;
        let first = stack.create().await;
        let before = stack.holds();
        let other = with(&replaced, "AdoptExisting", &*second);
        let updated = stack.succeed(&stack.resource.update(&first, &stack.of.properties, &other)).await;
        assert_eq!(updated.id(), second);
        // CloudFormation has the answer, and goes back by another replacement and its cleanup.
        let back = stack.succeed(&stack.resource.update(&second, &other, &stack.of.properties)).await;
        assert_eq!(back.id(), first);
        stack.succeed(&stack.resource.delete(&second, &other)).await;
        assert_eq!(stack.holds(), before);
        // CloudFormation did not wait for the answer.
        stack.succeed(&stack.resource.update(&first, &stack.of.properties, &other)).await;
        stack.succeed(&stack.resource.update(&first, &other, &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_rollback_gives_back_what_was_adopted_in_place_of_what_was_made(stack) {
        // Chime chooses the id, so no property says that the adopted resource is another one.
        let name = stack.of.name;
        let (true, Some(mut changed)) = (stack.of.has_tags(), stack.of.changed.clone()) else { return };
        let mut stated = stack.of.properties.clone();
        match name {
            "ChimeAppInstanceUser" => return,
            "ChimeChannel" => {
                for properties in [&mut stated, &mut changed] {
                    properties.as_object_mut().expect("a map").remove("ChannelId");
                }
            }
            _ => {}
        }
        let second = stack.make_by_hand(&changed).await;
        let first = stack.succeed(&stack.resource.create(&stated)).await.id().to_owned();
        let before = stack.holds();
        let other = with(&changed, "AdoptExisting", &*second);
        // CloudFormation has the answer, and goes back by another update and its cleanup.
        let updated = stack.succeed(&stack.resource.update(&first, &stated, &other)).await;
        assert_eq!(updated.id(), second);
        let back = stack.succeed(&stack.resource.update(&second, &other, &stated)).await;
        assert_eq!(back.id(), first);
        stack.succeed(&stack.resource.delete(&second, &other)).await;
        assert_eq!(stack.holds(), before);
        // CloudFormation did not wait for the answer.
        stack.succeed(&stack.resource.update(&first, &stated, &other)).await;
        let back = stack.succeed(&stack.resource.update(&first, &other, &stated)).await;
        assert_eq!((back.id(), stack.holds()), (&*first, before));
    }
}

case! {
    async fn an_adoption_by_name_ends_the_handover_that_nobody_ended(stack) {
        if stack.of.is_untracked() || !stack.of.has_template_id() {
            return;
        }
        // Its logical id changes, and Retain keeps what the former one had: nothing ends the handover.
        stack.create().await;
        let new = stack.resource.renamed("New");
        let id = stack.succeed_after(2 * HOUR, &new.create(&stack.of.properties)).await.id().to_owned();
        // Retain keeps that of the new one as well, and a later deployment adopts it.
        let adopting = stack.with("AdoptExisting", &*id);
        stack.succeed_after(4 * HOUR, &new.create(&adopting)).await;
        stack.succeed_after(6 * HOUR, &new.update(&id, &adopting, &stack.of.properties)).await;
        stack.succeed_after(8 * HOUR, &new.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

/// The same contents with another name for what has this ARN.
fn renamed(json: Value, arn: &str, name: &str) -> Value {
    match json {
        Value::Object(mut map) => {
            if map.values().any(|value| value == arn) && map.contains_key("Name") {
                map.insert("Name".to_owned(), json!(name));
            }
            Value::Object(map.into_iter().map(|(key, value)| (key, renamed(value, arn, name))).collect())
        }
        Value::Array(items) => items.into_iter().map(|item| renamed(item, arn, name)).collect(),
        scalar => scalar,
    }
}

/// The same contents without what has this ARN.
fn without(json: Value, arn: &str) -> Value {
    match json {
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, value)| (key, without(value, arn))).collect()),
        Value::Array(items) => {
            let is_it = |item: &Value| item.as_object().is_some_and(|map| map.values().any(|value| value == arn));
            items.into_iter().filter(|item| !is_it(item)).map(|item| without(item, arn)).collect()
        }
        scalar => scalar,
    }
}

case! {
    async fn a_rollback_looks_for_what_it_goes_back_to_over_the_lag_and_never_changes_what_was_adopted(stack) {
        let (true, false) = (stack.of.has_tags(), stack.of.has_template_id()) else { return };
        let lag = Duration::from_secs(15);
        let stated = stack.of.properties.clone();
        let other = with(&stated, "Name", "Another");
        for is_gone in [false, true] {
            let stack = stack.with_behaviour(Behaviour::default());
            let second = stack.make_by_hand(&other).await;
            let adopting = with(&other, "AdoptExisting", &*second);
            if !is_gone {
                stack.set_behaviour(Behaviour { list_lag: lag, tags_lag: lag, ..Behaviour::default() });
            }
            let first = stack.create().await;
            let before = stack.holds();
            stack.succeed_after(MINUTE, &stack.resource.update(&first, &stated, &adopting)).await;
            let rollback = stack.resource.update(&second, &adopting, &stated);
            if is_gone {
                stack.bed.simulator.change(|held| without(held, &first)).expect("a change");
                let adopted = stack.holds();
                let failed = stack.send_after(MINUTE + 1, &rollback).await;
                assert!(failed.reason().contains("Remove the property in one deployment"), "{}", failed.reason());
                assert_eq!((failed.status(), failed.id(), stack.holds()), ("FAILED", &*second, adopted));
            } else {
                assert_eq!(stack.succeed_after(MINUTE + 1, &rollback).await.id(), first);
                stack.succeed_after(MINUTE + 2, &stack.resource.delete(&second, &adopting)).await;
                assert_eq!(stack.holds(), before);
            }
        }
    }
}

case! {
    async fn what_a_resource_made_and_then_names_itself_is_no_adoption(stack) {
        if !stack.of.has_tags() {
            return;
        }
        let id = stack.create().await;
        let before = stack.holds();
        let invalid = with(&with(&stack.of.properties, "AdoptExisting", &*id), "Nonsense", "x");
        stack.fail(&stack.resource.update(&id, &stack.of.properties, &invalid)).await;
        let back = stack.succeed(&stack.resource.update(&id, &invalid, &stack.of.properties)).await;
        assert_eq!((back.id(), stack.holds()), (&*id, before));
    }
}

case! {
    async fn a_refusal_to_give_back_is_waited_out_while_a_list_shows_the_resource(stack) {
        if !stack.of.has_tags() {
            return;
        }
        let id = stack.make_by_hand(&stack.of.properties).await;
        let before = stack.holds();
        let stated = stack.with("AdoptExisting", &*id);
        stack.succeed(&stack.resource.create(&stated)).await;
        stack.inject(Fault::once("UntagResource", FaultKind::Forbidden));
        stack.succeed(&stack.resource.delete(&id, &stated)).await;
        assert_eq!(stack.holds(), before);
    }
}

/// A Chime that refuses what is missing, and whose lists still show it for nine seconds.
pub fn lagging_and_forbidden() -> Behaviour {
    let lag = Duration::from_secs(9);
    Behaviour {
        missing: Missing::Forbidden403,
        delete_missing: DeleteMissing::Forbidden403,
        list_lag: lag,
        ..Behaviour::default()
    }
}

case! {
    async fn a_rollback_goes_back_to_what_somebody_has_renamed(stack) {
        let (true, false) = (stack.of.has_tags(), stack.of.has_template_id()) else { return };
        let stated = stack.of.properties.clone();
        let second = stack.make_by_hand(&with(&stated, "Name", "Another")).await;
        let first = stack.create().await;
        stack.bed.simulator.change(|held| renamed(held, &first, "By hand")).expect("a change");
        let before = stack.bed.simulator.holds();
        let other = with(&with(&stated, "Name", "Another"), "AdoptExisting", &*second);
        let updated = stack.succeed(&stack.resource.update(&first, &stated, &other)).await;
        assert_eq!(updated.id(), second);
        let back = stack.succeed(&stack.resource.update(&second, &other, &stated)).await;
        assert_eq!(back.id(), first);
        stack.succeed(&stack.resource.delete(&second, &other)).await;
        let name = stated["Name"].as_str().expect("a name");
        assert_eq!(stack.bed.simulator.holds(), renamed(before, &first, name));
    }
}

case! {
    async fn a_rollback_makes_anew_what_is_gone_and_leaves_what_was_adopted_in_its_place(stack) {
        let (true, false, Some(changed)) = (stack.of.has_tags(), stack.of.has_template_id(), stack.of.changed.clone()) else { return };
        let other = stack.make_by_hand(&changed).await;
        let without = stack.bed.simulator.holds();
        let first = stack.succeed_after(2 * HOUR, &stack.resource.create(&stack.of.properties)).await.id().to_owned();
        let made = stack.holds();
        stack.bed.simulator.change(|_| without).expect("a change");
        let adopting = with(&changed, "AdoptExisting", &*other);
        let update = stack.resource.update(&first, &stack.of.properties, &adopting);
        stack.succeed_after(3 * HOUR, &update).await;
        // CloudFormation does not wait for the answer, and rolls back from the id that it knows.
        let back = stack.resource.update(&first, &adopting, &stack.of.properties);
        let back = stack.succeed_after(3 * HOUR + 10, &back).await.id().to_owned();
        assert_ne!(back, other);
        assert_eq!(stack.holds(), made);
    }
}

case! {
    async fn an_adoption_without_room_for_its_tags_took_nothing(stack) {
        if !stack.of.has_tags() {
            return;
        }
        let id = stack.make_by_hand(&stack.of.properties).await;
        let before = stack.holds();
        stack.inject(Fault::always("TagResource", FaultKind::ResourceLimitExceeded));
        let failed = stack.fail(&stack.resource.create(&adopting(&stack, &id))).await;
        assert!(failed.reason().contains("no room for more tags"), "{}", failed.reason());
        assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn adopt_existing_must_be_text(stack) {
        for value in [json!([stack.of.properties["Name"]]), json!({"Ref": "Other"})] {
            let mut stated = stack.of.properties.clone();
            stated["AdoptExisting"] = value;
            let failed = stack.fail(&stack.resource.create(&stated)).await;
            assert!(failed.reason().contains("AdoptExisting"), "{}", failed.reason());
            assert!(failed.calls.is_empty());
        }
    }
}

#[tokio::test]
async fn a_list_of_members_is_not_adopted() {
    let stack = Stack::of("channel_memberships", Behaviour::default());
    let id = stack.create().await;
    let failed = stack.fail(&stack.resource.create(&adopting(&stack, &id))).await;
    assert!(failed.reason().contains("AdoptExisting is not for ChimeChannelMemberships"), "{}", failed.reason());
    assert!(failed.calls.is_empty());
}

#[tokio::test]
async fn what_the_properties_name_must_be_what_is_adopted() {
    let stack = Stack::of("app_instance_user", Behaviour::default());
    let failed = stack.fail(&stack.resource.create(&adopting(&stack, &crate::by_hand::user("seed")))).await;
    assert!(failed.reason().contains("AdoptExisting must agree with AppInstanceUserId"), "{}", failed.reason());
    assert!(failed.calls.is_empty());
}

case! {
    async fn a_kept_resource_is_adopted_again(stack) {
        if stack.of.is_untracked() {
            return;
        }
        let id = stack.create().await;
        let before = stack.holds_without_notes();
        let stated = adopting(&stack, &id);
        let adopted = stack.succeed_after(crate::by_hand::YEAR, &stack.resource.create(&stated)).await;
        assert_eq!((adopted.id(), stack.holds_without_notes()), (&*id, before.clone()));
        stack.succeed_after(crate::by_hand::YEAR + 60, &stack.resource.delete(&id, &stated)).await;
        assert_eq!(stack.holds(), before);
    }
}

#[tokio::test]
async fn the_ref_of_a_found_resource_is_adopted_like_any_other() {
    for name in ["channel_membership", "channel_moderator", "channel_ban"] {
        let stack = Stack::of(name, Behaviour::default());
        stack.make_by_hand(&stack.of.properties).await;
        let before = stack.holds();
        let created = stack.succeed_after(60, &stack.resource.create(&stack.of.properties)).await;
        assert!(created.id().ends_with("/found"), "{}", created.id());
        let stated = adopting(&stack, created.id());
        let update = stack.resource.update(created.id(), &stack.of.properties, &stated);
        let updated = stack.succeed_after(60, &update).await;
        stack.succeed_after(60, &stack.resource.delete(updated.id(), &stated)).await;
        assert_eq!(stack.holds(), before);
    }
}
