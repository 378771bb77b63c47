//! Wrong templates, and failures that Chime is definite about.

use crate::harness::for_each_type;
use chime_local::simulator::{Behaviour, Fault, FaultKind};
use serde_json::json;

#[tokio::test]
async fn a_wrong_template_is_answered_with_every_problem_and_without_a_call() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let mut wrong = stack.of.properties.clone();
        let properties = wrong.as_object_mut().expect("a map");
        properties.insert("Nonsense".to_owned(), json!("x"));
        let (name, value) = stack.of.properties.as_object().and_then(|map| map.iter().next()).expect("a property");
        properties.remove(name);
        properties.insert(format!("{name}x"), value.clone());
        let create = stack.resource.create(&wrong);
        let failed = stack.fail(&create).await;
        assert_eq!(failed.operations(), Vec::<&str>::new(), "{}", stack.of.name);
        assert_eq!(failed.id(), format!("not-created:{}", create["RequestId"].as_str().expect("an id")));
        assert!(failed.reason().contains("Nonsense is not a property"), "{}", failed.reason());
        assert!(
            failed.reason().contains(&format!("{name}x is not a property, did you mean {name}?")),
            "{}",
            failed.reason()
        );
        let deleted = stack.succeed(&stack.resource.delete(failed.id(), &wrong)).await;
        assert_eq!(deleted.operations(), Vec::<&str>::new());

        let id = stack.create().await;
        let before = stack.holds();
        let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &wrong)).await;
        assert_eq!((failed.id(), failed.operations()), (&*id, Vec::new()), "{}", stack.of.name);
        // The rollback brings the invalid ones as the old properties.
        let back = stack.succeed(&stack.resource.update(&id, &wrong, &stack.of.properties)).await;
        assert_eq!(back.id(), id);
        assert_eq!(stack.holds(), before, "{}", stack.of.name);
    })
    .await;
}

#[tokio::test]
async fn a_create_that_chime_refuses_makes_nothing_and_its_rollback_deletes_without_a_call() {
    for kind in [FaultKind::AccessDenied, FaultKind::BadRequest("no".to_owned()), FaultKind::ResourceLimitExceeded] {
        for_each_type(&Behaviour::default(), |stack| {
            let kind = kind.clone();
            async move {
                stack.rehearsal.simulator.inject(Fault::once(stack.of.create_operation, kind));
                let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
                assert!(failed.id().starts_with("not-created:"), "{}: {}", stack.of.name, failed.id());
                assert!(
                    failed.reason().starts_with(&format!("{} failed: ", stack.of.create_operation)),
                    "{}",
                    failed.reason()
                );
                assert!(failed.reason().contains("AWS request id: "), "{}", failed.reason());
                let deleted = stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
                assert_eq!(deleted.operations(), Vec::<&str>::new());
                stack.assert_nothing_left();
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_reason_of_any_length_fits_and_metadata_is_not_in_it() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let message = format!("'a secret of 1234' \"{}", "€\\".repeat(4000));
        stack.rehearsal.simulator.inject(Fault::once(stack.of.create_operation, FaultKind::BadRequest(message)));
        let mut properties = stack.of.properties.clone();
        if properties.get("Metadata").is_some() {
            properties["Metadata"] = json!("a secret of 1234");
            let failed = stack.fail(&stack.resource.create(&properties)).await;
            assert!(failed.reason().contains("[hidden]") && !failed.reason().contains("1234"), "{}", failed.reason());
        } else {
            stack.fail(&stack.resource.create(&properties)).await;
        }
    })
    .await;
}
