//! The function between a simulator of Chime and a response bucket: an event goes in, the answer and the calls to Chime come out.
//!
//! This file joins three crates that know nothing of each other. The unit tests in `src`, the tests beside this folder, and `chimectl`
//! include it.

#![allow(dead_code)] // Each test binary uses a part of it.

use chime_messaging_resources::{Function, Settings};
use chime_simulator::{Call, Options, Simulator, TimeScale};
use cloudformation_local::{CallLog, ResponseBucket, Runner, TestBed};
use std::io;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The function's name.
const FUNCTION_NAME: &str = "chime-messaging-resources";

/// The function's timeout, in its own time.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The outcome of an event, with the calls to Chime.
pub type Outcome = cloudformation_local::Outcome<Call>;

/// The environment of the function.
#[derive(Debug, Clone, Copy)]
pub struct Environment<'a> {
    /// The address of the Chime APIs.
    pub chime_url: &'a str,
    /// The region of the Chime calls.
    pub region: &'a str,
    /// The hosts that answers may go to, beside CloudFormation's own buckets.
    pub response_url_hosts: &'a str,
    /// How fast time passes for the function in this process. A built function always goes by the clock.
    pub time_scale: TimeScale,
}

impl<'a> Environment<'a> {
    /// An environment in us-east-1 that goes by the clock.
    pub fn new(chime_url: &'a str, response_url_hosts: &'a str) -> Self {
        Self { chime_url, region: "us-east-1", response_url_hosts, time_scale: TimeScale::default() }
    }

    /// The function as `binary`, or else in this process.
    ///
    /// # Errors
    /// The binary cannot be run.
    pub fn runner(&self, binary: Option<&Path>) -> io::Result<Runner> {
        binary.map_or_else(|| self.in_process(), |binary| Runner::program(binary, self.variables().into()))
    }

    /// The function in this process.
    ///
    /// # Errors
    /// The system starts no thread for it.
    pub fn in_process(&self) -> io::Result<Runner> {
        let variables = self.variables();
        let get = |name: &str| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let time_scale = chime_messaging_resources::TimeScale::times(self.time_scale.factor());
        let function = Arc::new(Function::new(Settings { time_scale, ..Settings::of(get) }));
        Runner::handler(FUNCTION_NAME, move |event| {
            let function = Arc::clone(&function);
            async move { function.handle(event).await }
        })
    }

    fn variables(&self) -> [(String, String); 5] {
        [
            ("AWS_REGION", self.region),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL", self.chime_url),
            ("RESPONSE_URL_HOSTS", self.response_url_hosts),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    }
}

/// The simulator's calls, for the test bed.
#[derive(Debug)]
struct SimulatorLog(Arc<Simulator>);

impl CallLog<Call> for SimulatorLog {
    fn calls(&self) -> Vec<Call> {
        self.0.calls()
    }

    fn clear(&self) {
        self.0.take_calls();
    }
}

/// A test bed with a simulator of Chime. Everything stops when it is dropped.
#[derive(Debug)]
pub struct ChimeTestBed {
    /// The Chime APIs.
    pub simulator: Arc<Simulator>,
    bed: TestBed<Call>,
    time_scale: TimeScale,
}

impl Deref for ChimeTestBed {
    type Target = TestBed<Call>;

    fn deref(&self) -> &TestBed<Call> {
        &self.bed
    }
}

impl ChimeTestBed {
    /// Starts everything, with the function in this process. Its time passes as fast as the simulator's.
    ///
    /// # Errors
    /// No port is free, or the seed is invalid.
    pub fn start(options: Options) -> io::Result<Self> {
        Self::start_with(None, options)
    }

    /// Starts everything, with the function as `binary`, or else in this process.
    ///
    /// # Errors
    /// No port is free, the seed is invalid, or the binary cannot be run.
    pub fn start_with(binary: Option<&Path>, options: Options) -> io::Result<Self> {
        let (region, time_scale) = (options.region.clone(), options.time_scale);
        let (simulator, bucket) = (Simulator::start(options)?, ResponseBucket::start(0)?);
        let (chime_url, hosts) = (simulator.url(), bucket.host());
        let environment = Environment { region: &region, time_scale, ..Environment::new(&chime_url, &hosts) };
        Ok(Self::around(environment.runner(binary)?, simulator, bucket, time_scale))
    }

    /// A function whose Chime calls go to `simulator` and whose answers go to `bucket`. `time_scale` applies to a function in this process.
    pub fn around(runner: Runner, simulator: Simulator, bucket: ResponseBucket, time_scale: TimeScale) -> Self {
        let time_scale = if matches!(runner, Runner::Program(_)) { TimeScale::default() } else { time_scale };
        let simulator = Arc::new(simulator);
        let bed = TestBed::new(runner, bucket, SimulatorLog(Arc::clone(&simulator)));
        Self { simulator, bed, time_scale }.with_timeout(TIMEOUT)
    }

    /// The same with another timeout, in the function's time.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { bed: self.bed.with_timeout(self.time_scale.of(timeout)), ..self }
    }

    /// Only the test bed, which keeps the simulator running.
    pub fn into_bed(self) -> TestBed<Call> {
        self.bed
    }
}

/// The operations of an outcome.
pub trait Operations {
    /// The names of the called operations, in order.
    fn operations(&self) -> Vec<&str>;
}

impl Operations for Outcome {
    fn operations(&self) -> Vec<&str> {
        self.calls.iter().map(|call| call.operation.as_str()).collect()
    }
}
