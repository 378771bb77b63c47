//! Creates, and requests that are delivered more than once.

use crate::harness::{Stack, changing, data};
use crate::test_bed::Operations;
use chime_simulator::{Behaviour, Fault, FaultKind, TokenReplay};
use serde_json::{Value, json};

case! {
    async fn a_create_makes_only_the_needed_calls_and_returns_id_and_attributes(stack) {
        let created = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        assert_eq!(created.operations(), stack.of.create_calls());
        assert!(created.id().starts_with("arn:aws:chime:us-east-1:123456789012:app-instance/"), "{}", created.id());
        assert!(!created.attribute(stack.of.attribute).is_empty());
    }
}

case! {
    async fn the_schema_lists_the_attributes_and_the_create_only_properties(stack) {
        let schemas = chime_messaging_resources::registry::schemas();
        let named = |schema: &&Value| schema["typeName"] == stack.of.resource_type().as_str();
        let schema = schemas.iter().find(named).expect("a schema");
        let created = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        let (data, attributes) = (data(&created), schema["attributes"].as_object().expect("a map"));
        let names: Vec<_> = data.as_object().expect("a map").keys().collect();
        assert_eq!(names, attributes.keys().collect::<Vec<_>>());
        let replacing = schema["createOnlyProperties"].as_array().expect("a list");
        let replaces = |changed: &Value| {
            let differs = |name: &str| changed.get(name) != stack.of.properties.get(name);
            replacing.iter().any(|pointer| differs(pointer.as_str().unwrap_or_default().trim_start_matches("/properties/")))
        };
        assert!(stack.of.replaced.as_ref().is_none_or(replaces));
        assert!(!stack.of.changed.as_ref().is_some_and(replaces));
        assert_eq!(stack.of.replaced.is_none(), replacing.is_empty());
    }
}

case! {
    async fn a_create_delivered_twice_makes_one_resource_however_chime_treats_the_token(stack) {
        for token_replay in [TokenReplay::FirstResult201, TokenReplay::Conflict409] {
            let stack = stack.with_behaviour(Behaviour { token_replay, ..Behaviour::default() });
            let event = stack.resource.create(&stack.of.properties);
            let first = stack.succeed(&event).await;
            let second = stack.succeed(&event).await;
            assert_eq!((first.id(), data(&first)), (second.id(), data(&second)));
            assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
        }
    }
}

case! {
    async fn two_concurrent_deliveries_of_a_create_make_one_resource(stack) {
        let event = stack.resource.create(&stack.of.properties);
        tokio::join!(stack.bed.invoke(&event), stack.bed.invoke(&event));
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
    }
}

case! {
    async fn a_function_that_is_killed_and_runs_again_makes_one_resource(stack) {
        // Each call in turn is the last one of the first delivery.
        for (at, operation) in stack.of.create_calls().into_iter().enumerate() {
            for token_replay in [TokenReplay::FirstResult201, TokenReplay::Conflict409] {
                let stack = stack.with_behaviour(Behaviour { token_replay, ..Behaviour::default() });
                stack.inject(Fault::once(operation, FaultKind::HangAfter));
                let event = stack.resource.create(&stack.of.properties);
                let killed = tokio::time::timeout(std::time::Duration::from_millis(400), stack.bed.invoke(&event));
                assert!(killed.await.is_err(), "{at} {operation}");
                stack.succeed(&event).await;
                assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await, "{operation} {token_replay:?}");
            }
        }
    }
}

case! {
    async fn a_create_from_sns_is_answered(stack) {
        let message = stack.resource.create(&stack.of.properties);
        let created = stack.bed.invoke_rewritten(&message, |text| {
            json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": text}}]}).to_string()
        }).await;
        assert_eq!((created.status(), created.problems.len()), ("SUCCESS", 0), "{}", created.reason());
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
    }
}

case! {
    async fn a_partly_unreadable_event_is_answered(stack) {
        // Only the properties say which members a list contains.
        if stack.of.is_list() {
            return;
        }
        let deep = format!("{}1{}", "[".repeat(127), "]".repeat(127));
        for unreadable in [deep.as_str(), r#""\ud800""#, "1e999"] {
            let mut event = stack.resource.create(&stack.of.properties);
            event["ResourceProperties"]["Name"] = json!("UNREADABLE");
            let spell = |text: String| text.replace("\"UNREADABLE\"", unreadable);
            let failed = stack.bed.invoke_rewritten(&event, spell).await;
            assert_eq!((failed.status(), failed.calls.len()), ("FAILED", 0), "{unreadable}");
            assert!(failed.reason().contains("ResourceProperties cannot be read"), "{}", failed.reason());
            let id = stack.create().await;
            let mut delete = stack.resource.delete(&id, &stack.of.properties);
            delete["ResourceProperties"]["Name"] = json!("UNREADABLE");
            let deleted = stack.bed.invoke_rewritten(&delete, spell).await;
            assert_eq!(deleted.status(), "SUCCESS", "{unreadable}: {}", deleted.reason());
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn a_no_op_update_makes_no_changing_call_and_returns_every_attribute(stack) {
        let created = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        let mut same = stack.of.properties.clone();
        same["ClientRequestToken"] = json!("a-new-one");
        same["ServiceTimeout"] = json!("60");
        let updated = stack.succeed(&stack.resource.update(created.id(), &stack.of.properties, &same)).await;
        assert_eq!(changing(&updated), Vec::<&str>::new());
        assert_eq!((updated.id(), data(&updated)), (created.id(), data(&created)));
        assert_eq!(updated.operations(), stack.of.describe_operation().into_iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn an_invalid_property_does_not_hide_problems_between_properties() {
    let other = "arn:aws:chime:us-east-1:123456789012:app-instance/b";
    let elsewhere = "arn:aws:chime:eu-central-1:123456789012:app-instance/a";
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:f";
    let stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/chime-messaging-s";
    let set = |properties: &mut Value, pointer: &str, value: Value| match properties.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => properties[&pointer[1..]] = value,
    };
    let processor = |order: &str, fallback: &str| json!({"Name": "P", "ExecutionOrder": order, "FallbackAction": fallback, "Configuration": {"Lambda": {"ResourceArn": function}}});
    let configuration = |data: &str| json!({"DataType": data, "ResourceArn": stream});
    for (name, edits, expected) in [
        (
            "channel_membership",
            vec![("/Type", json!("hidden?")), ("/MemberArn", json!(format!("{other}/user/seed")))],
            vec!["Type must be", "MemberArn must belong to "],
        ),
        (
            "channel_flow",
            vec![("/Processors", json!([processor("1", "CONTINUE"), processor("1", "x")]))],
            vec![
                "Processors[1].FallbackAction must be",
                "Processors[1].ExecutionOrder must not repeat 1",
                "Processors[0].Configuration.Lambda.ResourceArn must be in us-east-1",
                "Processors[1].Configuration.Lambda.ResourceArn must be in us-east-1",
            ],
        ),
        (
            "app_instance_bot",
            vec![
                ("/Configuration/Lex/LocaleId", json!("")),
                (
                    "/Configuration/Lex/LexBotAliasArn",
                    json!("arn:aws:lex:eu-west-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID"),
                ),
            ],
            vec!["LocaleId must be", "LexBotAliasArn must be in us-east-1"],
        ),
        (
            "channel",
            vec![("/Name", json!("")), ("/ChimeBearer", json!(format!("{other}/user/chief")))],
            vec!["Name must be", "ChimeBearer must belong to "],
        ),
        (
            "messaging_streaming_configurations",
            vec![(
                "/StreamingConfigurations",
                json!([configuration("Channel"), configuration("x"), configuration("Channel")]),
            )],
            vec![
                "[1].DataType must be",
                "[2].DataType must not repeat Channel",
                "[0].ResourceArn must be in us-east-1",
            ],
        ),
        (
            "channel_ban",
            vec![("/Nonsense", json!("x")), ("/MemberArn", json!(format!("{other}/user/seed")))],
            vec!["Nonsense is not a property", "MemberArn must belong to "],
        ),
        (
            "app_instance_user",
            vec![("/AppInstanceArn", json!(elsewhere)), ("/Nmae", json!("x"))],
            vec!["Nmae is not a property, did you mean Name?", "is in region eu-central-1"],
        ),
        (
            "channel",
            vec![("/ExpirationSettings", json!({"ExpirationDays": "0", "ExpirationCriterion": "LAST_MESSAGE"}))],
            vec!["ExpirationDays must be", "did you mean LAST_MESSAGE_TIMESTAMP?"],
        ),
    ] {
        let stack = Stack::of(name, Behaviour::default());
        let mut properties = stack.of.properties.clone();
        for (pointer, value) in edits {
            set(&mut properties, pointer, value);
        }
        let failed = stack.fail(&stack.resource.create(&properties)).await;
        for part in expected {
            assert!(failed.reason().contains(part), "{part}: {}", failed.reason());
        }
        assert_eq!(failed.calls.len(), 0);
    }
}
