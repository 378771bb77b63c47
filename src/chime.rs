//! The two Chime APIs as one request sees them: the SDK's clients over the shared HTTP client, and what became of each call.

use crate::error::code;
use crate::http::{NotSent, SdkHttpClient};
use crate::settings::Settings;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
    InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::error::Error as StdError;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Attempts at a call; with the delays below they span about half a minute. The deadline ends them before that if it has to.
const ATTEMPTS: u32 = 20;
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// The clients of both APIs for one request, each made when it is first used.
#[derive(Debug)]
pub struct Chime {
    settings: Arc<Settings>,
    http: SdkHttpClient,
    attempt_timeout: Duration,
    calls: Arc<Calls>,
    identity: OnceLock<aws_sdk_chimesdkidentity::Client>,
    messaging: OnceLock<aws_sdk_chimesdkmessaging::Client>,
}

/// Both SDKs have the same builder under types of their own.
macro_rules! client {
    ($chime:expr, $sdk:ident, $endpoint:expr) => {{
        let chime = $chime;
        let mut config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .http_client(chime.http.clone())
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_initial_backoff(FIRST_DELAY)
                    .with_max_backoff(LONGEST_DELAY),
            )
            // The shared bucket would let the retries of one stack use up those of the next.
            .retry_partition(RetryPartition::custom("request").token_bucket(TokenBucket::unlimited()).build())
            .retry_classifier(Throttling)
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(chime.attempt_timeout).build())
            .interceptor(Watch(Arc::clone(&chime.calls)))
            .region(chime.settings.region.clone().map($sdk::config::Region::new));
        config.set_endpoint_url($endpoint.clone());
        if let Some(credentials) = chime.settings.credentials.clone() {
            config = config.credentials_provider(credentials);
        }
        $sdk::Client::from_conf(config.build())
    }};
}

/// All that a List has, page after page: `list!(request, member of a page)`, a `Result<Vec<_>>`.
///
/// The SDKs' paginators do the same in four times the code, and code is what a cold start loads.
macro_rules! list {
    ($request:expr, $member:ident) => {{
        let request = $request.max_results(50);
        let (mut all, mut next_token) = (Vec::new(), None::<String>);
        loop {
            match request.clone().set_next_token(next_token.take()).send().await {
                Ok(page) => {
                    all.extend(page.$member.unwrap_or_default());
                    next_token = page.next_token.filter(|token| !token.is_empty());
                }
                Err(error) => break Err($crate::error::Error::from(error)),
            }
            if next_token.is_none() {
                break Ok(all);
            }
        }
    }};
}
pub(crate) use list;

impl Chime {
    /// Clients whose every attempt at a call may take `attempt_timeout`.
    pub fn new(settings: Arc<Settings>, http: reqwest::Client, attempt_timeout: Duration) -> Self {
        Self {
            settings,
            http: SdkHttpClient(http),
            attempt_timeout,
            calls: Arc::default(),
            identity: OnceLock::new(),
            messaging: OnceLock::new(),
        }
    }

    /// The client of Chime SDK identity.
    pub fn identity(&self) -> &aws_sdk_chimesdkidentity::Client {
        self.identity.get_or_init(|| client!(self, aws_sdk_chimesdkidentity, self.settings.identity_endpoint))
    }

    /// The client of Chime SDK messaging.
    pub fn messaging(&self) -> &aws_sdk_chimesdkmessaging::Client {
        self.messaging.get_or_init(|| client!(self, aws_sdk_chimesdkmessaging, self.settings.messaging_endpoint))
    }

    /// How many requests were sent, retries among them.
    pub fn calls(&self) -> u32 {
        self.calls.sent.load(Ordering::Relaxed)
    }

    /// Whether a changing call was sent of which nobody knows what became: no answer came, or a failure of Chime's own.
    pub fn is_outcome_unknown(&self) -> bool {
        self.calls.is_pending.load(Ordering::Relaxed) || self.calls.is_lost.load(Ordering::Relaxed)
    }
}

/// What became of the calls.
#[derive(Debug, Default)]
struct Calls {
    sent: AtomicU32,
    /// A changing call is under way. It stays so when the deadline drops the call.
    is_pending: AtomicBool,
    /// A changing call ended without an answer that settles it.
    is_lost: AtomicBool,
}

/// The interceptor that keeps [`Calls`] up to date.
#[derive(Debug)]
struct Watch(Arc<Calls>);

#[dyn_dispatch_hint]
impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.sent.fetch_add(1, Ordering::Relaxed);
        self.0.is_pending.store(context.request().method() != "GET", Ordering::Relaxed);
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A yes settles it only once it has been read; a time-out on Chime's side settles nothing.
        if matches!(context.response().status().as_u16(), 300..=407 | 409..=499) {
            self.0.is_pending.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let was_pending = self.0.is_pending.swap(false, Ordering::Relaxed);
        let failure = context.output_or_error().and_then(|outcome| outcome.err());
        let was_sent = !failure.and_then(|error| error.as_connector_error()).is_some_and(|error| is_not_sent(error));
        if was_pending && was_sent && failure.is_some() {
            self.0.is_lost.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn is_not_sent(error: &(dyn StdError + 'static)) -> bool {
    error.is::<NotSent>() || error.source().is_some_and(is_not_sent)
}

/// Chime's throttling, which the SDK does not retry by itself: neither 429 nor `ThrottledClientException` is on its lists.
#[derive(Debug)]
struct Throttling;

impl ClassifyRetry for Throttling {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let response = context.response();
        let is_throttled = response.is_some_and(|response| {
            response.status().as_u16() == 429
                || !response.status().is_success() && code(response).starts_with("Throttl")
        });
        if is_throttled { RetryAction::throttling_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "Throttling"
    }
}
