//! When a thing is gone: every way in which Chime may speak of what is missing, and whoever else may answer in its place.

use crate::harness::{Stack, Watch};
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
    async fn what_is_gone_already_is_deleted_however_chime_speaks_of_it(stack) {
        for delete_missing in [DeleteMissing::Success204, DeleteMissing::Conflict409].into_iter().chain(ALL.map(|(_, delete)| delete)) {
            for missing in ALL.map(|(missing, _)| missing) {
                let stack = stack.anew(Behaviour { missing, delete_missing, ..Behaviour::default() });
                let id = stack.create().await;
                stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
                stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
                stack.assert_nothing_left();
            }
        }
    }
}

case! {
    async fn what_went_with_its_app_instance_is_deleted(stack) {
        for (missing, delete_missing) in ALL {
            let stack = stack.anew(Behaviour { missing, delete_missing, ..Behaviour::default() });
            let id = stack.create().await;
            let app_instance = id.split('/').take(2).collect::<Vec<_>>().join("/");
            let parent = LogicalResource::new("Custom::ChimeAppInstance");
            stack.succeed(&parent.delete(&app_instance, &json!({}))).await;
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        }
    }
}

case! {
    async fn what_went_with_its_app_instance_is_deleted_though_chime_speaks_otherwise_of_what_is_in_none(stack) {
        let deletes = [DeleteMissing::Success204, DeleteMissing::Conflict409].into_iter();
        for delete_missing_parent in deletes.chain(ALL.map(|(_, delete)| delete)) {
            for missing_parent in ALL.map(|(missing, _)| missing) {
                let (missing_parent, delete_missing_parent) = (Some(missing_parent), Some(delete_missing_parent));
                let stack = stack.anew(Behaviour { missing_parent, delete_missing_parent, ..Behaviour::default() });
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
    async fn a_delete_waits_for_an_app_instance_that_is_on_its_way_out(stack) {
        for (missing, delete_missing) in ALL {
            let app_instance_delete = AppInstanceDelete::Asynchronous { listed_for: Duration::from_secs(20) };
            let stack = stack.anew(Behaviour { missing, delete_missing, app_instance_delete, ..Behaviour::default() });
            let id = stack.create().await;
            let delete = stack.resource.delete(&id, &stack.of.properties);
            stack.succeed(&delete).await;
            stack.succeed(&delete).await;
        }
    }
}

case! {
    async fn an_admin_or_setting_whose_bearer_of_the_mark_is_gone_is_deleted(stack) {
        if stack.of.name != "ChimeAppInstanceAdmin" {
            return;
        }
        for (missing, delete_missing) in ALL {
            let stack = stack.anew(Behaviour { missing, delete_missing, ..Behaviour::default() });
            let id = stack.create().await;
            let user = stack.of.properties["AppInstanceAdminArn"].as_str().expect("a user").to_owned();
            let resource = LogicalResource::new("Custom::ChimeAppInstanceUser");
            stack.succeed(&resource.delete(&user, &json!({}))).await;
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        }
    }
}

case! {
    async fn a_proxys_page_is_no_answer_of_chimes(stack) {
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

async fn a_wrong_no_at_first(stack: Stack, kind: FaultKind) {
    let id = stack.create().await;
    // What was made a second ago may only be invisible: the first look says nothing.
    stack.inject(Fault::once("*", kind));
    stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
    stack.assert_nothing_left();
}

case! {
    async fn a_404_of_what_was_made_a_second_ago_is_looked_at_twice(stack) {
        a_wrong_no_at_first(stack, FaultKind::NotFound).await;
    }
}

case! {
    async fn a_401_of_what_is_listed_is_not_gone(stack) {
        a_wrong_no_at_first(stack, FaultKind::Unauthorized).await;
    }
}

case! {
    async fn a_second_opinion_ends_at_its_first_hit_and_a_list_that_leads_to_itself_ends(stack) {
        let behaviour = Behaviour { looping_next_token: true, ..Behaviour::default() };
        stack.behave(behaviour);
        let watch = Watch::start();
        let id = stack.create().await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        let again = stack.send(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert!(watch.seconds() < 60);
        assert!(again.calls.len() < 100, "{}", again.calls.len());
    }
}
