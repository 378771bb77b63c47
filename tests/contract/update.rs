//! Create, update and replacement, and the ways back.

use crate::harness::{Stack, for_each_type};
use crate::types::types;
use chime_local::rehearsal::Rehearsed;
use chime_local::simulator::{Behaviour, Fault, FaultKind, TokenReplay};
use serde_json::{Value, json};

fn changing(rehearsed: &Rehearsed) -> Vec<&str> {
    rehearsed.calls.iter().filter(|call| call.changing).map(|call| call.operation.as_str()).collect()
}

fn data(rehearsed: &Rehearsed) -> Value {
    rehearsed.answer.as_ref().expect("an answer")["Data"].clone()
}

#[test]
fn every_registered_type_has_its_cases_here() {
    let here: Vec<_> = types().iter().map(|of| of.name).collect();
    assert_eq!(here, chime_messaging_resources::registry::types());
}

#[tokio::test]
async fn the_schema_says_which_attributes_there_are_and_what_replaces() {
    let schemas = chime_messaging_resources::registry::schemas();
    for (of, schema) in types().into_iter().zip(schemas) {
        let stack = Stack::start(of, Behaviour::default());
        let created = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        let (data, attributes) = (data(&created), schema["attributes"].as_object().cloned().expect("a map"));
        let names: Vec<_> = data.as_object().expect("a map").keys().collect();
        assert_eq!(names, attributes.keys().collect::<Vec<_>>(), "{}", stack.of.name);
        let replacing = schema["createOnlyProperties"].as_array().expect("a list");
        let replaces = |changed: &Value| {
            let differs = |name: &str| changed.get(name) != stack.of.properties.get(name);
            replacing
                .iter()
                .any(|pointer| differs(pointer.as_str().unwrap_or_default().trim_start_matches("/properties/")))
        };
        assert!(stack.of.replaced.as_ref().is_none_or(replaces), "{}", stack.of.name);
        assert!(!stack.of.changed.as_ref().is_some_and(replaces), "{}", stack.of.name);
        assert_eq!(stack.of.replaced.is_none(), replacing.is_empty(), "{}", stack.of.name);
    }
}

#[tokio::test]
async fn a_create_is_one_chime_call_and_gives_id_and_attributes() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let created = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        assert_eq!(created.operations(), [stack.of.create_operation]);
        assert!(created.id().starts_with("arn:aws:chime:us-east-1:123456789012:app-instance/"), "{}", created.id());
        assert!(!created.attribute(stack.of.attribute).is_empty(), "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn a_create_that_is_delivered_twice_makes_one_thing_however_chime_takes_the_token() {
    for token_replay in [TokenReplay::FirstResult201, TokenReplay::Conflict409] {
        let behaviour = Behaviour { token_replay, ..Behaviour::default() };
        for_each_type(&behaviour, |stack| async move {
            let event = stack.resource.create(&stack.of.properties);
            let first = stack.succeed(&event).await;
            let second = stack.succeed(&event).await;
            assert_eq!((first.id(), data(&first)), (second.id(), data(&second)), "{}", stack.of.name);
            assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await, "{}", stack.of.name);
        })
        .await;
    }
}

#[tokio::test]
async fn an_update_that_changes_nothing_makes_no_changing_call_and_gives_every_attribute_again() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let created = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        let mut same = stack.of.properties.clone();
        same["ClientRequestToken"] = json!("a-new-one");
        same["ServiceTimeout"] = json!("60");
        let updated = stack.succeed(&stack.resource.update(created.id(), &stack.of.properties, &same)).await;
        assert_eq!(changing(&updated), Vec::<&str>::new(), "{}", stack.of.name);
        assert_eq!((updated.id(), data(&updated)), (created.id(), data(&created)), "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn an_update_in_place_leads_to_what_a_create_with_the_new_properties_would_have_made() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let Some(changed) = &stack.of.changed else { return };
        let id = stack.create().await;
        let event = stack.resource.update(&id, &stack.of.properties, changed);
        let updated = stack.succeed(&event).await;
        assert_eq!(updated.id(), id);
        assert!(!updated.attribute(stack.of.attribute).is_empty(), "{}", stack.of.name);
        assert_eq!(stack.holds(), stack.would_hold(changed).await, "{}", stack.of.name);
        // Delivered twice, it comes to the same.
        assert_eq!(data(&stack.succeed(&event).await), data(&updated));
        assert_eq!(stack.holds(), stack.would_hold(changed).await, "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn an_update_that_fails_keeps_the_id_and_its_rollback_restores_everything() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let Some(changed) = &stack.of.changed else { return };
        let id = stack.create().await;
        // The last changing call fails, so that those before it have to be undone.
        let update = stack.resource.update(&id, &stack.of.properties, changed);
        let calls = if stack.of.has_tags() { "UntagResource" } else { stack.of.create_operation };
        stack.rehearsal.simulator.inject(Fault::once(calls, FaultKind::AccessDenied));
        let failed = stack.fail(&update).await;
        assert_eq!(failed.id(), id);
        assert!(failed.reason().contains("is not authorized to perform"), "{}", failed.reason());
        let back = stack.succeed(&stack.resource.update(&id, changed, &stack.of.properties)).await;
        assert_eq!(back.id(), id);
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await, "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn a_replacement_leaves_the_old_one_to_the_cleanup() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let event = stack.resource.update(&id, &stack.of.properties, replaced);
        let update = stack.succeed(&event).await;
        assert_ne!(update.id(), id, "{}", stack.of.name);
        assert_eq!(changing(&update), [stack.of.create_operation], "{}", stack.of.name);
        // Delivered twice, it is still one replacement.
        assert_eq!(stack.succeed(&event).await.id(), update.id());
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds(), stack.would_hold(replaced).await, "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn a_replacement_that_fails_keeps_the_id_and_makes_nothing() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let before = stack.holds();
        stack.rehearsal.simulator.inject(Fault::once(stack.of.create_operation, FaultKind::AccessDenied));
        let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, replaced)).await;
        assert_eq!(failed.id(), id, "{}", stack.of.name);
        assert_eq!(stack.holds(), before, "{}", stack.of.name);
        let back = stack.succeed(&stack.resource.update(&id, replaced, &stack.of.properties)).await;
        assert_eq!(back.id(), id, "{}", stack.of.name);
        assert_eq!(stack.holds(), before, "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn a_replacement_is_rolled_back_by_a_delete_of_the_new_one() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let before = stack.holds();
        let new = stack.succeed(&stack.resource.update(&id, &stack.of.properties, replaced)).await;
        stack.succeed(&stack.resource.delete(new.id(), replaced)).await;
        assert_eq!(stack.holds(), before, "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn a_replacement_is_rolled_back_by_an_update_from_the_new_one_to_the_old_one_first() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let Some(replaced) = &stack.of.replaced else { return };
        let id = stack.create().await;
        let before = stack.holds();
        let new = stack.succeed(&stack.resource.update(&id, &stack.of.properties, replaced)).await;
        let back = stack.succeed(&stack.resource.update(new.id(), replaced, &stack.of.properties)).await;
        assert_eq!(back.id(), id, "{}: the old one exists and must be found", stack.of.name);
        stack.succeed(&stack.resource.delete(new.id(), replaced)).await;
        assert_eq!(stack.holds(), before, "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn an_update_of_an_id_that_was_never_created_creates() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let update = stack.resource.update("/aws/lambda/another-provider", &json!({}), &stack.of.properties);
        let created = stack.succeed(&update).await;
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await, "{}", stack.of.name);
        stack.succeed(&stack.resource.delete("/aws/lambda/another-provider", &json!({}))).await;
        stack.succeed(&stack.resource.delete(created.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    })
    .await;
}

#[tokio::test]
async fn tags_that_others_put_on_stay_and_so_do_those_of_ownership() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let (true, Some(changed)) = (stack.of.has_tags(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        let held = with_tag_of_another(stack.rehearsal.simulator.holds());
        stack.rehearsal.simulator.seed(held).expect("a seed");
        stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        let tags = tags_of(&stack, &id);
        for key in ["another", "cfn:stack-id", "cfn:logical-id", "cfn:request-id", "team", "d"] {
            assert!(tags.iter().any(|tag| tag == key), "{}: {key} in {tags:?}", stack.of.name);
        }
        assert!(!tags.iter().any(|tag| tag == "b"), "{}: {tags:?}", stack.of.name);
    })
    .await;
}

/// Puts a tag beside the ownership tags, wherever there are some.
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
    let held = stack.rehearsal.simulator.holds();
    let tags = find(&held, id).and_then(Value::as_array).cloned().unwrap_or_default();
    tags.iter().filter_map(|tag| tag["Key"].as_str().map(str::to_owned)).collect()
}
