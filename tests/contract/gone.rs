//! Absence: all ways in which Chime may report a missing resource, and responses that are not from Chime.

use crate::harness::{Stack, Stopwatch};
use chime_simulator::{AppInstanceDelete, Behaviour, DeleteMissing, Fault, FaultKind, Missing};
use cloudformation_local::LogicalResource;
use serde_json::json;
use std::time::Duration;

const ALL: [(Missing, DeleteMissing); 4] = [
    (Missing::NotFound404, DeleteMissing::NotFound404),
    (Missing::Forbidden403, DeleteMissing::Forbidden403),
    (Missing::BadRequest400, DeleteMissing::BadRequest400),
    (Missing::Unauthorized401, DeleteMissing::Unauthorized401),
];

case! {
    async fn deleting_a_missing_resource_succeeds_however_chime_reports_it(stack) {
        for delete_missing in [DeleteMissing::Success204, DeleteMissing::Conflict409].into_iter().chain(ALL.map(|(_, delete)| delete)) {
            for missing in ALL.map(|(missing, _)| missing) {
                let stack = stack.with_behaviour(Behaviour { missing, delete_missing, ..Behaviour::default() });
                let id = stack.create().await;
                stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
                stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
                stack.assert_nothing_left();
            }
        }
    }
}

case! {
    async fn deleting_a_resource_of_a_deleted_app_instance_succeeds(stack) {
        for (missing, delete_missing) in ALL {
            let stack = stack.with_behaviour(Behaviour { missing, delete_missing, ..Behaviour::default() });
            let id = stack.create().await;
            let app_instance = id.split('/').take(2).collect::<Vec<_>>().join("/");
            let parent = LogicalResource::new("Custom::ChimeAppInstance");
            stack.succeed(&parent.delete(&app_instance, &json!({}))).await;
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        }
    }
}

case! {
    async fn deleting_a_resource_of_a_deleted_app_instance_succeeds_however_chime_reports_it(stack) {
        let deletes = [DeleteMissing::Success204, DeleteMissing::Conflict409].into_iter();
        for delete_missing_parent in deletes.chain(ALL.map(|(_, delete)| delete)) {
            for missing_parent in ALL.map(|(missing, _)| missing) {
                let (missing_parent, delete_missing_parent) = (Some(missing_parent), Some(delete_missing_parent));
                let stack = stack.with_behaviour(Behaviour { missing_parent, delete_missing_parent, ..Behaviour::default() });
                let id = stack.create().await;
                let app_instance = id.split('/').take(2).collect::<Vec<_>>().join("/");
                let parent = LogicalResource::new("Custom::ChimeAppInstance");
                stack.succeed(&parent.delete(&app_instance, &json!({}))).await;
                stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            }
        }
    }
}

case! {
    async fn a_delete_waits_for_an_app_instance_that_is_being_deleted(stack) {
        for (missing, delete_missing) in ALL {
            let app_instance_delete = AppInstanceDelete::Asynchronous { listed_for: Duration::from_secs(20) };
            let stack = stack.with_behaviour(Behaviour { missing, delete_missing, app_instance_delete, ..Behaviour::default() });
            let id = stack.create().await;
            let delete = stack.resource.delete(&id, &stack.of.properties);
            stack.succeed(&delete).await;
            stack.succeed(&delete).await;
        }
    }
}

case! {
    async fn an_admin_is_deleted_although_its_marked_user_is_gone(stack) {
        if stack.of.name != "ChimeAppInstanceAdmin" {
            return;
        }
        for (missing, delete_missing) in ALL {
            let stack = stack.with_behaviour(Behaviour { missing, delete_missing, ..Behaviour::default() });
            let id = stack.create().await;
            let user = stack.of.properties["AppInstanceAdminArn"].as_str().expect("a user").to_owned();
            let resource = LogicalResource::new("Custom::ChimeAppInstanceUser");
            stack.succeed(&resource.delete(&user, &json!({}))).await;
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        }
    }
}

case! {
    async fn a_proxys_error_page_is_not_a_chime_response(stack) {
        let id = stack.create().await;
        let before = stack.holds();
        let page = FaultKind::Status { status: 404, content_type: "text/html".into(), body: "<html>no such host</html>".into() };
        stack.inject(Fault::always("*", page));
        let failed = stack.fail(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert!(failed.reason().contains("HTTP status 404 without an error code from Chime"), "{}", failed.reason());
        stack.clear_faults();
        assert_eq!(stack.holds(), before);
    }
}

async fn after_one_false_error(stack: Stack, kind: FaultKind) {
    let id = stack.create().await;
    // A resource that is a second old may just be invisible, so the first check proves nothing.
    stack.inject(Fault::once("*", kind));
    stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
    stack.assert_nothing_left();
}

case! {
    async fn a_404_for_a_recent_resource_is_checked_again(stack) {
        after_one_false_error(stack, FaultKind::NotFound).await;
    }
}

case! {
    async fn a_401_for_a_listed_resource_is_not_absence(stack) {
        after_one_false_error(stack, FaultKind::Unauthorized).await;
    }
}

case! {
    async fn a_list_check_ends_at_the_first_match_or_at_a_repeated_token(stack) {
        let behaviour = Behaviour { looping_next_token: true, ..Behaviour::default() };
        stack.set_behaviour(behaviour);
        let stopwatch = Stopwatch::start();
        let id = stack.create().await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        let again = stack.send(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert!(stopwatch.seconds() < 60);
        assert!(again.calls.len() < 100, "{}", again.calls.len());
    }
}
