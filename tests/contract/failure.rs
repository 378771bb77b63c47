//! Wrong templates, and failures that Chime is definite about.

use chime_local::simulator::{Fault, FaultKind};
use serde_json::json;

case! {
    async fn a_wrong_template_is_answered_with_every_problem_and_without_a_call(stack) {
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
        // The rollback brings the invalid ones as the old properties.
        let back = stack.succeed(&stack.resource.update(&id, &wrong, &stack.of.properties)).await;
        assert_eq!(back.id(), id);
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_create_that_chime_refuses_makes_nothing_and_its_rollback_deletes_without_a_call(stack) {
        for kind in [FaultKind::AccessDenied, FaultKind::BadRequest("no".to_owned()), FaultKind::ResourceLimitExceeded] {
            stack.inject(Fault::once(stack.of.create_operation, kind));
            let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
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
    async fn a_reason_of_any_length_fits_and_metadata_is_not_in_it(stack) {
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
