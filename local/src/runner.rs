//! The function, as the library or as the built binary.

use crate::runtime_api::Host;
use chime_messaging_resources::{Function, Settings, TimeScale};
use lambda_runtime::{Config, Context, LambdaEvent};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The function, with an environment of its own.
#[derive(Debug)]
pub enum Runner {
    /// As the library, in this process.
    Library(Function),
    /// As the built binary, by the Lambda Runtime API.
    Binary(Box<Host>),
}

impl Runner {
    /// The function as `binary`, or else as the library, whose Chime calls go to `chime_url` and whose answers may go to
    /// `response_url_hosts`.
    ///
    /// # Errors
    /// The binary cannot be run.
    pub fn start(binary: Option<&Path>, chime_url: &str, region: &str, response_url_hosts: &str) -> io::Result<Self> {
        Self::start_scaled(binary, chime_url, region, response_url_hosts, TimeScale::default())
    }

    /// The same, with another pace for the library. The binary always goes by the clock.
    ///
    /// # Errors
    /// The binary cannot be run.
    pub fn start_scaled(
        binary: Option<&Path>,
        chime_url: &str,
        region: &str,
        response_url_hosts: &str,
        time_scale: TimeScale,
    ) -> io::Result<Self> {
        let environment = [
            ("AWS_REGION", region),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL", chime_url),
            ("RESPONSE_URL_HOSTS", response_url_hosts),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        match binary {
            // A bare name would be looked for in the PATH.
            Some(binary) => {
                Ok(Self::Binary(Box::new(Host::start(&std::path::absolute(binary)?, environment.to_vec())?)))
            }
            None => {
                let get = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
                Ok(Self::Library(Function::new(Settings { time_scale, ..Settings::of(get) })))
            }
        }
    }

    /// Hands an event to the function.
    ///
    /// # Errors
    /// The invocation failed; Lambda would deliver the event again.
    pub async fn run(&self, event: &Json, timeout: Duration) -> Result<(), String> {
        match self {
            Self::Library(_) => self.run_text(event.to_string(), timeout).await,
            Self::Binary(host) => host.invoke(event, timeout).await.map(drop).map_err(|error| error.to_string()),
        }
    }

    /// Hands the text of an event to the function, which runs as the library.
    ///
    /// # Errors
    /// The invocation failed, the text is no JSON at all, or the function is a binary.
    pub async fn run_text(&self, event: String, timeout: Duration) -> Result<(), String> {
        let Self::Library(function) = self else { return Err("a binary takes whole events".to_owned()) };
        let event = RawValue::from_string(event).map_err(|error| error.to_string())?;
        function.handle(LambdaEvent::new(event, context(timeout))).await.map_err(|error| error.to_string())
    }
}

/// The context that Lambda would give with an event that has to be handled within `timeout`.
fn context(timeout: Duration) -> Context {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() + timeout;
    let mut context = Context::default();
    context.request_id = "local".to_owned();
    context.deadline = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
    context.env_config = Arc::new(Config {
        function_name: "chime-messaging-resources".to_owned(),
        log_group: "/aws/lambda/chime-messaging-resources".to_owned(),
        log_stream: "local".to_owned(),
        ..Config::default()
    });
    context
}
