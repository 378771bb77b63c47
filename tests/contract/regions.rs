//! A resource in another region or account is never mistaken for a missing one.

use crate::test_bed::Operations;
use chime_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

fn moved(json: &Value, from: &str, to: &str) -> Value {
    serde_json::from_str(&json.to_string().replace(from, to)).expect("JSON")
}

const FROM: &str = "arn:aws:chime:us-east-1:";

case! {
    async fn an_arn_of_another_region_or_partition_is_rejected_before_any_call(stack) {
        let id = stack.create().await;
        let before = stack.holds();
        for to in ["arn:aws:chime:eu-central-1:", "arn:aws-cn:chime:us-east-1:"] {
            let elsewhere = moved(&json!(id), FROM, to);
            let elsewhere = elsewhere.as_str().expect("an id");
            let properties = moved(&stack.of.properties, FROM, to);
            let mut events = vec![
                stack.resource.delete(elsewhere, &stack.of.properties),
                stack.resource.update(elsewhere, &properties, &stack.of.properties),
            ];
            if properties != stack.of.properties {
                events.push(stack.resource.create(&properties));
                events.push(stack.resource.update(&id, &stack.of.properties, &properties));
            }
            for event in events {
                let failed = stack.fail(&event).await;
                assert_eq!(failed.operations(), Vec::<&str>::new(), "{event}");
                let region = to.split(':').nth(3).unwrap_or_default();
                if event["RequestType"] == "Create" {
                    assert!(failed.reason().contains(&format!("Arn: {to}")), "{}", failed.reason());
                }
                assert!(failed.reason().contains(region) && failed.reason().contains("us-east-1"), "{}", failed.reason());
            }
        }
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn an_update_to_another_region_or_account_is_rolled_back_without_a_call_there(stack) {
        let id = stack.create().await;
        let before = stack.holds();
        for (from, to) in
            [(FROM, "arn:aws:chime:eu-central-1:"), ("chime:us-east-1:123456789012:", "chime:us-east-1:210987654321:")]
        {
            let elsewhere = moved(&stack.of.properties, from, to);
            if elsewhere == stack.of.properties {
                continue;
            }
            // The function's role allows calls in its own region and account only.
            let denied = Fault { about: Some(to.to_owned()), ..Fault::always("*", FaultKind::AccessDenied) };
            stack.inject(denied);
            stack.fail(&stack.resource.update(&id, &stack.of.properties, &elsewhere)).await;
            stack.succeed(&stack.resource.update(&id, &elsewhere, &stack.of.properties)).await;
            assert_eq!(stack.holds(), before, "{to}");
            stack.clear_faults();
        }
    }
}

case! {
    async fn lambda_lex_and_kinesis_arns_must_have_the_app_instances_region_and_account(stack) {
        for (service, from, to) in [
            ("lambda", "lambda:us-east-1:", "lambda:eu-west-1:"),
            ("lambda", "lambda:us-east-1:123456789012", "lambda:us-east-1:210987654321"),
            ("lex", "lex:us-east-1:", "lex:eu-west-1:"),
            ("lex", "lex:us-east-1:123456789012", "lex:us-east-1:210987654321"),
            ("kinesis", "kinesis:us-east-1:", "kinesis:eu-west-1:"),
            ("kinesis", "kinesis:us-east-1:123456789012", "kinesis:us-east-1:210987654321"),
            ("kinesis", "arn:aws:kinesis:", "arn:aws-cn:kinesis:"),
        ] {
            let wrong = moved(&stack.of.properties, from, to);
            if wrong == stack.of.properties {
                continue;
            }
            let failed = stack.fail(&stack.resource.create(&wrong)).await;
            assert_eq!(failed.operations(), Vec::<&str>::new());
            assert!(failed.reason().contains("of the app instance, not"), "{service}: {}", failed.reason());
        }
    }
}
