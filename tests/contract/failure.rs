//! Invalid templates, and definite failures of Chime.

use crate::test_bed::Operations;
use chime_simulator::{Behaviour, Fault, FaultKind};
use serde_json::json;
use std::time::Duration;

case! {
    async fn an_invalid_template_is_answered_with_every_problem_and_without_a_call(stack) {
        let mut wrong = stack.of.properties.clone();
        let properties = wrong.as_object_mut().expect("a map");
        properties.insert("Nonsense".to_owned(), json!("x"));
        let (name, value) = stack.of.properties.as_object().and_then(|map| map.iter().next()).expect("a property");
        properties.remove(name);
        properties.insert(format!("{name}x"), value.clone());
        let create = stack.resource.create(&wrong);
        let failed = stack.fail(&create).await;
        assert_eq!(failed.operations(), Vec::<&str>::new());
        assert_eq!(failed.id(), format!("not-created:{}", create["RequestId"].as_str().expect("an id")));
        assert!(failed.reason().contains("Nonsense is not a property"), "{}", failed.reason());
        let meant = format!("{name}x is not a property, did you mean {name}?");
        assert!(failed.reason().contains(&meant), "{}", failed.reason());
        let deleted = stack.succeed(&stack.resource.delete(failed.id(), &wrong)).await;
        assert_eq!(deleted.operations(), Vec::<&str>::new());

        let id = stack.create().await;
        let before = stack.holds();
        let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &wrong)).await;
        assert_eq!((failed.id(), failed.operations()), (&*id, Vec::new()));
        // In the rollback, the invalid properties are the old ones.
        let back = stack.succeed(&stack.resource.update(&id, &wrong, &stack.of.properties)).await;
        assert_eq!(back.id(), id);
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_rejected_create_makes_nothing_and_its_rollback_makes_no_call(stack) {
        for kind in [FaultKind::AccessDenied, FaultKind::BadRequest("no".to_owned()), FaultKind::ResourceLimitExceeded] {
            stack.inject(Fault::always(stack.of.create_operation, kind));
            let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
            stack.clear_faults();
            assert!(failed.id().starts_with("not-created:"), "{}", failed.id());
            let operation = format!("{} failed: ", stack.of.create_operation);
            assert!(failed.reason().starts_with(&operation), "{}", failed.reason());
            assert!(failed.reason().contains("AWS request id: "), "{}", failed.reason());
            let deleted = stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
            assert_eq!(deleted.operations(), Vec::<&str>::new());
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn a_reason_of_any_length_fits_and_contains_no_metadata(stack) {
        let message = format!("'a secret of 1234' \"{}", "€\\".repeat(4000));
        stack.inject(Fault::once(stack.of.create_operation, FaultKind::BadRequest(message)));
        let mut properties = stack.of.properties.clone();
        let has_metadata = ["ChimeAppInstance", "ChimeAppInstanceUser", "ChimeAppInstanceBot"].contains(&stack.of.name);
        if has_metadata {
            properties["Metadata"] = json!("a secret of 1234");
        }
        let failed = stack.fail(&stack.resource.create(&properties)).await;
        assert_eq!(failed.reason().contains("[hidden]"), has_metadata, "{}", failed.reason());
        assert_eq!(failed.reason().contains("1234"), !has_metadata, "{}", failed.reason());
    }
}

/// A response from a proxy.
fn page(status: u16) -> FaultKind {
    FaultKind::Status { status, content_type: "text/html".to_owned(), body: "<html></html>".to_owned() }
}

case! {
    async fn an_error_from_a_proxy_leaves_the_outcome_of_a_create_unknown(stack) {
        stack.fail_creates(page(403));
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        assert!(failed.id().starts_with("unfinished:"), "{}", failed.id());
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_response_from_a_proxy_does_not_complete_a_delete(stack) {
        let unknown = FaultKind::Status { status: 404, content_type: "application/json".to_owned(),
            body: r#"{"Code": "UnknownOperationException"}"#.to_owned() };
        let id = stack.create().await;
        let before = stack.holds();
        for (kind, why) in [(page(200), "an HTML page"), (unknown, "UnknownOperationException")] {
            stack.inject(Fault::always(stack.of.delete_operation, kind));
            let failed = stack.fail(&stack.resource.delete(&id, &stack.of.properties)).await;
            assert!(failed.reason().contains(why), "{}", failed.reason());
            assert_eq!(stack.holds(), before);
            stack.clear_faults();
        }
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_recent_resource_is_not_gone_because_a_list_lags(stack) {
        if !(stack.of.has_tags() && stack.of.supports_handover()) {
            return;
        }
        let stack = stack.with_behaviour(Behaviour { list_lag: Duration::from_secs(3), ..Behaviour::default() });
        let id = stack.create().await;
        stack.inject(Fault::once(stack.of.delete_operation, FaultKind::Forbidden).times(2));
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}
