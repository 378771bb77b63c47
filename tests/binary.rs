//! Runs the compiled function through the Lambda Runtime API.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use chime_simulator::{Fault, FaultKind, Options, Simulator};
use cloudformation_local::LogicalResource;
use cloudformation_local::{InvocationError, LambdaHost};
use cloudformation_local::{Reaction, ResponseBucket};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

struct Lambda {
    simulator: Simulator,
    bucket: ResponseBucket,
    host: LambdaHost,
}

const TIMEOUT: Duration = Duration::from_secs(10);

fn lambda(extra: &[(&str, &str)]) -> Lambda {
    let simulator = Simulator::start(Options::default()).expect("it starts");
    let bucket = ResponseBucket::start(0).expect("it starts");
    let mut environment = vec![
        ("AWS_ENDPOINT_URL".to_owned(), simulator.url()),
        ("RESPONSE_URL_HOSTS".to_owned(), bucket.host()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), "a-secret-access-key".to_owned()),
        ("AWS_SESSION_TOKEN".to_owned(), "a-session-token".to_owned()),
    ];
    environment.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let host =
        LambdaHost::start(Path::new(env!("CARGO_BIN_EXE_chime-messaging-resources")), environment).expect("it starts");
    Lambda { simulator, bucket, host }
}

impl Lambda {
    fn event(&self, metadata: &str) -> Value {
        let resource = LogicalResource::new("Custom::ChimeAppInstance");
        let mut event = resource.create(&json!({"Name": "Chat", "Metadata": metadata}));
        event["ResponseURL"] = json!(self.bucket.response_url(&event));
        event
    }

    /// The log line of the last event.
    async fn line(&self) -> Value {
        self.wait_for("a line about the event", |line| line.get("chime_calls").is_some()).await
    }

    /// The last log line with this field and value.
    async fn line_where(&self, name: &str, value: &Value) -> Value {
        self.wait_for(name, |line| line[name] == *value).await
    }

    async fn wait_for(&self, what: &str, matches: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..100 {
            let lines: Vec<Value> =
                self.host.logs().iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
            if let Some(line) = lines.into_iter().rev().find(|line| matches(line)) {
                return line;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no {what}: {:?}", self.host.logs());
    }
}

#[tokio::test]
async fn the_binary_responds_and_logs_one_line_for_each_event() {
    let lambda = lambda(&[]);
    let event = lambda.event("{}");
    assert_eq!(lambda.host.invoke(&event, TIMEOUT).await, Ok(Value::Null));
    assert_eq!(lambda.bucket.answers()[0].answer["Status"], "SUCCESS");
    let line = lambda.line().await;
    for (field, value) in [
        ("level", json!("INFO")),
        ("function_name", json!("chime-messaging-resources")),
        ("cold_start", json!(true)),
        ("stack", event["StackId"].clone()),
        ("logical_resource_id", json!("Resource")),
        ("resource_type", json!("ChimeAppInstance")),
        ("request_type", json!("Create")),
        ("request_id", event["RequestId"].clone()),
        ("status", json!("SUCCESS")),
        ("chime_calls", json!(1)),
        ("throttled_calls", json!(0)),
        ("physical_resource_id", lambda.bucket.answers()[0].answer["PhysicalResourceId"].clone()),
    ] {
        assert_eq!(line[field], value, "{field} in {line}");
    }
    assert!(line["duration_ms"].is_u64(), "{line}");
    let trace = line["xray_trace_id"].as_str().unwrap_or_default();
    assert!(trace.starts_with("1-") && !trace.contains([';', '=']), "{line}");
    let about_event = lambda.host.logs().iter().filter(|line| line.contains("chime_calls")).count();
    assert_eq!(about_event, 1);
}

#[tokio::test]
async fn the_log_lines_have_the_fields_of_the_metric_filters() {
    let lambda = lambda(&[]);
    lambda.host.invoke(&lambda.event("{}"), TIMEOUT).await.expect("an answer");
    let line = lambda.line().await;
    let template = include_str!("../template.yaml");
    let selectors: Vec<_> = template.split("$.").skip(1).filter_map(|rest| rest.split([' ', '\n']).next()).collect();
    assert!(selectors.len() >= 6, "{selectors:?}");
    for selector in selectors {
        assert!(!line[selector].is_null(), "{selector} in {line}");
    }
    // The second event of a process, with two throttled calls.
    lambda.simulator.inject(Fault::once("*", FaultKind::Throttle).times(2));
    lambda.host.invoke(&lambda.event("{}"), TIMEOUT).await.expect("an answer");
    let line = lambda.line_where("throttled_calls", &json!(2)).await;
    assert_eq!((&line["status"], &line["chime_calls"]), (&json!("SUCCESS"), &json!(3)), "{line}");
    assert_eq!(line["cold_start"], json!(false), "{line}");
    // Undelivered responses are counted, whatever their status is.
    lambda.bucket.respond_with(vec![Reaction::Status(403)]);
    lambda.host.invoke(&lambda.event("{}"), TIMEOUT).await.expect_err("undelivered");
    lambda.line_where("status", &json!("UNDELIVERED")).await;
}

#[tokio::test]
async fn no_secret_is_logged_at_any_level() {
    let lambda = lambda(&[("RUST_LOG", "trace"), ("AWS_LAMBDA_LOG_LEVEL", "TRACE"), ("RUST_BACKTRACE", "full")]);
    let event = lambda.event("metadata-nobody-sees");
    let url = event["ResponseURL"].as_str().expect("a URL");
    let signature = url.rsplit("Signature=").next().expect("a signature");
    let echo = format!(
        "Metadata 'metadata-nobody-sees' is odd, as is PUT ?Signature={signature} \
         x-amz-security-token:a-session-token of a-secret-access-key"
    );
    lambda.simulator.inject(Fault::once("*", FaultKind::BadRequest(echo)));
    lambda.bucket.respond_with(vec![Reaction::Status(503)]);
    lambda.host.invoke(&event, TIMEOUT).await.expect("an answer");
    lambda.bucket.respond_with(vec![Reaction::Status(403)]);
    lambda.host.invoke(&event, TIMEOUT).await.expect_err("undelivered");
    lambda.line_where("status", &json!("UNDELIVERED")).await;
    let log = lambda.host.logs().join("\n");
    assert!(log.contains("undelivered") && log.contains("is odd"), "{log}");
    let answers: Vec<_> = lambda.bucket.deliveries().into_iter().map(|delivery| delivery.body).collect();
    assert!(answers.concat().contains("is odd"), "{answers:?}");
    for secret in ["metadata-nobody-sees", "X-Amz-", signature, "a-secret-access-key", "a-session-token"] {
        assert!(!log.contains(secret), "{secret} in {log}");
        assert!(!answers.concat().contains(secret), "{secret} in {answers:?}");
    }
}

#[tokio::test]
async fn a_device_token_is_never_logged_even_if_chime_repeats_it() {
    let lambda = lambda(&[("AWS_LAMBDA_LOG_LEVEL", "TRACE"), ("RUST_LOG", "trace")]);
    let token = "{\"tok\": \"of a device, 0123456789abcdef\"}";
    let repeated = [
        format!("'{token}' is odd"),
        format!("{} is odd", json!(token)),
        format!("near '{}...'", &token[4..24]),
        format!("...{}", &token[18..]),
    ];
    for message in repeated {
        lambda.simulator.inject(Fault::once("*", FaultKind::BadRequest(message)));
        let user = "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/u";
        let properties = json!({"AppInstanceUserArn": user, "Type": "GCM", "Name": "Phone",
            "ResourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a",
            "EndpointAttributes": {"DeviceToken": token, "VoipDeviceToken": token}});
        let mut event = LogicalResource::new("Custom::ChimeAppInstanceUserEndpoint").create(&properties);
        event["ResponseURL"] = json!(lambda.bucket.response_url(&event));
        lambda.host.invoke(&event, TIMEOUT).await.expect("an answer");
    }
    lambda.line().await;
    let log = lambda.host.logs().join("\n");
    let answers: Vec<_> = lambda.bucket.answers().iter().map(|answer| answer.answer.to_string()).collect();
    assert_eq!(answers.len(), 4);
    for part in ["of a device", "0123456789", "89abcdef", "X-Amz-", "a-secret-access-key", "a-session-token"] {
        assert!(!log.contains(part), "{part} in {log}");
        assert!(!answers.concat().contains(part), "{part} in {answers:?}");
    }
}

#[tokio::test]
async fn a_hostile_event_produces_one_valid_log_line() {
    let lambda = lambda(&[("AWS_LAMBDA_LOG_LEVEL", "TRACE")]);
    let forged =
        "x\r\n{\"level\":\"INFO\",\"message\":\"answered\",\"chime_calls\":0}\n\u{1b}[2J\u{1b}[31m\u{9b}31m\u{7}\u{0}";
    let places = ["RequestId", "StackId", "LogicalResourceId", "ResourceType", "PhysicalResourceId", "RequestType"];
    for place in places.iter().map(Some).chain([None]) {
        let before = lambda.host.logs().len();
        let mut event =
            LogicalResource::new("Custom::ChimeAppInstance").create(&json!({forged: forged, "Name": forged}));
        event["PhysicalResourceId"] = json!("arn:aws:chime:us-east-1:123456789012:app-instance/a");
        match place {
            Some(place) => event[*place] = json!(forged),
            // This text comes from Chime.
            None => {
                event["ResourceProperties"] = json!({"Name": "Chat"});
                lambda.simulator.inject(Fault::once("*", FaultKind::BadRequest(forged.to_owned())));
            }
        }
        event["ResponseURL"] = json!(lambda.bucket.response_url(&event));
        lambda.host.invoke(&event, TIMEOUT).await.expect("an answer");
        let about_event = async {
            loop {
                let new = lambda.host.logs().split_off(before);
                if new.iter().any(|line| line.contains("\"duration_ms\"")) {
                    return new;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let lines = tokio::time::timeout(TIMEOUT, about_event).await.expect("a line");
        let read =
            |line: &String| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        let about = lines.iter().map(read).filter(|line| line.get("chime_calls").is_some()).count();
        assert_eq!(about, 1, "{place:?}: {lines:?}");
        assert!(!lines.iter().any(|line| line.contains(char::is_control)), "{place:?}: {lines:?}");
    }
}

#[tokio::test]
async fn an_unanswerable_event_is_logged_briefly_and_without_control_characters() {
    let lambda = lambda(&[]);
    let hostile = format!("x\n\u{1b}[31m\u{9b}31m\u{7f}\u{202e}\u{2028}{}", "y".repeat(1 << 20));
    let event = LogicalResource::new("Custom::ChimeAppInstance").create(&json!({"Name": "Chat"}));
    let mut with_foreign_url = event.clone();
    with_foreign_url["StackId"] = json!(format!("arn:aws:cloudformation:{hostile}:123456789012:stack/chat/uuid"));
    with_foreign_url["ResponseURL"] = json!("https://evil.example/");
    let mut without_url = event.clone();
    without_url["RequestType"] = json!(hostile);
    for event in [with_foreign_url, without_url] {
        let before = lambda.host.logs().len();
        lambda.host.invoke(&event, TIMEOUT).await.expect_err("no answer");
        let lines = lambda.host.logs().split_off(before);
        assert!(!lines.is_empty());
        for line in lines {
            let is_interpreted = |c: char| c.is_control() || ['\u{202e}', '\u{2028}'].contains(&c);
            assert!(!line.contains(is_interpreted) && line.len() < 60_000, "{} bytes: {line:.2000}", line.len());
        }
    }
}

#[tokio::test]
async fn a_function_outside_chimes_regions_says_which_variable_to_set() {
    let bucket = ResponseBucket::start(0).expect("it starts");
    let environment = [("AWS_REGION", "eu-west-1".to_owned()), ("RESPONSE_URL_HOSTS", bucket.host())];
    let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let binary = Path::new(env!("CARGO_BIN_EXE_chime-messaging-resources"));
    let host = LambdaHost::start(binary, environment).expect("it starts");
    let mut event = LogicalResource::new("Custom::ChimeAppInstance").create(&json!({}));
    event["ResponseURL"] = json!(bucket.response_url(&event));
    host.invoke(&event, TIMEOUT).await.expect("an answer");
    let answer = bucket.answers()[0].answer.clone();
    assert_eq!(answer["Status"], "FAILED");
    let reason = answer["Reason"].as_str().expect("a reason");
    assert!(reason.contains("us-east-1 and eu-central-1") && reason.contains("CHIME_REGION"), "{reason}");
}

#[tokio::test]
async fn an_unreadable_certificate_bundle_fails_the_event_and_not_the_startup() {
    let lambda = lambda(&[("AWS_CA_BUNDLE", "/nowhere.pem")]);
    match lambda.host.invoke(&lambda.event("{}"), TIMEOUT).await {
        Err(InvocationError::Function { message, .. }) => assert!(message.contains("/nowhere.pem"), "{message}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_call_that_takes_seven_seconds_is_one_call() {
    let lambda = lambda(&[]);
    lambda.simulator.inject(Fault::once("*", FaultKind::Delay(Duration::from_secs(7))));
    let event = lambda.event("{}");
    assert_eq!(lambda.host.invoke(&event, Duration::from_secs(60)).await, Ok(Value::Null));
    assert_eq!(lambda.bucket.answers()[0].answer["Status"], "SUCCESS");
    assert_eq!(lambda.simulator.calls().len(), 1);
}

#[tokio::test]
async fn many_events_reuse_connections_and_do_not_leak_memory() {
    let lambda = lambda(&[]);
    let mut baseline = 0;
    for number in 0..400 {
        lambda.host.invoke(&lambda.event("{}"), TIMEOUT).await.expect("an answer");
        if number == 100 {
            baseline = lambda.host.rss_kib().expect("a process");
        }
    }
    assert_eq!(lambda.simulator.calls().len(), 400);
    assert_eq!((lambda.simulator.connections(), lambda.bucket.connections()), (1, 1));
    let grown = lambda.host.rss_kib().expect("a process").saturating_sub(baseline);
    assert!(grown <= 300, "{grown} KiB more after 400 events than after 100");
}
