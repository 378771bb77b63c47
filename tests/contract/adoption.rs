//! Meeting what exists already: ours is adopted, another's is left alone.

use crate::harness::{Stack, for_each_type};
use crate::types::types;
use chime_local::logical_resource::LogicalResource;
use chime_local::simulator::{Behaviour, Fault, FaultKind};
use serde_json::json;

fn user() -> Stack {
    let user = types().into_iter().find(|of| of.name == "ChimeAppInstanceUser").expect("the type");
    Stack::start(user, Behaviour::default())
}

#[tokio::test]
async fn a_user_of_another_stack_or_of_none_is_not_adopted_and_not_deleted() {
    let stack = user();
    let other = LogicalResource { stack_id: format!("{}x", stack.resource.stack_id), ..stack.resource.clone() };
    stack.succeed(&other.create(&stack.of.properties)).await;
    let mut of_none = stack.of.properties.clone();
    of_none["AppInstanceUserId"] = json!("seed");
    for properties in [&stack.of.properties, &of_none] {
        let before = stack.holds();
        let failed = stack.fail(&stack.resource.create(properties)).await;
        assert!(
            failed.reason().contains("already exists and belongs to another stack (or to none)"),
            "{}",
            failed.reason()
        );
        assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
        stack.succeed(&stack.resource.delete(failed.id(), properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

#[tokio::test]
async fn a_replacement_by_what_belongs_to_others_fails_and_leaves_it_alone() {
    let stack = user();
    let id = stack.create().await;
    let before = stack.holds();
    let mut taken = stack.of.properties.clone();
    taken["AppInstanceUserId"] = json!("seed");
    let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &taken)).await;
    assert_eq!(failed.id(), id);
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn a_user_of_an_earlier_life_of_the_same_logical_resource_is_adopted_and_brought_to_what_is_wanted() {
    let stack = user();
    let changed = stack.of.changed.clone().expect("a change");
    let first = stack.create().await;
    let second = stack.succeed(&stack.resource.create(&changed)).await;
    assert_eq!(second.id(), first);
    let (held, wanted) = (stack.holds(), stack.would_hold(&changed).await);
    // A tag of the earlier life may be anybody's by now.
    assert_eq!(without_tag(held, "b"), wanted);
}

fn without_tag(mut held: serde_json::Value, key: &str) -> serde_json::Value {
    for user in held[0]["Users"].as_array_mut().expect("users") {
        if let Some(tags) = user.get_mut("Tags").and_then(serde_json::Value::as_array_mut) {
            tags.retain(|tag| tag["Key"] != key);
        }
    }
    held
}

#[tokio::test]
async fn a_conflict_over_what_chime_does_not_show_leaves_the_create_unfinished() {
    for_each_type(&Behaviour::default(), |stack| async move {
        stack.rehearsal.simulator.inject(Fault::always(stack.of.create_operation, FaultKind::Conflict));
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        let is_in_doubt = ["ChimeAppInstance", "ChimeAppInstanceBot", "ChimeChannelFlow"].contains(&stack.of.name);
        let id = if is_in_doubt { "unfinished:" } else { "not-created:" };
        assert!(failed.id().starts_with(id), "{}: {}", stack.of.name, failed.id());
        stack.rehearsal.simulator.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    })
    .await;
}

#[tokio::test]
async fn an_admin_of_before_is_an_admin() {
    let admin = types().into_iter().find(|of| of.name == "ChimeAppInstanceAdmin").expect("the type");
    let stack = Stack::start(admin, Behaviour::default());
    let first = stack.create().await;
    let again = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
    assert_eq!((again.id(), again.attribute("AppInstanceAdminName")), (&*first, "Seed"));
}

#[tokio::test]
async fn the_same_request_twice_at_once_makes_one_thing() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let event = stack.resource.create(&stack.of.properties);
        tokio::join!(stack.rehearsal.invoke(&event), stack.rehearsal.invoke(&event));
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await, "{}", stack.of.name);
    })
    .await;
}
