//! Runs a built function as Lambda does: in a process of its own, with the Runtime API of 2018-06-01, one invocation at a time, a
//! deadline, and a new process after a failure.

mod process;
mod runtime_endpoint;

use crate::runtime_api::process::{Process, Vitals};
use crate::runtime_api::runtime_endpoint::{Failure, Invocation};
use loopback_server::lock;
use serde_json::Value as Json;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a process has, as in Lambda, until it asks for its first event.
const INIT: Duration = Duration::from_secs(10);

/// How often is checked whether a process still runs.
const LOOK: Duration = Duration::from_millis(5);

/// Why an invocation has no result.
#[derive(Debug, Clone, PartialEq)]
pub enum InvocationError {
    /// The function reported an error; Lambda would deliver an asynchronous event again.
    Function {
        /// `errorType`.
        kind: String,
        /// `errorMessage`.
        message: String,
    },
    /// The function reported that it cannot start.
    Init {
        /// `errorType`.
        kind: String,
        /// `errorMessage`.
        message: String,
    },
    /// The function did not answer within this time, and was killed.
    TimedOut(Duration),
    /// The process ended by itself.
    Exited {
        /// Its exit status; none if a signal ended it.
        status: Option<i32>,
    },
    /// The process could not be started.
    Start(String),
}

impl std::fmt::Display for InvocationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Function { kind, message } => write!(f, "{kind}: {message}"),
            Self::Init { kind, message } => {
                write!(f, "the function cannot start: {kind}: {message}")
            }
            Self::TimedOut(time) => {
                write!(f, "Task timed out after {:.2} seconds", time.as_secs_f64())
            }
            Self::Exited { status: Some(status) } => {
                write!(f, "the function's process ended with exit status {status}")
            }
            Self::Exited { status: None } => {
                write!(f, "the function's process was ended by a signal")
            }
            Self::Start(why) => write!(f, "the function's process did not start: {why}"),
        }
    }
}

impl std::error::Error for InvocationError {}

/// A function with its process, which is killed when this is dropped.
#[derive(Debug)]
pub struct LambdaHost {
    /// The tool that runs it, with its arguments, if there is one.
    under: Vec<String>,
    binary: PathBuf,
    env: Vec<(String, String)>,
    logs: Arc<Mutex<Vec<String>>>,
    process: tokio::sync::Mutex<Option<Process>>,
    /// Of the running process, or else of the last one.
    vitals: Mutex<Option<Vitals>>,
}

impl LambdaHost {
    /// Starts the binary with the environment of Lambda (dummy credentials, us-east-1, 256 MB), `PATH`, and `env`, which overrides it.
    ///
    /// # Errors
    /// The binary cannot be run, or there is no port or thread left.
    pub fn start(binary: &Path, env: Vec<(String, String)>) -> io::Result<Self> {
        Self::start_under(&[], binary, env)
    }

    /// The same under a tool such as a profiler, by its name and its arguments.
    ///
    /// # Errors
    /// The tool cannot be run, or there is no port or thread left.
    pub fn start_under(under: &[&str], binary: &Path, env: Vec<(String, String)>) -> io::Result<Self> {
        let host = Self {
            under: under.iter().map(|word| (*word).to_owned()).collect(),
            binary: binary.to_owned(),
            env,
            logs: Arc::default(),
            process: tokio::sync::Mutex::new(None),
            vitals: Mutex::new(None),
        };
        if let Ok(mut slot) = host.process.try_lock() {
            *slot = Some(host.spawn()?);
        }
        Ok(host)
    }

    /// Delivers an event to the function and returns its result. As in Lambda, `timeout` begins when the function takes the event, and its
    /// start has 10 seconds of its own. Invocations wait for each other.
    ///
    /// # Errors
    /// There was no result. Except after [`InvocationError::Function`], the next invocation has a new process.
    pub async fn invoke(&self, event: &Json, timeout: Duration) -> Result<Json, InvocationError> {
        let mut slot = self.process.lock().await;
        let mut running = slot.take();
        if running.as_mut().is_some_and(|process| process.exit_status().is_some()) {
            running = None;
        }
        let mut process = match running {
            Some(process) => process,
            None => self.spawn().map_err(|error| InvocationError::Start(error.to_string()))?,
        };
        let result = deliver(&mut process, event, timeout).await;
        match &result {
            Ok(_) | Err(InvocationError::Function { .. }) => *slot = Some(process),
            Err(_) => process.end().await,
        }
        result
    }

    /// The lines that all processes of the function wrote to standard output and standard error. The last lines may arrive a moment after
    /// the result.
    pub fn logs(&self) -> Vec<String> {
        lock(&self.logs).clone()
    }

    /// The peak memory of the running process so far, in KiB (`VmHWM`); none without a process or such a figure.
    pub fn peak_rss_kib(&self) -> Option<u64> {
        lock(&self.vitals).as_ref()?.peak_rss_kib()
    }

    /// The memory of the running process now, in KiB (`VmRSS`).
    pub fn rss_kib(&self) -> Option<u64> {
        lock(&self.vitals).as_ref()?.rss_kib()
    }

    /// The CPU time of the running process so far, of all its threads.
    pub fn cpu_time(&self) -> Option<Duration> {
        lock(&self.vitals).as_ref()?.cpu_time()
    }

    /// From the start of the newest process to its first call of the Runtime API; none before that.
    pub fn init_time(&self) -> Option<Duration> {
        lock(&self.vitals).as_ref()?.init_time()
    }

    /// Waits until the newest process has asked for its first event, and gives [`init_time`](Self::init_time).
    ///
    /// # Errors
    /// It did not do so in time.
    pub async fn initialized(&self, within: Duration) -> Result<Duration, InvocationError> {
        let end = tokio::time::Instant::now() + within;
        loop {
            match self.init_time() {
                Some(time) => return Ok(time),
                None if tokio::time::Instant::now() > end => return Err(InvocationError::TimedOut(within)),
                None => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    }

    /// Ends the process with SIGTERM, so that the tool that runs it can write its results.
    ///
    /// # Errors
    /// There is no process, or it does not end.
    pub async fn terminate(&self) -> io::Result<()> {
        match self.process.lock().await.take() {
            Some(process) => process.terminate().await,
            None => Err(io::Error::new(io::ErrorKind::NotFound, "no process is running")),
        }
    }

    fn spawn(&self) -> io::Result<Process> {
        let process = Process::start(&self.under, &self.binary, &self.env, Arc::clone(&self.logs))?;
        *lock(&self.vitals) = Some(process.vitals());
        Ok(process)
    }
}

async fn deliver(process: &mut Process, event: &Json, timeout: Duration) -> Result<Json, InvocationError> {
    let (taken, mut is_taken) = oneshot::channel();
    let (done, mut is_done) = oneshot::channel();
    let endpoint = Arc::clone(process.endpoint());
    endpoint.submit(Invocation { event: event.clone(), timeout, taken, done });

    let init = tokio::time::Instant::now() + INIT;
    loop {
        tokio::select! {
            biased;
            Ok(()) = &mut is_taken => break,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Some((kind, message)) = endpoint.init_error() {
            return Err(InvocationError::Init { kind, message });
        }
        if let Some(status) = process.exit_status() {
            return Err(InvocationError::Exited { status });
        }
        if tokio::time::Instant::now() > init {
            return Err(InvocationError::TimedOut(INIT));
        }
    }

    let deadline = tokio::time::Instant::now() + timeout;
    loop {
        tokio::select! {
            biased;
            Ok(result) = &mut is_done => return result.map_err(function_error),
            () = tokio::time::sleep_until(deadline) => {
                return Err(InvocationError::TimedOut(timeout));
            }
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Some(status) = process.exit_status() {
            // The answer may have arrived just before the end.
            return match is_done.try_recv() {
                Ok(result) => result.map_err(function_error),
                Err(_) => Err(InvocationError::Exited { status }),
            };
        }
    }
}

fn function_error((kind, message): Failure) -> InvocationError {
    InvocationError::Function { kind, message }
}
