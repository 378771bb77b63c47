//! The function between a simulator and a receiver: an event goes in, the answer and the Chime calls come out.

use std::io;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::runner::Runner;
use crate::runtime_api::Host;
use crate::simulator::{Call, Options, Simulator};

/// How long the function has for an event, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What the sample events in `events/` are about: the resources that they name, in the form of a simulator's seed.
///
/// # Errors
/// None, unless the file is damaged.
pub fn samples() -> io::Result<Value> {
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
    timeout: Duration,
}

/// What came of an event.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// The answer that CloudFormation got, if it got one.
    pub answer: Option<Value>,
    /// Why the invocation failed, if it did.
    pub failure: Option<String>,
    /// What the bucket or CloudFormation found wrong with answers.
    pub problems: Vec<String>,
    /// The Chime calls, in the order of arrival.
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
    /// Starts all of it, with the function as the library.
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
        let region = options.region.clone();
        let simulator = Simulator::start(options)?;
        let receiver = Receiver::start(0)?;
        let runner = Runner::start(binary, &simulator.url(), &region, &receiver.host())?;
        Ok(Self { simulator, receiver, runner, timeout: TIMEOUT })
    }

    /// The same, with another time for each event.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Delivers an event to the function once, with a ResponseURL that leads to the receiver.
    pub async fn invoke(&self, event: &Value) -> Rehearsed {
        let mut event = event.clone();
        event["ResponseURL"] = json!(self.receiver.expect(&event));
        self.simulator.take_calls();
        self.receiver.take_deliveries();
        let failure = self.runner.run(event, self.timeout).await.err();
        let deliveries = self.receiver.take_deliveries();
        let answer = deliveries.iter().rev().find(|delivery| delivery.stored());
        Rehearsed {
            answer: answer.and_then(|delivery| delivery.json()),
            failure,
            problems: deliveries.iter().flat_map(|delivery| delivery.problems.clone()).collect(),
            calls: self.simulator.take_calls(),
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
