//! Delivers the response to CloudFormation.

use crate::settings::TimeScale;
use http::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// The timeout of one attempt. It leaves time for another attempt if the first one hangs.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
const FIRST_DELAY: Duration = Duration::from_millis(100);
const MAX_DELAY: Duration = Duration::from_secs(5);
/// How long before the deadline the last attempt starts.
const LAST_ATTEMPT: Duration = Duration::from_millis(500);

/// Why a response did not reach CloudFormation. Displays without the URL's query.
#[derive(Debug)]
pub enum DeliveryError {
    /// The ResponseURL is not a permitted destination.
    Rejected(String),
    /// No attempt succeeded in time, or one failed permanently. Contains the last failure.
    Failed(String),
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(why) => write!(f, "the ResponseURL was rejected: {why}"),
            Self::Failed(why) => write!(f, "the answer could not be delivered: {why}"),
        }
    }
}

impl std::error::Error for DeliveryError {}

/// Sends the response. Transient failures (connection errors, 408, 429 and 5xx) are retried with growing pauses. The last
/// attempt comes just before the deadline.
///
/// # Errors
/// No attempt succeeded before `deadline`, or one failed permanently. A redirect is a permanent failure: a presigned
/// URL is valid for one host.
pub async fn deliver(
    client: &Client,
    url: &Url,
    body: Vec<u8>,
    deadline: Instant,
    time_scale: TimeScale,
) -> Result<(), DeliveryError> {
    let (mut delay, mut is_last) = (time_scale.of(FIRST_DELAY), false);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let failure = match timeout(left.min(time_scale.of(ATTEMPT_TIMEOUT)), attempt(client, url, body.clone())).await
        {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(AttemptError::Permanent(why))) => return Err(DeliveryError::Failed(why)),
            Ok(Err(AttemptError::Transient(why))) => why,
            Err(_) => "no answer in time".to_owned(),
        };
        // Full jitter, so that functions that fail at the same time do not retry at the same time.
        let pause = delay.mul_f64(fastrand::f64());
        let left = deadline.saturating_duration_since(Instant::now());
        let until_last = left.saturating_sub(time_scale.of(LAST_ATTEMPT));
        if is_last || until_last.is_zero() {
            return Err(DeliveryError::Failed(failure));
        }
        is_last = pause >= until_last;
        tracing::warn!(failure, "the answer was not accepted, trying again");
        sleep(pause.min(until_last)).await;
        delay = (delay * 2).min(time_scale.of(MAX_DELAY));
    }
}

/// A failed attempt.
enum AttemptError {
    Transient(String),
    Permanent(String),
}

async fn attempt(client: &Client, url: &Url, body: Vec<u8>) -> Result<(), AttemptError> {
    // The URL is signed for an empty Content-Type. A body of known length is sent with a Content-Length and without
    // chunked encoding.
    let request = client.put(url.clone()).header(CONTENT_TYPE, HeaderValue::from_static("")).body(body);
    match request.send().await {
        Err(error) => Err(AttemptError::Transient(with_sources(&error.without_url()))),
        Ok(response) => match response.status() {
            status if status.is_success() => Ok(()),
            status @ (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS) => {
                Err(AttemptError::Transient(format!("HTTP status {status}")))
            }
            status if status.is_server_error() => Err(AttemptError::Transient(format!("HTTP status {status}"))),
            status => {
                let why = format!("HTTP status {status}");
                // S3 reports a body that arrived too slowly as a 400.
                // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
                let is_transient =
                    status == StatusCode::BAD_REQUEST && body_contains(response, "<Code>RequestTimeout</Code>").await;
                Err(if is_transient { AttemptError::Transient(why) } else { AttemptError::Permanent(why) })
            }
        },
    }
}

/// An error message with all its sources.
fn with_sources(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Whether the first bytes of a response's body contain `text`.
async fn body_contains(mut response: Response, text: &str) -> bool {
    let mut beginning = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await
        && beginning.len() < 4096
    {
        beginning.extend_from_slice(&chunk);
    }
    String::from_utf8_lossy(&beginning).contains(text)
}
