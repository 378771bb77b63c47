//! Where answers to CloudFormation go: a stand-in for the bucket behind the presigned ResponseURL,
//! and for CloudFormation that reads what arrives.
//!
//! What the bucket would refuse (another method, a Content-Type, no Content-Length, a wrong
//! signature) is answered as the bucket answers. What only CloudFormation would refuse (too long, not
//! JSON, ids that do not match) is answered 200, as in AWS, and told in [`Delivery::problems`]:
//! there the stack would fail, or wait for its time-out.

mod check;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use loopback_server::{Handler, Outcome, Reply, Request, Server, header, lock};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// What stands as it is in the path of a real ResponseURL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// One request to the bucket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivery {
    /// Whose answer it is: as registered, otherwise as the body says.
    pub request_id: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// In the order of arrival, with names in small letters.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: String,
    /// The body as JSON; null where it is none.
    pub answer: Json,
    /// All that the bucket, or CloudFormation, would not take; empty where all is well.
    pub problems: Vec<String>,
    /// The status that it was answered with, or taken with where the answer was lost; none where it got no answer.
    pub answered_status: Option<u16>,
}

impl Delivery {
    /// Whether the bucket took it, and CloudFormation would too.
    pub fn accepted(&self) -> bool {
        self.stored() && self.problems.is_empty()
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<Json> {
        (!self.answer.is_null()).then(|| self.answer.clone())
    }

    /// Whether the bucket took it.
    pub fn stored(&self) -> bool {
        self.answered_status.is_some_and(|status| status < 300)
    }
}

/// What the bucket does with a request in place of taking it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reaction {
    /// Answers with this status.
    Status(u16),
    /// Answers 307 with this address.
    Redirect(String),
    /// Keeps silent for so long, then closes the connection.
    Hang(Duration),
    /// Resets the connection.
    Reset,
    /// Takes it, and resets the connection before anybody hears of that.
    Lost,
    /// Takes it and says so, in an answer whose body comes a byte at a time with such pauses.
    Drip(Duration),
}

/// What an answer has to echo, and the query of its URL.
#[derive(Debug, Clone)]
struct Expected {
    query: String,
    event: Json,
}

#[derive(Debug)]
struct Shared {
    expected: Mutex<BTreeMap<String, Expected>>,
    reactions: Mutex<VecDeque<Reaction>>,
    /// Those to the answers of one event, by their path.
    reactions_to: Mutex<BTreeMap<String, VecDeque<Reaction>>>,
    deliveries: Mutex<Vec<Delivery>>,
    news: watch::Sender<usize>,
}

/// A running bucket; it stops when dropped.
#[derive(Debug)]
pub struct ResponseBucket {
    shared: Arc<Shared>,
    server: Server,
}

impl ResponseBucket {
    /// Starts one on 127.0.0.1, on a free port where `port` is 0.
    ///
    /// # Errors
    /// The port is taken.
    pub fn start(port: u16) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            expected: Mutex::default(),
            reactions: Mutex::default(),
            reactions_to: Mutex::default(),
            deliveries: Mutex::default(),
            news: watch::Sender::new(0),
        });
        let server = Server::start(port, Arc::clone(&shared))?;
        Ok(Self { shared, server })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// `127.0.0.1:PORT`, as in the function's `RESPONSE_URL_HOSTS`.
    pub fn host(&self) -> String {
        self.server.address().to_string()
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Registers the event, by its StackId, RequestId and LogicalResourceId, and gives the ResponseURL
    /// to put into it: that of an event which is sent now. The same event gets the same URL again.
    pub fn expect(&self, event: &Json) -> String {
        self.expect_sent(event, SystemTime::now())
    }

    /// The same for an event that was sent at another time, which its URL tells.
    pub fn expect_sent(&self, event: &Json, sent: SystemTime) -> String {
        let id = |name: &str| event[name].as_str().unwrap_or_default();
        let key = format!("{}|{}|{}", id("StackId"), id("LogicalResourceId"), id("RequestId"));
        let path = format!("/{}", utf8_percent_encode(&key, PLAIN));
        let mut expected = lock(&self.shared.expected);
        let known =
            expected.entry(path.clone()).or_insert_with(|| Expected { query: presigned(sent), event: event.clone() });
        format!("{}{path}?{}", self.url(), known.query)
    }

    /// The next requests meet these reactions, in order; those after them are taken.
    pub fn respond_with(&self, reactions: Vec<Reaction>) {
        *lock(&self.shared.reactions) = reactions.into();
    }

    /// The next answers to the event behind `url`, as [`expect`](Self::expect) gave it, meet these reactions, in order.
    pub fn respond_to(&self, url: &str, reactions: Vec<Reaction>) {
        let path = url.strip_prefix(&self.url()).and_then(|rest| rest.split('?').next()).unwrap_or_default();
        lock(&self.shared.reactions_to).insert(path.to_owned(), reactions.into());
    }

    /// Every request so far, in the order of arrival: what was taken, and what was not.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.shared.deliveries).clone()
    }

    /// The answers that CloudFormation would act on, in the order of arrival.
    pub fn answers(&self) -> Vec<Delivery> {
        self.deliveries().into_iter().filter(Delivery::accepted).collect()
    }

    /// The requests so far; there are none afterwards. What is expected stays expected.
    pub fn take_deliveries(&self) -> Vec<Delivery> {
        std::mem::take(&mut *lock(&self.shared.deliveries))
    }

    /// The first delivery for this request that the bucket took, with or without problems; none if
    /// there is none in time.
    pub async fn wait_for(&self, request_id: &str, timeout: Duration) -> Option<Delivery> {
        let mut news = self.shared.news.subscribe();
        let arrived = async {
            loop {
                let found = self
                    .deliveries()
                    .into_iter()
                    .find(|delivery| delivery.stored() && delivery.request_id.as_deref() == Some(request_id));
                if found.is_some() || news.changed().await.is_err() {
                    return found;
                }
            }
        };
        tokio::time::timeout(timeout, arrived).await.ok().flatten()
    }
}

/// The query of a URL as CloudFormation signs it at this time: for two hours, and with the host as the
/// only signed header.
fn presigned(at: SystemTime) -> String {
    let seconds = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or_default());
    // As ISO 8601 has it, without the marks in between.
    let time = time.fmt(Format::DateTime).unwrap_or_default().replace(['-', ':'], "");
    let date = &time[..8];
    let signature = format!("{:032x}{:032x}", fastrand::u128(..), fastrand::u128(..));
    format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={time}&X-Amz-SignedHeaders=host\
         &X-Amz-Expires=7200&X-Amz-Credential=AKIDEXAMPLE%2F{date}%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Signature={signature}"
    )
}

impl Handler for Shared {
    async fn handle(self: Arc<Self>, request: Request) -> Outcome {
        let expected = lock(&self.expected).get(&request.path).cloned();
        let refusal = check::refusal(&request, expected.as_ref().map(|e| e.query.as_str()));
        let mut problems: Vec<String> = refusal.iter().map(|(_, why)| why.clone()).collect();
        problems.extend(check::content(&request.body, expected.as_ref().map(|e| &e.event)));
        let answer: Json = serde_json::from_slice(&request.body).unwrap_or_default();

        let status = refusal.map_or(200, |(status, _)| status);
        let own = lock(&self.reactions_to).get_mut(&request.path).and_then(VecDeque::pop_front);
        let reaction = own.or_else(|| lock(&self.reactions).pop_front());
        let (answered_status, outcome) = match reaction {
            None => (Some(status), Outcome::Reply(Reply::empty(status))),
            Some(Reaction::Status(status)) => (Some(status), Outcome::Reply(Reply::empty(status))),
            Some(Reaction::Redirect(to)) => {
                let mut reply = Reply::empty(307);
                reply.headers.push(("location", to));
                (Some(307), Outcome::Reply(reply))
            }
            Some(Reaction::Hang(time)) => (None, Outcome::Hang(Some(time))),
            Some(Reaction::Reset) => (None, Outcome::Reset),
            Some(Reaction::Lost) => (Some(status), Outcome::Reset),
            Some(Reaction::Drip(pause)) => {
                let reply = Reply { status, body: vec![b' '; 100], ..Reply::default() };
                (Some(status), Outcome::Drip(reply, pause))
            }
        };
        let named = expected.as_ref().map_or(&answer, |expected| &expected.event);
        let header = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        lock(&self.deliveries).push(Delivery {
            request_id: named["RequestId"].as_str().map(str::to_owned),
            method: request.method.to_string(),
            path: request.path,
            headers: request.headers.iter().map(|(name, value)| (name.to_string(), header(value))).collect(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
            answer,
            problems,
            answered_status,
        });
        self.news.send_modify(|count| *count += 1);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loopback_server::exchange;
    use serde_json::json;

    fn event() -> Json {
        json!({
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/s/1",
            "RequestId": "r-1",
            "LogicalResourceId": "Thing",
        })
    }

    fn answer() -> Json {
        let mut answer = event();
        answer["Status"] = "SUCCESS".into();
        answer["PhysicalResourceId"] = "id".into();
        answer["Data"] = json!({"A": "b"});
        answer
    }

    fn put(url: &str, headers: &str, body: &str) -> io::Result<String> {
        let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let length = body.len();
        let raw = format!(
            "PUT /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        let answer = exchange(address.parse().unwrap(), &raw)?;
        Ok(answer.split(' ').nth(1).unwrap_or_default().to_owned())
    }

    fn only(bucket: &ResponseBucket) -> Delivery {
        let mut all = bucket.take_deliveries();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[tokio::test]
    async fn a_good_answer_is_taken() {
        let bucket = ResponseBucket::start(0).unwrap();
        let url = bucket.expect(&event());
        assert!(
            url.contains(
                "/arn%3Aaws%3Acloudformation%3Aus-east-1%3A123456789012%3Astack/s/1%7CThing%7Cr-1?X-Amz-Algorithm="
            ),
            "{url}"
        );
        assert_eq!(bucket.expect(&event()), url);
        let short = Duration::from_millis(20);
        assert_eq!(bucket.wait_for("r-1", short).await, None);
        assert_eq!(put(&url, "content-type: \r\n", &answer().to_string()).unwrap(), "200");
        let delivery = bucket.wait_for("r-1", short).await.unwrap();
        assert!(delivery.accepted());
        assert_eq!(delivery.answer["PhysicalResourceId"], "id");
        assert!(delivery.headers.contains(&("content-type".into(), "".into())));
        assert_eq!(bucket.answers(), [delivery]);
        assert_eq!(put(&url, "", &answer().to_string()).unwrap(), "200");
    }

    #[test]
    fn a_url_tells_when_the_event_was_sent() {
        let bucket = ResponseBucket::start(0).unwrap();
        let sent = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_229_200);
        let url = bucket.expect_sent(&event(), sent);
        assert!(url.contains("&X-Amz-Date=20260101T010000Z&"), "{url}");
        assert!(url.contains("%2F20260101%2Fus-east-1%2Fs3%2F"), "{url}");
        assert_eq!(bucket.expect(&event()), url);
        let now = bucket.expect(&json!({"RequestId": "r-2"}));
        assert!(!now.contains("20260101T010000Z"), "{now}");
    }

    #[test]
    fn what_the_bucket_refuses_is_not_taken() {
        let bucket = ResponseBucket::start(0).unwrap();
        let url = bucket.expect(&event());
        let body = answer().to_string();
        assert_eq!(put(&url, "content-type: application/json\r\n", &body).unwrap(), "403");
        assert!(only(&bucket).problems[0].contains("Content-Type"));
        assert_eq!(put(&format!("{url}0"), "", &body).unwrap(), "403");
        assert!(only(&bucket).problems[0].contains("query"));

        let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let send = |method: &str, rest: &str| {
            let raw = format!("{method} /{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{rest}");
            exchange(address.parse().unwrap(), &raw).unwrap()[9..12].to_owned()
        };
        let whole = format!("content-length: {}\r\n\r\n{body}", body.len());
        assert_eq!(send("POST", &whole), "403");
        assert!(only(&bucket).problems[0].contains("POST"));
        let chunked = format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        assert_eq!(send("PUT", &chunked), "501");
        let delivery = only(&bucket);
        assert!(delivery.problems[0].contains("chunked"));
        assert!(!delivery.stored());
        assert_eq!(send("PUT", "\r\n"), "411");
    }

    #[test]
    fn what_cloudformation_refuses_is_taken_by_the_bucket_all_the_same() {
        let bucket = ResponseBucket::start(0).unwrap();
        let url = bucket.expect(&event());
        let mut wrong = answer();
        wrong["RequestId"] = "r-2".into();
        assert_eq!(put(&url, "", &wrong.to_string()).unwrap(), "200");
        let delivery = only(&bucket);
        assert!(delivery.stored() && !delivery.accepted());
        assert_eq!(delivery.request_id.as_deref(), Some("r-1"));
        assert_eq!(delivery.problems, [r#"RequestId is "r-2", not "r-1""#]);
    }

    #[test]
    fn an_answer_to_a_url_of_somebody_else_is_taken_if_it_is_one() {
        let bucket = ResponseBucket::start(0).unwrap();
        let url = format!("{}/anything?x", bucket.url());
        assert_eq!(put(&url, "", &answer().to_string()).unwrap(), "200");
        let delivery = only(&bucket);
        assert!(delivery.accepted());
        assert_eq!(delivery.request_id.as_deref(), Some("r-1"));
        assert_eq!(put(&url, "", "nonsense").unwrap(), "200");
        assert!(!only(&bucket).accepted());
    }

    #[test]
    fn it_fails_as_it_is_told() {
        let bucket = ResponseBucket::start(0).unwrap();
        let url = bucket.expect(&event());
        bucket.respond_with(vec![
            Reaction::Status(503),
            Reaction::Status(403),
            Reaction::Redirect("http://127.0.0.1:1/".into()),
            Reaction::Hang(Duration::from_millis(20)),
            Reaction::Reset,
        ]);
        let body = answer().to_string();
        let again = || put(&url, "", &body);
        assert_eq!(again().unwrap(), "503");
        assert_eq!(again().unwrap(), "403");
        assert_eq!(again().unwrap(), "307");
        assert_eq!(again().unwrap(), "");
        assert_eq!(again().unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert!(bucket.answers().is_empty());
        assert_eq!(again().unwrap(), "200");
        let statuses: Vec<_> = bucket.deliveries().iter().map(|d| d.answered_status).collect();
        assert_eq!(statuses, [Some(503), Some(403), Some(307), None, None, Some(200)]);
        assert_eq!(bucket.answers().len(), 1);
        bucket.respond_to(&url, vec![Reaction::Lost]);
        assert_eq!(again().unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(bucket.answers().len(), 2);
    }
}
