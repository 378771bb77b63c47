//! The function between a simulator and a receiver: an event goes in, the answer and the Chime calls come out.

use crate::receiver::{Delivery, Receiver};
use crate::runner::Runner;
use crate::runtime_api::Host;
use crate::simulator::{Call, Options, Simulator};
use chime_messaging_resources::TimeScale;
use serde_json::{Value as Json, json};
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// How long the function has for an event, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What the sample events in `events/` are about: the resources that they name, in the form of a simulator's seed.
///
/// # Errors
/// None, unless the file is damaged.
pub fn samples() -> io::Result<Json> {
    serde_json::from_str(include_str!("../seed.json")).map_err(io::Error::other)
}

/// The function with all that it needs around it. Everything stops when it is dropped.
#[derive(Debug)]
pub struct Rehearsal {
    /// The Chime APIs.
    pub simulator: Simulator,
    /// CloudFormation's response bucket.
    pub receiver: Receiver,
    runner: Runner,
    time_scale: TimeScale,
    timeout: Duration,
    /// How many events the function has at present.
    running: Mutex<usize>,
}

/// One event that the function has.
struct Running<'a> {
    rehearsal: &'a Rehearsal,
    /// Where its share of the calls and deliveries begins.
    calls: usize,
    deliveries: usize,
}

impl<'a> Running<'a> {
    /// What is left of earlier events is forgotten, unless others are running.
    fn start(rehearsal: &'a Rehearsal) -> Self {
        let mut running = lock(&rehearsal.running);
        rehearsal.forget_unless(*running);
        *running += 1;
        let (calls, deliveries) = (rehearsal.simulator.calls().len(), rehearsal.receiver.deliveries().len());
        Self { rehearsal, calls, deliveries }
    }

    /// The calls since the start, of all events, and the deliveries at its own path. The last one forgets them.
    fn end(self, path: &str) -> (Vec<Call>, Vec<Delivery>) {
        let (calls, deliveries) = (self.rehearsal.simulator.calls(), self.rehearsal.receiver.deliveries());
        let own = deliveries.into_iter().skip(self.deliveries).filter(|delivery| delivery.path == path);
        let share = (calls.into_iter().skip(self.calls).collect(), own.collect());
        self.rehearsal.forget_unless(*lock(&self.rehearsal.running) - 1);
        share
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *lock(&self.rehearsal.running) -= 1;
    }
}

/// What came of an event.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// The answer that CloudFormation got, if it got one.
    pub answer: Option<Json>,
    /// Why the invocation failed, if it did.
    pub failure: Option<String>,
    /// What the bucket or CloudFormation found wrong with answers.
    pub problems: Vec<String>,
    /// The Chime calls, in the order of arrival; those of other events too that ran at the same time.
    pub calls: Vec<Call>,
}

impl Rehearsed {
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

    /// The operations that were called, in order.
    pub fn operations(&self) -> Vec<&str> {
        self.calls.iter().map(|call| call.operation.as_str()).collect()
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.answer.as_ref()?[member].as_str()
    }
}

impl Rehearsal {
    /// Starts all of it, with the function as the library, at the simulator's pace.
    ///
    /// # Errors
    /// No port is free, or the seed is not one.
    pub fn start(options: Options) -> io::Result<Self> {
        Self::of(None, options)
    }

    /// Starts all of it, with the function as `binary`, or else as the library.
    ///
    /// # Errors
    /// No port is free, the seed is not one, or the binary cannot be run.
    pub fn of(binary: Option<&Path>, options: Options) -> io::Result<Self> {
        let (region, time_scale) = (options.region.clone(), options.time_scale);
        let (simulator, receiver) = (Simulator::start(options)?, Receiver::start(0)?);
        let hosts = receiver.host();
        Self::around(binary, simulator, receiver, &region, &hosts, time_scale)
    }

    /// The function, as `binary` or else as the library, between what has been started already. Answers may go to `response_url_hosts`.
    ///
    /// # Errors
    /// The binary cannot be run.
    pub fn around(
        binary: Option<&Path>,
        simulator: Simulator,
        receiver: Receiver,
        region: &str,
        response_url_hosts: &str,
        time_scale: TimeScale,
    ) -> io::Result<Self> {
        let runner = Runner::start_scaled(binary, &simulator.url(), region, response_url_hosts, time_scale)?;
        let time_scale = if binary.is_some() { TimeScale::default() } else { time_scale };
        Ok(Self { simulator, receiver, runner, time_scale, timeout: TIMEOUT, running: Mutex::default() })
    }

    /// The same, with another time for each event, which passes at the simulator's pace where the function is the
    /// library.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Delivers an event to the function once, with a ResponseURL that leads to the receiver. Several events may run at
    /// the same time, and each gets its own answer; of one event that runs twice at the same time, it is the last so far.
    pub async fn invoke(&self, event: &Json) -> Rehearsed {
        self.invoke_sent(event, SystemTime::now()).await
    }

    /// The same with an event that was sent at another time. An event that was delivered before keeps its first time.
    pub async fn invoke_sent(&self, event: &Json, sent: SystemTime) -> Rehearsed {
        self.deliver(event, sent, |event| event).await
    }

    /// The same with an event as text, once `spell` has made it what no JSON value is, such as one with half a surrogate pair.
    pub async fn invoke_spelled(&self, event: &Json, spell: impl Fn(String) -> String) -> Rehearsed {
        self.deliver(event, SystemTime::now(), spell).await
    }

    /// The same with an event whose own ResponseURL is kept, whether it leads to the receiver or elsewhere.
    pub async fn invoke_as_it_is(&self, event: &Json) -> Rehearsed {
        let url = event["ResponseURL"].as_str().unwrap_or_default();
        let path = url.splitn(4, '/').nth(3).and_then(|rest| rest.split('?').next()).unwrap_or_default();
        self.run(event, &format!("/{path}"), |event| event).await
    }

    async fn deliver(&self, event: &Json, sent: SystemTime, spell: impl Fn(String) -> String) -> Rehearsed {
        let mut event = event.clone();
        let url = self.receiver.expect_sent(&event, sent);
        event["ResponseURL"] = json!(url);
        let path = url.strip_prefix(&self.receiver.url()).and_then(|rest| rest.split('?').next()).unwrap_or_default();
        self.run(&event, path, spell).await
    }

    /// Runs an event whose answer comes to `path` of the receiver.
    async fn run(&self, event: &Json, path: &str, spell: impl Fn(String) -> String) -> Rehearsed {
        let running = Running::start(self);
        let timeout = self.time_scale.of(self.timeout);
        let failure = match &self.runner {
            Runner::Library(_) => self.runner.run_text(spell(event.to_string()), timeout).await.err(),
            Runner::Binary(_) => self.runner.run(event, timeout).await.err(),
        };
        let (calls, deliveries) = running.end(path);
        let answer = deliveries.iter().rev().find(|delivery| delivery.stored());
        Rehearsed {
            answer: answer.and_then(Delivery::json),
            failure,
            problems: deliveries.iter().flat_map(|delivery| delivery.problems.clone()).collect(),
            calls,
        }
    }

    fn forget_unless(&self, running: usize) {
        if running == 0 {
            self.simulator.take_calls();
            self.receiver.take_deliveries();
        }
    }

    /// The function's host, where it runs as a binary.
    pub fn host(&self) -> Option<&Host> {
        match &self.runner {
            Runner::Library(_) => None,
            Runner::Binary(host) => Some(host),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logical_resource::LogicalResource;
    use crate::simulator::{Fault, FaultKind};

    #[tokio::test]
    async fn events_at_the_same_time_get_their_own_answers() {
        let rehearsal = Rehearsal::start(Options::default()).unwrap();
        // Those that begin first end last.
        rehearsal.simulator.inject(Fault::once("*", FaultKind::Delay(Duration::from_millis(200))));
        let instance = LogicalResource::new("Custom::ChimeAppInstance");
        let events: Vec<Json> = ["a", "b", "c"].map(|name| instance.create(&json!({"Name": name}))).into();
        let (a, b, c) =
            tokio::join!(rehearsal.invoke(&events[0]), rehearsal.invoke(&events[1]), rehearsal.invoke(&events[2]));
        for (rehearsed, event) in [&a, &b, &c].into_iter().zip(&events) {
            assert_eq!(rehearsed.answer.as_ref().unwrap()["RequestId"], event["RequestId"]);
            assert!(rehearsed.problems.is_empty());
        }
        assert!(a.id() != b.id() && b.id() != c.id());
        let again = rehearsal.invoke(&events[0]).await;
        assert_eq!(again.id(), a.id());
        assert!(rehearsal.simulator.calls().is_empty());
    }
}
