//! Delivery of responses to CloudFormation, against a real server.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

#[path = "support/test_bed.rs"]
mod test_bed;

use crate::test_bed::Environment;
use crate::test_bed::{ChimeTestBed, Outcome};
use chime_simulator::{Fault, FaultKind, Options};
use cloudformation_local::LogicalResource;
use cloudformation_local::Reaction;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn event() -> Value {
    LogicalResource::new("Custom::ChimeAppInstance").create(&json!({"Name": "Chat"}))
}

async fn answered_after(reactions: Vec<Reaction>, timeout: Duration) -> (Outcome, usize) {
    let bed = ChimeTestBed::start(Options::default()).expect("it starts").with_timeout(timeout);
    bed.bucket.respond_with(reactions);
    let outcome = bed.invoke(&event()).await;
    let made = bed.simulator.holds().as_array().map_or(0, Vec::len);
    (outcome, made)
}

#[tokio::test]
async fn a_response_is_sent_again_after_a_transient_failure() {
    let transient =
        [Reaction::Status(503), Reaction::Status(500), Reaction::Status(429), Reaction::Status(408), Reaction::Reset];
    for reaction in transient {
        let reactions = vec![reaction.clone(), reaction.clone()];
        let (outcome, made) = answered_after(reactions, Duration::from_secs(10)).await;
        assert_eq!((outcome.status(), &outcome.failure, made), ("SUCCESS", &None, 1), "{reaction:?}");
    }
}

#[tokio::test]
async fn a_hanging_attempt_is_abandoned_and_retried() {
    let (outcome, _) = answered_after(vec![Reaction::Hang(Duration::from_secs(30))], Duration::from_secs(12)).await;
    assert_eq!((outcome.status(), &outcome.failure), ("SUCCESS", &None));
}

#[tokio::test]
async fn a_slow_body_of_a_success_is_not_awaited() {
    let started = Instant::now();
    let dripping = vec![Reaction::Drip(Duration::from_secs(1))];
    let (outcome, _) = answered_after(dripping, Duration::from_secs(12)).await;
    assert_eq!((outcome.status(), &outcome.failure), ("SUCCESS", &None));
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

/// Starts a server that reads a request and sends `head` one byte at a time, with `pause` before each byte. Returns its
/// address and the number of requests so far.
async fn dripping(head: &'static str, pause: Duration) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (host, count) = (listener.local_addr().expect("an address").to_string(), Arc::default());
    let requests: Arc<AtomicUsize> = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            requests.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 8192]).await;
                for byte in head.bytes() {
                    tokio::time::sleep(pause).await;
                    if stream.write_all(&[byte]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (host, count)
}

#[tokio::test]
async fn a_slow_status_line_is_read_until_the_attempt_times_out() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for (pause, is_delivered, requests) in [(20, true, 1), (400, false, 2)] {
        let (host, count) = dripping(HEAD, Duration::from_millis(pause)).await;
        let simulator = chime_simulator::Simulator::start(Options::default()).expect("it starts");
        let runner = Environment::new(&simulator.url(), &host).in_process().expect("it starts");
        let mut event = event();
        event["ResponseURL"] = json!(format!("http://{host}/answer"));
        let (started, timeout) = (Instant::now(), Duration::from_secs(8));
        let outcome = runner.run(&event, timeout).await;
        assert_eq!(outcome.is_ok(), is_delivered, "{outcome:?}");
        assert!(started.elapsed() < timeout, "{:?}", started.elapsed());
        assert_eq!(count.load(Ordering::Relaxed), requests);
    }
}

#[tokio::test]
async fn an_undelivered_response_fails_the_invocation_in_time_and_does_not_reveal_the_url() {
    let redirect = Reaction::Redirect("http://127.0.0.1:9/elsewhere".to_owned());
    let (forbidden, unavailable) = (vec![Reaction::Status(403)], vec![Reaction::Status(503); 99]);
    let hanging = vec![Reaction::Hang(Duration::from_secs(30)); 9];
    for (reactions, why) in
        [(forbidden, "403"), (vec![redirect], "307"), (unavailable, "503"), (hanging, "no answer in time")]
    {
        let started = Instant::now();
        let (outcome, _) = answered_after(reactions, Duration::from_secs(3)).await;
        assert!(started.elapsed() < Duration::from_secs(3), "{why}");
        assert_eq!(outcome.status(), "unanswered");
        let failure = outcome.failure.expect("a failure");
        assert!(failure.contains("the answer could not be delivered") && failure.contains(why), "{failure}");
        assert!(!failure.contains("X-Amz"), "{failure}");
    }
}

#[tokio::test]
async fn the_last_attempt_comes_just_before_the_deadline() {
    let timeout = Duration::from_secs(6);
    let bed = ChimeTestBed::start(Options::default()).expect("it starts").with_timeout(timeout);
    bed.bucket.respond_with(vec![Reaction::Status(503); 999]);
    let available_at_last = async {
        tokio::time::sleep(timeout - Duration::from_millis(1200)).await;
        bed.bucket.respond_with(Vec::new());
    };
    let event = event();
    let (outcome, ()) = tokio::join!(bed.invoke(&event), available_at_last);
    assert_eq!((outcome.status(), &outcome.failure), ("SUCCESS", &None));
}

#[tokio::test]
async fn a_repeated_invocation_creates_one_resource() {
    let bed = ChimeTestBed::start(Options::default()).expect("it starts");
    let event = event();
    bed.bucket.respond_with(vec![Reaction::Status(403)]);
    assert!(bed.invoke(&event).await.failure.is_some());
    assert_eq!(bed.invoke(&event).await.status(), "SUCCESS");
    assert_eq!(bed.simulator.holds().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_event_with_a_foreign_response_url_is_ignored() {
    let bed = ChimeTestBed::start(Options::default()).expect("it starts");
    let stranger = cloudformation_local::ResponseBucket::start(0).expect("it starts");
    let mut event = event();
    event["ResponseURL"] = json!(stranger.response_url(&event));
    let hosts = "127.0.0.1:1";
    let runner = Environment::new(&bed.simulator.url(), hosts).in_process().expect("it starts");
    let failure = runner.run(&event, Duration::from_secs(5)).await.expect_err("rejected");
    assert!(failure.contains("the ResponseURL was rejected"), "{failure}");
    assert!(stranger.deliveries().is_empty());
    assert!(bed.simulator.calls().is_empty());
}

#[tokio::test]
async fn a_response_of_any_length_fits_into_4096_bytes() {
    for length in [3000, 3300, 3400, 3500, 3600, 4096, 10_000] {
        let bed = ChimeTestBed::start(Options::default()).expect("it starts");
        let refusal = FaultKind::BadRequest("é\"".repeat(length / 4));
        bed.simulator.inject(Fault::once("CreateAppInstance", refusal));
        let outcome = bed.invoke(&event()).await;
        assert_eq!((outcome.status(), &outcome.problems), ("FAILED", &Vec::new()), "{length}");
    }
}

#[tokio::test]
async fn an_invalid_event_is_answered_if_it_has_a_response_url() {
    let bed = ChimeTestBed::start(Options::default()).expect("it starts");
    let mut event = event();
    event["RequestType"] = json!("DELETE");
    event["PhysicalResourceId"] = json!("arn:aws:chime:us-east-1:123456789012:app-instance/a");
    let outcome = bed.invoke(&event).await;
    assert_eq!((outcome.status(), outcome.calls.len()), ("FAILED", 0));
    assert!(outcome.reason().contains("not a CloudFormation request"), "{}", outcome.reason());
}

#[tokio::test]
async fn an_unknown_type_is_answered_with_a_suggestion() {
    let bed = ChimeTestBed::start(Options::default()).expect("it starts");
    let resource = LogicalResource::new("Custom::ChimeAppInstnce");
    let failed = bed.invoke(&resource.create(&json!({}))).await;
    assert!(
        failed.reason().starts_with("Custom::ChimeAppInstnce is not a type, did you mean Custom::ChimeAppInstance?"),
        "{}",
        failed.reason()
    );
    for id in [failed.id(), "/aws/lambda/another-provider"] {
        assert_eq!(bed.invoke(&resource.delete(id, &json!({}))).await.status(), "SUCCESS");
    }
    let made_by_somebody = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
    assert_eq!(bed.invoke(&resource.delete(made_by_somebody, &json!({}))).await.status(), "FAILED");
}
