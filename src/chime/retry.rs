//! Which failures are transient, so that a call is retried until time runs out.
//!
//! The SDK's standard strategy retries 500, 502, 503, 504 and broken connections, and recognizes AWS's usual throttling
//! codes. It recognizes neither 429 nor `ThrottledClientException`, which Chime uses.

use crate::chime::error::code;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// The maximum delay before the second attempt. Each pause is a random fraction of its maximum, and the maximum doubles
/// with every attempt.
pub const FIRST_DELAY: std::time::Duration = std::time::Duration::from_millis(100);

/// The longest delay. Five hundred functions that are throttled together then retry at some 170 calls a second. With
/// ten seconds, the last of them would still sleep when Chime is idle again; with five, more calls are throttled
/// (`docs/performance.md`).
pub const MAX_DELAY: std::time::Duration = std::time::Duration::from_secs(6);

/// The deadline is meant to end the attempts, not this number: with these delays, there are some three hundred attempts
/// in fifteen minutes. The number is small because the SDK adds up the possible delays of all attempts, one by one,
/// before each attempt.
pub const MAX_ATTEMPTS: u32 = 400;

/// Classifies as transient: throttling, a 408, and a success with an unreadable body.
#[derive(Debug)]
pub struct TransientClassifier;

impl ClassifyRetry for TransientClassifier {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        let status = response.status();
        let has_failed = context.output_or_error().is_some_and(|outcome| outcome.is_err());
        if status.as_u16() == 429 || !status.is_success() && code(response).starts_with("Throttl") {
            RetryAction::throttling_error()
        } else if status.as_u16() == 408 || status.is_success() && has_failed {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "TransientClassifier"
    }
}
