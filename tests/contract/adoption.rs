//! Creates that run into existing resources: our own are adopted, and those of others are left alone.

use crate::harness::Stack;
use chime_simulator::{AssociationExists, Behaviour, Fault, FaultKind};
use serde_json::json;

fn user() -> Stack {
    Stack::of("app_instance_user", Behaviour::default())
}

#[tokio::test]
async fn a_user_of_another_stack_is_not_adopted_and_not_deleted() {
    let stack = user();
    let other = stack.resource.of_stack(&format!("{}x", stack.resource.stack_id));
    stack.succeed(&other.create(&stack.of.properties)).await;
    let before = stack.holds();
    let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
    assert!(
        failed.reason().contains("already exists and belongs to another stack: Resource of"),
        "{}",
        failed.reason()
    );
    assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
    stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn a_user_of_no_stack_is_not_adopted_and_not_deleted() {
    let stack = user();
    let mut properties = stack.of.properties.clone();
    properties["AppInstanceUserId"] = json!("seed");
    let before = stack.holds();
    let failed = stack.fail(&stack.resource.create(&properties)).await;
    assert!(failed.reason().contains("already exists, and its tags name no owner"), "{}", failed.reason());
    // Its tags have been read for as long as they may lag behind.
    assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
    stack.succeed(&stack.resource.delete(failed.id(), &properties)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn a_replacement_with_a_foreign_resource_fails_and_leaves_it_alone() {
    let stack = user();
    let id = stack.create().await;
    let before = stack.holds();
    let mut taken = stack.of.properties.clone();
    taken["AppInstanceUserId"] = json!("seed");
    let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &taken)).await;
    assert_eq!(failed.id(), id);
    assert_eq!(stack.holds(), before);
    let back = stack.succeed(&stack.resource.update(&id, &taken, &stack.of.properties)).await;
    assert_eq!((back.id(), stack.holds()), (&*id, before));
}

case! {
    async fn a_resource_of_an_earlier_incarnation_is_adopted_and_updated(stack) {
        let (true, Some(changed)) = (stack.of.supports_handover(), stack.of.changed.clone()) else { return };
        let first = stack.create().await;
        let second = stack.succeed(&stack.resource.create(&changed)).await;
        assert_eq!(second.id(), first);
        // A tag from the earlier incarnation may belong to somebody else by now, and is kept.
        let held: serde_json::Value = serde_json::from_str(&stack.holds().to_string().replace(r#"{"Key":"b","Value":"x"},"#, "")).expect("JSON");
        assert_eq!(held, stack.would_hold(&changed).await);
        stack.succeed(&stack.resource.delete(second.id(), &changed)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn the_rollback_of_a_failed_adoption_undoes_it(stack) {
        let (true, Some(changed)) = (stack.of.supports_handover(), stack.of.changed.clone()) else { return };
        stack.create().await;
        stack.inject(Fault::once("TagResource", FaultKind::AccessDenied));
        let failed = stack.fail(&stack.resource.create(&changed)).await;
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &changed)).await;
        let rest = stack.holds();
        assert!(rest == crate::harness::seed_as_held() || rest == stack.would_hold(&stack.of.properties).await, "{rest}");
    }
}

case! {
    async fn a_conflict_with_an_invisible_resource_leaves_the_create_unfinished(stack) {
        if !stack.of.has_tags() {
            return;
        }
        stack.fail_creates(FaultKind::Conflict);
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        assert!(failed.id().starts_with("unfinished:"), "{}", failed.id());
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

#[tokio::test]
async fn creating_an_existing_admin_succeeds() {
    let stack = Stack::of("app_instance_admin", Behaviour::default());
    let first = stack.create().await;
    let again = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
    assert_eq!((again.id(), again.attribute("AppInstanceAdminName")), (&*first, "Seed"));
}

case! {
    async fn an_existing_resource_is_the_same_if_chime_reports_success(stack) {
        let association_exists = AssociationExists::Success201;
        let stack = stack.with_behaviour(Behaviour { association_exists, ..Behaviour::default() });
        let event = stack.resource.create(&stack.of.properties);
        let (first, again) = (stack.succeed(&event).await, stack.succeed(&event).await);
        assert_eq!(again.id(), first.id());
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
        // If the response is lost, the call is repeated.
        let stack = stack.with_behaviour(Behaviour { association_exists, ..Behaviour::default() });
        stack.inject(Fault::once(stack.of.create_operation, FaultKind::ReplyLost));
        let id = stack.succeed(&stack.resource.create(&stack.of.properties)).await.id().to_owned();
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}
