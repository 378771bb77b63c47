//! A function with CloudFormation's response bucket: an event goes in, the answer comes out.

use crate::response_bucket::{Delivery, ResponseBucket};
use crate::runner::Runner;
use loopback_server::lock;
use serde_json::{Value as Json, json};
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// How long the function has for an event, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The calls of a function to a service, which are reported with the answer to an event.
pub trait CallLog<C>: fmt::Debug + Send + Sync {
    /// The calls so far, in the order of arrival.
    fn calls(&self) -> Vec<C>;

    /// Forgets them.
    fn clear(&self);
}

/// For a function without such a service.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCalls;

impl<C> CallLog<C> for NoCalls {
    fn calls(&self) -> Vec<C> {
        Vec::new()
    }

    fn clear(&self) {}
}

/// A function and its surroundings. Everything stops when it is dropped.
#[derive(Debug)]
pub struct TestBed<C> {
    /// CloudFormation's response bucket.
    pub bucket: ResponseBucket,
    runner: Runner,
    call_log: Box<dyn CallLog<C>>,
    timeout: Duration,
    /// How many events the function is handling.
    running: Mutex<usize>,
}

/// An event that the function is handling.
struct Running<'a, C> {
    bed: &'a TestBed<C>,
    /// How many calls and deliveries there were before it.
    calls: usize,
    deliveries: usize,
}

impl<'a, C> Running<'a, C> {
    /// Forgets what is left of earlier events, unless others are running.
    fn start(bed: &'a TestBed<C>) -> Self {
        let mut running = lock(&bed.running);
        bed.forget_unless(*running);
        *running += 1;
        Self { bed, calls: bed.call_log.calls().len(), deliveries: bed.bucket.deliveries().len() }
    }

    /// The calls of all events since the start, and the deliveries to its own path. The last event forgets them.
    fn end(self, path: &str) -> (Vec<C>, Vec<Delivery>) {
        let (calls, deliveries) = (self.bed.call_log.calls(), self.bed.bucket.deliveries());
        let own = deliveries.into_iter().skip(self.deliveries).filter(|delivery| delivery.path == path);
        let share = (calls.into_iter().skip(self.calls).collect(), own.collect());
        self.bed.forget_unless(*lock(&self.bed.running) - 1);
        share
    }
}

impl<C> Drop for Running<'_, C> {
    fn drop(&mut self) {
        *lock(&self.bed.running) -= 1;
    }
}

/// The outcome of an event.
#[derive(Debug, Clone)]
pub struct Outcome<C> {
    /// The answer that CloudFormation got, if it got one.
    pub answer: Option<Json>,
    /// Why the invocation failed, if it did.
    pub failure: Option<String>,
    /// Why the bucket or CloudFormation would reject an answer.
    pub problems: Vec<String>,
    /// The calls in the order of arrival, with those of other events at the same time.
    pub calls: Vec<C>,
}

impl<C> Outcome<C> {
    /// `SUCCESS` or `FAILED`; `unanswered` if no answer reached CloudFormation.
    pub fn status(&self) -> &str {
        self.text("Status").unwrap_or("unanswered")
    }

    /// The physical id in the answer; empty without an answer.
    pub fn id(&self) -> &str {
        self.text("PhysicalResourceId").unwrap_or_default()
    }

    /// The reason in the answer; empty after a success.
    pub fn reason(&self) -> &str {
        self.text("Reason").unwrap_or_default()
    }

    /// The attribute `name` in the answer; empty if there is none.
    pub fn attribute(&self, name: &str) -> &str {
        self.answer.as_ref().and_then(|answer| answer["Data"][name].as_str()).unwrap_or_default()
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.answer.as_ref()?[member].as_str()
    }
}

impl<C> TestBed<C> {
    /// A function whose answers go to `bucket` and whose calls are in `call_log`.
    pub fn new(runner: Runner, bucket: ResponseBucket, call_log: impl CallLog<C> + 'static) -> Self {
        Self { bucket, runner, call_log: Box::new(call_log), timeout: TIMEOUT, running: Mutex::default() }
    }

    /// The same with another timeout.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Delivers an event to the function once, with a ResponseURL of the bucket. Several events may run at the same time, and each gets its
    /// own answer; an event that runs twice at the same time gets the last one so far.
    pub async fn invoke(&self, event: &Json) -> Outcome<C> {
        self.invoke_sent(event, SystemTime::now()).await
    }

    /// The same with an event that was sent at another time. An event that was delivered before keeps its time.
    pub async fn invoke_sent(&self, event: &Json, sent: SystemTime) -> Outcome<C> {
        self.deliver(event, sent, |event| event).await
    }

    /// The same with the event's text rewritten to something that no JSON value can be, such as half a surrogate pair.
    pub async fn invoke_rewritten(&self, event: &Json, rewrite: impl Fn(String) -> String) -> Outcome<C> {
        self.deliver(event, SystemTime::now(), rewrite).await
    }

    /// The same with the event's own ResponseURL, which may lead to the bucket or elsewhere.
    pub async fn invoke_unchanged(&self, event: &Json) -> Outcome<C> {
        let url = event["ResponseURL"].as_str().unwrap_or_default();
        let path = url.splitn(4, '/').nth(3).and_then(|rest| rest.split('?').next()).unwrap_or_default();
        self.run(event, &format!("/{path}"), |event| event).await
    }

    async fn deliver(&self, event: &Json, sent: SystemTime, rewrite: impl Fn(String) -> String) -> Outcome<C> {
        let mut event = event.clone();
        let url = self.bucket.response_url_sent(&event, sent);
        event["ResponseURL"] = json!(url);
        let path = url.strip_prefix(&self.bucket.url()).and_then(|rest| rest.split('?').next()).unwrap_or_default();
        self.run(&event, path, rewrite).await
    }

    /// Runs an event whose answer arrives at `path` of the bucket.
    async fn run(&self, event: &Json, path: &str, rewrite: impl Fn(String) -> String) -> Outcome<C> {
        let running = Running::start(self);
        let result = match &self.runner {
            Runner::Handler { .. } => self.runner.run_text(rewrite(event.to_string()), self.timeout).await,
            Runner::Program(_) => self.runner.run(event, self.timeout).await,
        };
        let (calls, deliveries) = running.end(path);
        let answer = deliveries.iter().rev().find(|delivery| delivery.stored());
        Outcome {
            answer: answer.and_then(Delivery::json),
            failure: result.err(),
            problems: deliveries.iter().flat_map(|delivery| delivery.problems.clone()).collect(),
            calls,
        }
    }

    fn forget_unless(&self, running: usize) {
        if running == 0 {
            self.call_log.clear();
            self.bucket.take_deliveries();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logical_resource::LogicalResource;
    use loopback_server::exchange;
    use std::sync::Arc;

    #[derive(Debug, Clone, Default)]
    struct Calls(Arc<Mutex<Vec<String>>>);

    impl CallLog<String> for Calls {
        fn calls(&self) -> Vec<String> {
            lock(&self.0).clone()
        }

        fn clear(&self) {
            lock(&self.0).clear();
        }
    }

    /// Answers each event with its name as the id, and later for a longer name.
    fn bed(calls: &Calls) -> TestBed<String> {
        let log = calls.clone();
        let runner = Runner::handler("function", move |event| {
            let event: Json = serde_json::from_str(event.payload.get()).unwrap();
            let name = event["ResourceProperties"]["Name"].as_str().unwrap().to_owned();
            lock(&log.0).push(name.clone());
            async move {
                tokio::time::sleep(Duration::from_millis(20 * name.len() as u64)).await;
                if name == "silent" {
                    return Err("no answer".into());
                }
                let mut answer = json!({"Status": "SUCCESS", "PhysicalResourceId": name, "Data": {"Name": name}});
                for echoed in ["StackId", "RequestId", "LogicalResourceId"] {
                    answer[echoed] = event[echoed].clone();
                }
                put(event["ResponseURL"].as_str().unwrap(), &answer.to_string()).await;
                Ok(())
            }
        });
        TestBed::new(runner.unwrap(), ResponseBucket::start(0).unwrap(), calls.clone())
    }

    async fn put(url: &str, body: &str) {
        let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let head =
            format!("PUT /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}", body.len());
        let (address, request) = (address.parse().unwrap(), format!("{head}\r\n\r\n{body}"));
        tokio::task::spawn_blocking(move || exchange(address, &request)).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn events_at_the_same_time_get_their_own_answers() {
        let calls = Calls::default();
        let bed = bed(&calls);
        let resource = LogicalResource::new("Custom::Thing");
        // The first one ends last.
        let events = ["aaa", "bb", "c"].map(|name| resource.create(&json!({"Name": name})));
        let (a, b, c) = tokio::join!(bed.invoke(&events[0]), bed.invoke(&events[1]), bed.invoke(&events[2]));
        for (outcome, event) in [&a, &b, &c].into_iter().zip(&events) {
            assert_eq!(outcome.answer.as_ref().unwrap()["RequestId"], event["RequestId"]);
            assert_eq!(outcome.id(), event["ResourceProperties"]["Name"]);
            assert_eq!((outcome.status(), outcome.attribute("Name")), ("SUCCESS", outcome.id()));
            assert!(outcome.problems.is_empty());
        }
        // The first one sees the calls of all; whether the last one sees those of the others depends on when they begin.
        let mut calls_of_a = a.calls;
        calls_of_a.sort();
        assert_eq!(calls_of_a, ["aaa", "bb", "c"]);
        assert!(c.calls.contains(&"c".to_owned()));
        // The last one forgets everything.
        assert!(calls.calls().is_empty() && bed.bucket.deliveries().is_empty());
        assert_eq!(bed.invoke(&events[0]).await.calls, ["aaa"]);
    }

    #[tokio::test]
    async fn a_missing_answer_is_reported() {
        let bed = bed(&Calls::default());
        let outcome = bed.invoke(&LogicalResource::new("Custom::Thing").create(&json!({"Name": "silent"}))).await;
        assert_eq!((outcome.status(), outcome.id(), outcome.reason()), ("unanswered", "", ""));
        assert_eq!(outcome.failure.as_deref(), Some("no answer"));
    }
}
