//! The clients of both APIs, for one request.

use crate::chime::call_log::{CallLog, CallObserver};
use crate::chime::retry::{FIRST_DELAY, MAX_ATTEMPTS, MAX_DELAY, TransientClassifier};
use crate::chime::service::Service;
use crate::chime::transport::SdkHttpClient;
use crate::settings::Settings;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::retries::classifiers::SharedRetryClassifier;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The clients of both APIs for one request. Each is created when it is first used. Clones share the log of the calls.
#[derive(Clone, Debug)]
pub struct Chime {
    settings: Arc<Settings>,
    http: SdkHttpClient,
    attempt_timeout: Duration,
    calls: Arc<CallLog>,
    access: Option<Access>,
    identity: OnceLock<aws_sdk_chimesdkidentity::Client>,
    messaging: OnceLock<aws_sdk_chimesdkmessaging::Client>,
}

/// How a program other than the function reaches Chime.
#[derive(Clone, Debug)]
pub struct Access {
    /// Where the credentials come from, instead of the settings.
    pub credentials: SharedCredentialsProvider,
    /// Sees each call before it is sent, and may refuse it.
    pub interceptor: SharedInterceptor,
    /// Says which failures are final, after everything else has classified them.
    pub retry_classifier: SharedRetryClassifier,
}

/// Both SDKs generate the same builder with different types.
macro_rules! client {
    ($chime:expr, $sdk:ident, $endpoint:expr) => {{
        let chime = $chime;
        let mut config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .http_client(chime.http.clone())
            .retry_config(chime.retries())
            // With the shared token bucket, the retries of one stack would use up those of the next.
            .retry_partition(RetryPartition::custom("request").token_bucket(TokenBucket::unlimited()).build())
            .retry_classifier(TransientClassifier)
            // Stalled-stream protection would abort every call that takes more than five seconds. The attempt timeout
            // already limits calls.
            .stalled_stream_protection($sdk::config::StalledStreamProtectionConfig::disabled())
            .timeout_config(chime.timeouts())
            .interceptor(chime.observer(Service::Chime))
            .region(chime.settings.region.clone().map($sdk::config::Region::new));
        config.set_endpoint_url($endpoint.clone());
        if let Some(credentials) = chime.settings.credentials.clone() {
            config = config.credentials_provider(credentials);
        }
        if let Some(access) = chime.access.clone() {
            config = config.credentials_provider(access.credentials).retry_classifier(access.retry_classifier);
            config.push_interceptor(access.interceptor);
        }
        $sdk::Client::from_conf(config.build())
    }};
}

impl Chime {
    /// Clients with `attempt_timeout` for each attempt at a call.
    pub fn new(settings: Arc<Settings>, http: reqwest::Client, attempt_timeout: Duration) -> Self {
        Self {
            settings,
            http: SdkHttpClient(http),
            attempt_timeout,
            calls: Arc::default(),
            access: None,
            identity: OnceLock::new(),
            messaging: OnceLock::new(),
        }
    }

    /// The same clients with other credentials, and with somebody who sees each call.
    #[must_use]
    pub fn with_access(self, access: Access) -> Self {
        Self { access: Some(access), identity: OnceLock::new(), messaging: OnceLock::new(), ..self }
    }

    /// How a program other than the function reaches Chime.
    pub fn access(&self) -> Option<&Access> {
        self.access.as_ref()
    }

    /// The client of Chime SDK identity.
    pub fn identity(&self) -> &aws_sdk_chimesdkidentity::Client {
        self.identity.get_or_init(|| client!(self, aws_sdk_chimesdkidentity, self.settings.identity_endpoint))
    }

    /// The client of Chime SDK messaging.
    pub fn messaging(&self) -> &aws_sdk_chimesdkmessaging::Client {
        self.messaging.get_or_init(|| client!(self, aws_sdk_chimesdkmessaging, self.settings.messaging_endpoint))
    }

    /// The HTTP client of both.
    pub fn http(&self) -> &SdkHttpClient {
        &self.http
    }

    /// An interceptor that records the calls to `service` in [`CallLog`].
    pub fn observer(&self, service: Service) -> CallObserver {
        CallObserver::new(Arc::clone(&self.calls), service)
    }

    /// How transient failures are retried.
    pub fn retries(&self) -> RetryConfig {
        let time_scale = self.settings.time_scale;
        RetryConfig::standard()
            .with_max_attempts(MAX_ATTEMPTS)
            .with_initial_backoff(time_scale.of(FIRST_DELAY))
            .with_max_backoff(time_scale.of(MAX_DELAY))
    }

    /// The timeout of one attempt: a fraction of the request's time.
    pub fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// The attempt timeout in the SDK's form.
    pub fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder().operation_attempt_timeout(self.attempt_timeout).build()
    }

    /// Where the calls go.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The log of the calls.
    pub fn calls(&self) -> &CallLog {
        &self.calls
    }
}
