//! Deletes: of what is there, of what is gone, and of what never was.

use crate::harness::for_each_type;
use chime_local::simulator::{AppInstanceDelete, Behaviour, DeleteMissing, Fault, FaultKind, Missing};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_delete_leaves_nothing_and_succeeds_again_however_chime_speaks_of_what_is_missing() {
    for delete_missing in [DeleteMissing::NotFound404, DeleteMissing::Forbidden403, DeleteMissing::Success204] {
        for missing in [Missing::NotFound404, Missing::Forbidden403] {
            let behaviour = Behaviour { missing, delete_missing, ..Behaviour::default() };
            for_each_type(&behaviour, |stack| async move {
                let id = stack.create().await;
                let delete = stack.resource.delete(&id, &stack.of.properties);
                let deleted = stack.succeed(&delete).await;
                assert_eq!((deleted.id(), deleted.operations()), (&*id, vec![stack.of.delete_operation]));
                stack.assert_nothing_left();
                stack.succeed(&delete).await;
                stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
                stack.assert_nothing_left();
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_delete_succeeds_when_the_app_instance_is_gone_as_well() {
    for missing in [Missing::NotFound404, Missing::Forbidden403] {
        let delete_missing = match missing {
            Missing::NotFound404 => DeleteMissing::NotFound404,
            Missing::Forbidden403 => DeleteMissing::Forbidden403,
            Missing::BadRequest400 => DeleteMissing::BadRequest400,
            Missing::Unauthorized401 => DeleteMissing::Unauthorized401,
        };
        let behaviour = Behaviour { missing, delete_missing, ..Behaviour::default() };
        for_each_type(&behaviour, |stack| async move {
            let id = stack.create().await;
            let app_instance = id.split('/').take(2).collect::<Vec<_>>().join("/");
            let parent = chime_local::logical_resource::LogicalResource::new("Custom::ChimeAppInstance");
            stack.succeed(&parent.delete(&app_instance, &json!({}))).await;
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_delete_that_is_delivered_again_while_an_app_instance_is_still_being_deleted_succeeds() {
    let behaviour = Behaviour {
        missing: Missing::Forbidden403,
        delete_missing: DeleteMissing::Forbidden403,
        app_instance_delete: AppInstanceDelete::Asynchronous { listed_for: Duration::from_secs(2) },
        ..Behaviour::default()
    };
    for_each_type(&behaviour, |stack| async move {
        let id = stack.create().await;
        let delete = stack.resource.delete(&id, &stack.of.properties);
        stack.succeed(&delete).await;
        stack.succeed(&delete).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_never_created_is_deleted_without_a_call() {
    for_each_type(&Behaviour::default(), |stack| async move {
        for id in ["not-created:00000000-0000-4000-8000-000000000001", "/aws/lambda/another-provider", "x"] {
            for properties in [&stack.of.properties, &json!({"Nonsense": {"Tags": "7"}})] {
                let deleted = stack.succeed(&stack.resource.delete(id, properties)).await;
                assert_eq!((deleted.id(), deleted.operations()), (id, Vec::new()), "{}", stack.of.name);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_delete_with_properties_that_are_invalid_deletes() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let id = stack.create().await;
        stack.succeed(&stack.resource.delete(&id, &json!({"RetentionDays": "never", "Processors": {}}))).await;
        stack.assert_nothing_left();
    })
    .await;
}

#[tokio::test]
async fn a_denial_by_iam_is_a_failure_and_never_taken_for_gone() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let id = stack.create().await;
        let before = stack.holds();
        stack.rehearsal.simulator.inject(Fault::once(stack.of.delete_operation, FaultKind::AccessDenied));
        let delete = stack.resource.delete(&id, &stack.of.properties);
        let denied = stack.fail(&delete).await;
        assert_eq!(denied.id(), id);
        assert!(denied.reason().contains("Allow the action in the role of the function"), "{}", denied.reason());
        assert_eq!(stack.holds(), before);
        stack.succeed(&delete).await;
        stack.assert_nothing_left();
    })
    .await;
}

#[tokio::test]
async fn a_refusal_of_what_still_exists_is_a_failure() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let id = stack.create().await;
        let before = stack.holds();
        stack.rehearsal.simulator.inject(Fault::always(stack.of.delete_operation, FaultKind::Forbidden));
        let refused = stack.fail(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert!(refused.reason().contains("ForbiddenException"), "{}", refused.reason());
        assert_eq!(stack.holds(), before, "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_without_a_second_opinion_is_a_failure_that_tells_both() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let id = stack.create().await;
        let before = stack.holds();
        stack.rehearsal.simulator.inject(Fault::once(stack.of.delete_operation, FaultKind::Forbidden));
        stack.rehearsal.simulator.inject(Fault::always("*", FaultKind::AccessDenied));
        let refused = stack.fail(&stack.resource.delete(&id, &stack.of.properties)).await;
        for part in ["ForbiddenException", "could not be found out", "AccessDeniedException"] {
            assert!(refused.reason().contains(part), "{}", refused.reason());
        }
        stack.rehearsal.simulator.clear_faults();
        assert_eq!(stack.holds(), before, "{}", stack.of.name);
    })
    .await;
}
