//! The function between a simulator of Chime and a response bucket: an event goes in, the answer and the calls to Chime come out.
//!
//! The unit tests in `src`, the tests beside this folder and `chimectl` include this file: the crates that it joins know nothing of
//! each other.

#![allow(dead_code)] // Each test binary uses a part of it.

use chime_messaging_resources::{Function, Settings};
use chime_simulator::{Call, Options, Simulator, TimeScale};
use cloudformation_local::{CallLog, ResponseBucket, Runner, TestBed};
use std::io;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The name under which the function runs.
const FUNCTION_NAME: &str = "chime-messaging-resources";

/// How long the function has for an event, by its own time.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What came of an event, with the calls to Chime.
pub type Outcome = cloudformation_local::Outcome<Call>;

/// What the function finds around it.
#[derive(Debug, Clone, Copy)]
pub struct Environment<'a> {
    /// Where its Chime calls go.
    pub chime_url: &'a str,
    /// The region of the Chime calls.
    pub region: &'a str,
    /// Where answers may go, beside CloudFormation's own buckets.
    pub response_url_hosts: &'a str,
    /// How fast time passes for the function in this process. A built one always goes by the clock.
    pub time_scale: TimeScale,
}

impl<'a> Environment<'a> {
    /// An environment in us-east-1, where time passes as by the clock.
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

/// The simulator's calls, as the test bed asks for them.
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
    /// Starts all of it, with the function in this process, whose time passes as fast as the simulator's.
    ///
    /// # Errors
    /// No port is free, or the seed is not one.
    pub fn start(options: Options) -> io::Result<Self> {
        Self::start_with(None, options)
    }

    /// Starts all of it, with the function as `binary`, or else in this process.
    ///
    /// # Errors
    /// No port is free, the seed is not one, or the binary cannot be run.
    pub fn start_with(binary: Option<&Path>, options: Options) -> io::Result<Self> {
        let (region, time_scale) = (options.region.clone(), options.time_scale);
        let (simulator, bucket) = (Simulator::start(options)?, ResponseBucket::start(0)?);
        let (chime_url, hosts) = (simulator.url(), bucket.host());
        let environment = Environment { region: &region, time_scale, ..Environment::new(&chime_url, &hosts) };
        Ok(Self::around(environment.runner(binary)?, simulator, bucket, time_scale))
    }

    /// A function whose Chime calls go to `simulator` and whose answers go to `bucket`. Where it is in this process, its time passes
    /// as `time_scale` says.
    pub fn around(runner: Runner, simulator: Simulator, bucket: ResponseBucket, time_scale: TimeScale) -> Self {
        let time_scale = if matches!(runner, Runner::Program(_)) { TimeScale::default() } else { time_scale };
        let simulator = Arc::new(simulator);
        let bed = TestBed::new(runner, bucket, SimulatorLog(Arc::clone(&simulator)));
        Self { simulator, bed, time_scale }.with_timeout(TIMEOUT)
    }

    /// The same, with another time for each event, which passes as fast as the function's.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { bed: self.bed.with_timeout(self.time_scale.of(timeout)), ..self }
    }

    /// Without the simulator, which goes on as long as the test bed.
    pub fn into_bed(self) -> TestBed<Call> {
        self.bed
    }
}

/// The names of the calls.
pub trait Operations {
    /// The operations that were called, in order.
    fn operations(&self) -> Vec<&str>;
}

impl Operations for Outcome {
    fn operations(&self) -> Vec<&str> {
        self.calls.iter().map(|call| call.operation.as_str()).collect()
    }
}
