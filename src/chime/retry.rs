//! Which failures pass, so that a call is tried again until time is up.
//!
//! The SDK's standard strategy tries 500, 502, 503, 504 and broken connections again, and knows AWS's usual codes for throttling.
//! Chime's are not among them: neither 429 nor `ThrottledClientException` is on its lists.

use crate::chime::error::code;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// Before the second attempt, at most. Each pause is a random part of its longest, which doubles from one to the next.
pub const FIRST_DELAY: std::time::Duration = std::time::Duration::from_millis(100);

/// The longest pause. Five hundred functions that are throttled together come back at some 170 calls a second. With ten seconds the last of
/// them would sleep on while Chime is idle again; with five, more calls are throttled (`docs/performance.md`).
pub const LONGEST_DELAY: std::time::Duration = std::time::Duration::from_secs(6);

/// Time ends the attempts, not their number: with such pauses, fifteen minutes see some three hundred. It is a small number because the SDK
/// adds up what so many attempts could take, one by one, before each of them.
pub const MOST_ATTEMPTS: u32 = 400;

/// Throttling, a 408, and an answer that is a yes and cannot be read.
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
