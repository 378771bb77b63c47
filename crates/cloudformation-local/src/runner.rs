//! A function, as a handler in this process or as a built program.

use crate::function_thread::{self, FunctionThread};
use crate::runtime_api::LambdaHost;
use futures_util::FutureExt;
use lambda_runtime::{Config, Context, LambdaEvent};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A function to run.
pub enum Runner {
    /// In this process.
    Handler {
        /// The function's name, which the name of its log group contains.
        function_name: String,
        /// What handles the events.
        thread: FunctionThread,
    },
    /// As a program, with Lambda's Runtime API.
    Program(Box<LambdaHost>),
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handler { function_name, .. } => f.debug_tuple("Handler").field(function_name).finish(),
            Self::Program(host) => f.debug_tuple("Program").field(host).finish(),
        }
    }
}

impl Runner {
    /// A function of this name in this process.
    ///
    /// # Errors
    /// The system starts no thread for it.
    pub fn handler<F>(
        function_name: &str,
        handle: impl Fn(LambdaEvent<Box<RawValue>>) -> F + Send + 'static,
    ) -> io::Result<Self>
    where
        F: Future<Output = function_thread::Outcome> + 'static,
    {
        let thread = FunctionThread::start(Box::new(move |event| handle(event).boxed_local()))?;
        Ok(Self::Handler { function_name: function_name.to_owned(), thread })
    }

    /// A built function, with these environment variables beside Lambda's own.
    ///
    /// # Errors
    /// It cannot be run.
    pub fn program(path: &Path, environment: Vec<(String, String)>) -> io::Result<Self> {
        // A bare name would be looked up in the PATH.
        let path = std::path::absolute(path)?;
        Ok(Self::Program(Box::new(LambdaHost::start(&path, environment)?)))
    }

    /// Delivers an event to the function, which has this time to handle it.
    ///
    /// # Errors
    /// The invocation failed; Lambda would deliver the event again.
    pub async fn run(&self, event: &Json, timeout: Duration) -> Result<(), String> {
        match self {
            Self::Handler { .. } => self.run_text(event.to_string(), timeout).await,
            Self::Program(host) => host.invoke(event, timeout).await.map(drop).map_err(|error| error.to_string()),
        }
    }

    /// Delivers the text of an event to a function in this process.
    ///
    /// # Errors
    /// The invocation failed, the text is not JSON, or the function is a program.
    pub async fn run_text(&self, event: String, timeout: Duration) -> Result<(), String> {
        let Self::Handler { function_name, thread } = self else {
            return Err("a program takes events as JSON values".to_owned());
        };
        let event = RawValue::from_string(event).map_err(|error| error.to_string())?;
        thread.handle(LambdaEvent::new(event, context(function_name, timeout))).await
    }
}

/// The context that Lambda passes with an event that has this timeout.
fn context(function_name: &str, timeout: Duration) -> Context {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() + timeout;
    let mut context = Context::default();
    context.request_id = "local".to_owned();
    context.invoked_function_arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{function_name}");
    context.deadline = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
    context.env_config = Arc::new(Config {
        function_name: function_name.to_owned(),
        log_group: format!("/aws/lambda/{function_name}"),
        log_stream: "local".to_owned(),
        ..Config::default()
    });
    context
}
