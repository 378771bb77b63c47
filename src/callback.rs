//! The way back to CloudFormation: to whom an answer may go, and how it gets there.

use crate::request::{ResponseUrl, StackId};
use http::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, StatusCode, Url};
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long one attempt may take. S3 answers in some ten milliseconds.
const ATTEMPT: Duration = Duration::from_secs(5);
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// Why an answer did not reach CloudFormation. Displays without the URL's query.
#[derive(Debug)]
pub enum Undelivered {
    /// The ResponseURL leads to nobody who may have an answer.
    Refused(String),
    /// Nobody took the answer in time; this is what came of the last attempt.
    Failed(String),
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => write!(f, "the ResponseURL is refused: {why}"),
            Self::Failed(why) => write!(f, "the answer could not be delivered: {why}"),
        }
    }
}

impl std::error::Error for Undelivered {}

/// The URL that the answer to a request of `stack` goes to, if it leads to CloudFormation's response bucket for the stack's
/// region, over https; or to one of `hosts`, over http as well.
///
/// The host must be the bucket's to the letter. A prefix would not do, for anybody can own a bucket whose name only begins so.
///
/// # Errors
/// It leads elsewhere.
pub fn destination(url: &ResponseUrl, stack: &StackId, hosts: &[String]) -> Result<Url, Undelivered> {
    let refused = |why: String| Err(Undelivered::Refused(why));
    let Ok(url) = Url::parse(url.expose()) else {
        return refused("it is not a URL".to_owned());
    };
    let host = url.host_str().unwrap_or_default();
    let host_and_port = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let has_user = !url.username().is_empty() || url.password().is_some();
    if ["http", "https"].contains(&url.scheme()) && !has_user {
        if hosts.iter().any(|allowed| *allowed == host || *allowed == host_and_port) {
            return Ok(url);
        }
        if url.scheme() == "https" && url.port().is_none() && buckets(stack).iter().any(|bucket| bucket == host) {
            return Ok(url);
        }
    }
    refused(format!(
        "{}://{host_and_port} is not a response bucket of CloudFormation for region {} (for local use, name the host in \
         RESPONSE_URL_HOSTS)",
        url.scheme(),
        stack.region()
    ))
}

/// The hosts of CloudFormation's response bucket for a stack's region. Each form has been seen in real events.
fn buckets(stack: &StackId) -> Vec<String> {
    let region = stack.region();
    let suffix = match stack.partition() {
        "aws-cn" => "amazonaws.com.cn",
        "aws" | "aws-us-gov" => "amazonaws.com",
        _ => return Vec::new(),
    };
    let is_region = !region.is_empty() && region.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    if !is_region {
        return Vec::new();
    }
    let bucket = format!("cloudformation-custom-resource-response-{}", region.replace('-', ""));
    let mut hosts = vec![format!("{bucket}.s3.{region}.{suffix}"), format!("{bucket}.s3-{region}.{suffix}")];
    if region == "us-east-1" {
        hosts.push(format!("{bucket}.s3.{suffix}"));
    }
    hosts
}

/// Sends the answer, and again with growing pauses after what may pass: a broken connection, 408, 429 and 5xx.
///
/// # Errors
/// Until `deadline` nobody took it, or somebody said no for good. A redirect is a no: a presigned URL is for one host.
pub async fn deliver(client: &Client, url: &Url, body: Vec<u8>, deadline: Instant) -> Result<(), Undelivered> {
    let mut delay = FIRST_DELAY;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let failure = match timeout(left.min(ATTEMPT), attempt(client, url, body.clone())).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(Attempt::Final(why))) => return Err(Undelivered::Failed(why)),
            Ok(Err(Attempt::Passing(why))) => why,
            Err(_) => "no answer in time".to_owned(),
        };
        // Full jitter: many functions that fail together must not come back together.
        let pause = delay.mul_f64(fastrand::f64());
        if Instant::now() + pause >= deadline {
            return Err(Undelivered::Failed(failure));
        }
        tracing::warn!(failure, "the answer was not taken, trying again");
        sleep(pause).await;
        delay = (delay * 2).min(LONGEST_DELAY);
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
            status => Err(Attempt::Final(format!("HTTP status {status}"))),
        },
    }
}

/// An error with what it came from.
fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "cloudformation-custom-resource-response-";

    fn is_allowed(url: &str, region: &str, partition: &str) -> bool {
        let stack = StackId::new(format!("arn:{partition}:cloudformation:{region}:123456789012:stack/chat/uuid"));
        destination(&ResponseUrl::new(url), &stack, &["127.0.0.1:8080".to_owned(), "localhost".to_owned()]).is_ok()
    }

    #[test]
    fn the_buckets_of_the_stacks_own_region_are_allowed_in_each_form_that_was_seen() {
        for (host, region, partition) in [
            ("useast1.s3.us-east-1.amazonaws.com", "us-east-1", "aws"),
            ("useast1.s3-us-east-1.amazonaws.com", "us-east-1", "aws"),
            ("useast1.s3.amazonaws.com", "us-east-1", "aws"),
            ("eucentral1.s3.eu-central-1.amazonaws.com", "eu-central-1", "aws"),
            ("usgovwest1.s3-us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov"),
            ("cnnorth1.s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn"),
        ] {
            assert!(is_allowed(&format!("https://{BUCKET}{host}/x?X-Amz-Signature=s"), region, partition), "{host}");
        }
    }

    #[test]
    fn nobody_else_is_allowed() {
        for url in [
            "https://cloudformation-custom-resource-response-eucentral1.s3.us-east-1.amazonaws.com/",
            "https://cloudformation-custom-resource-response-eucentral1.s3.amazonaws.com/",
            "https://cloudformation-custom-resource-response-eucentral1x.s3.eu-central-1.amazonaws.com/",
            "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com.evil.example/",
            "https://evil.example/cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com",
            "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com:8443/",
            "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com@evil.example/",
            "https://user@cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com/",
            "http://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com/",
            "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com.cn/",
            "http://127.0.0.1:8081/",
            "ftp://localhost/",
            "nonsense",
        ] {
            assert!(!is_allowed(url, "eu-central-1", "aws"), "{url}");
        }
    }

    #[test]
    fn hosts_of_the_settings_are_allowed_over_plain_http() {
        assert!(is_allowed("http://127.0.0.1:8080/x", "eu-central-1", "aws"));
        assert!(is_allowed("http://localhost:1234/x", "eu-central-1", "aws"));
    }

    #[test]
    fn a_refusal_names_the_host_and_not_the_query() {
        let stack = StackId::new("arn:aws:cloudformation:eu-west-1:1:stack/a/b");
        let url = ResponseUrl::new("https://evil.example/x?X-Amz-Signature=secret");
        let refusal = destination(&url, &stack, &[]).expect_err("refused").to_string();
        assert!(refusal.contains("https://evil.example") && refusal.contains("eu-west-1"), "{refusal}");
        assert!(!refusal.contains("secret"), "{refusal}");
    }
}
