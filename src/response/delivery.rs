//! The way back to CloudFormation.

use crate::settings::TimeScale;
use http::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long one attempt may take, so that one that hangs leaves time for another.
const ATTEMPT: Duration = Duration::from_secs(5);
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// Why an answer did not reach CloudFormation. Displays without the URL's query.
#[derive(Debug)]
pub enum DeliveryError {
    /// The ResponseURL leads to nobody who may have an answer.
    Refused(String),
    /// Nobody took the answer in time, or somebody said no for good; this is what came of the last attempt.
    Failed(String),
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => write!(f, "the ResponseURL is refused: {why}"),
            Self::Failed(why) => write!(f, "the answer could not be delivered: {why}"),
        }
    }
}

impl std::error::Error for DeliveryError {}

/// Sends the answer, and again with growing pauses after what may pass: a broken connection, 408, 429 and 5xx.
///
/// # Errors
/// Until `deadline` nobody took it, or somebody said no for good. A redirect is a no: a presigned URL is for one host.
pub async fn deliver(
    client: &Client,
    url: &Url,
    body: Vec<u8>,
    deadline: Instant,
    time_scale: TimeScale,
) -> Result<(), DeliveryError> {
    let mut delay = time_scale.of(FIRST_DELAY);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let failure = match timeout(left.min(time_scale.of(ATTEMPT)), attempt(client, url, body.clone())).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(Attempt::Final(why))) => return Err(DeliveryError::Failed(why)),
            Ok(Err(Attempt::Passing(why))) => why,
            Err(_) => "no answer in time".to_owned(),
        };
        // Full jitter: many functions that fail together must not come back together.
        let pause = delay.mul_f64(fastrand::f64());
        if Instant::now() + pause >= deadline {
            return Err(DeliveryError::Failed(failure));
        }
        tracing::warn!(failure, "the answer was not taken, trying again");
        sleep(pause).await;
        delay = (delay * 2).min(time_scale.of(LONGEST_DELAY));
    }
}

/// An attempt that failed.
enum Attempt {
    Passing(String),
    Final(String),
}

async fn attempt(client: &Client, url: &Url, body: Vec<u8>) -> Result<(), Attempt> {
    // The URL is signed for an empty Content-Type. A body of bytes sends its Content-Length, never chunks.
    let request = client.put(url.clone()).header(CONTENT_TYPE, HeaderValue::from_static("")).body(body);
    match request.send().await {
        Err(error) => Err(Attempt::Passing(chain(&error.without_url()))),
        Ok(response) => match response.status() {
            status if status.is_success() => Ok(()),
            status @ (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS) => {
                Err(Attempt::Passing(format!("HTTP status {status}")))
            }
            status if status.is_server_error() => Err(Attempt::Passing(format!("HTTP status {status}"))),
            status => {
                let why = format!("HTTP status {status}");
                // S3 says so, under status 400, of a body that came too slowly for it.
                // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
                let is_passing =
                    status == StatusCode::BAD_REQUEST && says(response, "<Code>RequestTimeout</Code>").await;
                Err(if is_passing { Attempt::Passing(why) } else { Attempt::Final(why) })
            }
        },
    }
}

/// An error with what it came from.
fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Whether the beginning of an answer's body holds `words`.
async fn says(mut response: Response, words: &str) -> bool {
    let mut beginning = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await
        && beginning.len() < 4096
    {
        beginning.extend_from_slice(&chunk);
    }
    String::from_utf8_lossy(&beginning).contains(words)
}
