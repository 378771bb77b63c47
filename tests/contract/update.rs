//! Updates in place, and their rollbacks.

use crate::harness::{Stack, changing, data};
use chime_simulator::{Behaviour, Fault, FaultKind};
use serde_json::{Value, json};
use std::time::Duration;

case! {
    async fn an_update_has_the_same_result_as_a_create_with_the_new_properties(stack) {
        let Some(changed) = &stack.of.changed else { return };
        let id = stack.create().await;
        let event = stack.resource.update(&id, &stack.of.properties, changed);
        let updated = stack.succeed(&event).await;
        assert_eq!(updated.id(), id);
        assert!(!updated.attribute(stack.of.attribute).is_empty());
        assert_eq!(stack.holds(), stack.would_hold(changed).await);
        // A repeated delivery has the same result.
        assert_eq!(data(&stack.succeed(&event).await), data(&updated));
        assert_eq!(stack.holds(), stack.would_hold(changed).await);
    }
}

case! {
    async fn a_failed_update_keeps_the_id_and_its_rollback_restores_everything(stack) {
        let Some(changed) = &stack.of.changed else { return };
        let id = stack.create().await;
        let update = stack.resource.update(&id, &stack.of.properties, changed);
        // If the tags fail, the calls before them have to be undone.
        let calls = match stack.of.name {
            "ChimeChannelMembership" => "PutChannelMembershipPreferences",
            "ChimeAppInstanceUserEndpoint" => "UpdateAppInstanceUserEndpoint",
            _ if stack.of.has_tags() => "UntagResource",
            _ => stack.of.create_operation,
        };
        stack.inject(Fault::once(calls, FaultKind::AccessDenied));
        let failed = stack.fail(&update).await;
        assert_eq!(failed.id(), id);
        assert!(failed.reason().contains("is not authorized to perform"), "{}", failed.reason());
        let back = stack.succeed(&stack.resource.update(&id, changed, &stack.of.properties)).await;
        assert_eq!(back.id(), id);
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
    }
}

case! {
    async fn an_update_with_identical_properties_after_a_failure_applies_them(stack) {
        // CloudFormation may believe that a failed update was applied, and send the same properties as old and new.
        let Some(changed) = &stack.of.changed else { return };
        let id = stack.create().await;
        stack.succeed(&stack.resource.update(&id, changed, changed)).await;
        let held = without_tag(stack.holds(), "b");
        assert_eq!(held, stack.would_hold(changed).await);
    }
}

/// Tags that no template mentioned may belong to somebody else, and stay.
fn without_tag(mut held: Value, key: &str) -> Value {
    match &mut held {
        Value::Array(items) => {
            items.retain(|item| item["Key"] != key);
            items.iter_mut().for_each(|item| *item = without_tag(item.take(), key));
        }
        Value::Object(map) => map.values_mut().for_each(|value| *value = without_tag(value.take(), key)),
        _ => {}
    }
    held
}

case! {
    async fn an_update_of_a_placeholder_id_creates_the_resource(stack) {
        let id = stack.resource.placeholder_id();
        let created = stack.succeed(&stack.resource.update(&id, &json!({}), &stack.of.properties)).await;
        // The cleanup deletes the old id.
        stack.succeed(&stack.resource.delete(&id, &json!({}))).await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        let held = without_tag(stack.holds(), "cfn:former-logical-id");
        let wanted = stack.would_hold(&stack.of.properties).await;
        // A mark records the same in its own format.
        assert_eq!(held.to_string().replace("/Resource/-/", "/Resource//"), wanted.to_string());
        stack.succeed(&stack.resource.delete(created.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn what_an_unanswered_create_made_survives_the_cleanup_of_the_update_that_goes_on_with_it(stack) {
        let create = stack.resource.create(&stack.of.properties);
        let request = create["RequestId"].as_str().expect("an id");
        for id in [stack.resource.placeholder_id(), format!("unfinished:{request}")] {
            let stack = stack.with_behaviour(Behaviour { tags_lag: Duration::from_secs(9), ..Behaviour::default() });
            stack.succeed(&create).await;
            let updated = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &stack.of.properties)).await;
            let cleanup = stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            assert_eq!(changing(&cleanup), Vec::<&str>::new(), "{id}");
            // It is still there, and its own Delete removes it.
            let deleted = stack.succeed(&stack.resource.delete(updated.id(), &stack.of.properties)).await;
            assert_ne!(changing(&deleted), Vec::<&str>::new(), "{id}");
            stack.assert_nothing_left();
        }
    }
}

#[tokio::test]
async fn a_replacement_removes_what_the_replacement_before_it_made_without_being_waited_for() {
    for (name, property) in [("app_instance_user", "AppInstanceUserId"), ("channel", "ChannelId")] {
        let stack = Stack::of(name, Behaviour::default());
        let of = |id: &str| {
            let mut properties = stack.of.properties.clone();
            properties[property] = json!(id);
            properties
        };
        let first = stack.succeed(&stack.resource.create(&of("one"))).await.id().to_owned();
        stack.succeed(&stack.resource.update(&first, &of("one"), &of("two"))).await;
        let third = stack.succeed(&stack.resource.update(&first, &of("two"), &of("three"))).await;
        stack.succeed(&stack.resource.delete(&first, &of("one"))).await;
        assert_eq!(stack.holds(), stack.would_hold(&of("three")).await, "{name}");
        stack.succeed(&stack.resource.delete(third.id(), &of("three"))).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_failed_replacement_is_not_reported_as_done_for_identical_properties(stack) {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let again = stack.send(&stack.resource.update(&id, replaced, replaced)).await;
        // Either it was applied, or the response does not claim success.
        if again.status() == "SUCCESS" {
            if again.id() != id {
                stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            }
            assert_eq!(stack.holds(), stack.would_hold(replaced).await);
        }
    }
}

case! {
    async fn tags_of_others_and_ownership_tags_are_kept(stack) {
        let (true, Some(changed)) = (stack.of.has_tags(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        stack.bed.simulator.change(with_tag_of_another).expect("a change");
        stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        let tags = tags_of(&stack, &id);
        for key in ["another", "cfn:stack-id", "cfn:logical-id", "cfn:request-id", "team", "d"] {
            assert!(tags.iter().any(|tag| tag == key), "{key} in {tags:?}");
        }
        assert!(!tags.iter().any(|tag| tag == "b"), "{tags:?}");
    }
}

case! {
    async fn thirty_tags_are_replaced_by_thirty_others_without_exceeding_fifty(stack) {
        if !stack.of.has_tags() {
            return;
        }
        let with = |prefix: &str| {
            let tags: Vec<_> = (0..30).map(|n| json!({"Key": format!("{prefix}{n}"), "Value": "x"})).collect();
            let mut properties = stack.of.properties.clone();
            properties["Tags"] = json!(tags);
            properties
        };
        let (first, second) = (with("a"), with("b"));
        let id = stack.succeed(&stack.resource.create(&first)).await.id().to_owned();
        stack.succeed(&stack.resource.update(&id, &first, &second)).await;
        assert_eq!(stack.holds(), stack.would_hold(&second).await);
    }
}

/// Adds a tag wherever there are ownership tags.
fn with_tag_of_another(json: Value) -> Value {
    match json {
        Value::Array(mut items) if items.iter().any(|item| item["Key"] == "cfn:stack-id") => {
            items.push(json!({"Key": "another", "Value": "x"}));
            Value::Array(items)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(with_tag_of_another).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, with_tag_of_another(v))).collect()),
        other => other,
    }
}

fn tags_of(stack: &Stack, id: &str) -> Vec<String> {
    fn find<'a>(json: &'a Value, id: &str) -> Option<&'a Value> {
        let is_it = |map: &serde_json::Map<String, Value>| map.values().any(|value| value == id);
        match json {
            Value::Object(map) if is_it(map) => map.get("Tags"),
            Value::Object(map) => map.values().find_map(|value| find(value, id)),
            Value::Array(items) => items.iter().find_map(|item| find(item, id)),
            _ => None,
        }
    }
    let held = stack.bed.simulator.holds();
    let tags = find(&held, id).and_then(Value::as_array).cloned().unwrap_or_default();
    tags.iter().filter_map(|tag| tag["Key"].as_str().map(str::to_owned)).collect()
}
