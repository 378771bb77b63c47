//! The bucket behind a presigned ResponseURL, and CloudFormation, which reads what arrives in it.
//!
//! A request that the bucket would reject (another method, a Content-Type, no Content-Length, a wrong signature) is answered as by the
//! bucket. An answer that only CloudFormation would reject (too long, not JSON, ids that do not match) gets 200, as in AWS, and is
//! reported in [`Delivery::problems`]: in AWS the stack would fail, or wait until its time-out.

mod check;
mod delivery;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use loopback_server::{Handler, Outcome, Reply, Request, Server, header, lock};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

pub use delivery::{Delivery, Reaction};

/// The characters that are not encoded in the path of a real ResponseURL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// An event whose answer is expected, and the query of its URL.
#[derive(Debug, Clone)]
struct Expected {
    query: String,
    event: Json,
}

#[derive(Debug)]
struct Shared {
    expected: Mutex<BTreeMap<String, Expected>>,
    reactions: Mutex<VecDeque<Reaction>>,
    /// The reactions to the answers of one event, by path.
    reactions_to: Mutex<BTreeMap<String, VecDeque<Reaction>>>,
    deliveries: Mutex<Vec<Delivery>>,
    news: watch::Sender<usize>,
}

/// A running bucket. It stops when dropped.
#[derive(Debug)]
pub struct ResponseBucket {
    shared: Arc<Shared>,
    server: Server,
}

impl ResponseBucket {
    /// Starts one on 127.0.0.1, on a free port if `port` is 0.
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

    /// Registers an event by its StackId, RequestId and LogicalResourceId, and returns its ResponseURL, with the present time as the time
    /// when it was sent. The same event gets the same URL again.
    pub fn response_url(&self, event: &Json) -> String {
        self.response_url_sent(event, SystemTime::now())
    }

    /// The same for an event that was sent at another time.
    pub fn response_url_sent(&self, event: &Json, sent: SystemTime) -> String {
        let id = |name: &str| event[name].as_str().unwrap_or_default();
        let key = format!("{}|{}|{}", id("StackId"), id("LogicalResourceId"), id("RequestId"));
        let path = format!("/{}", utf8_percent_encode(&key, PLAIN));
        let mut expected = lock(&self.shared.expected);
        let known =
            expected.entry(path.clone()).or_insert_with(|| Expected { query: presigned(sent), event: event.clone() });
        format!("{}{path}?{}", self.url(), known.query)
    }

    /// The next requests get these reactions, in order; later ones are stored.
    pub fn respond_with(&self, reactions: Vec<Reaction>) {
        *lock(&self.shared.reactions) = reactions.into();
    }

    /// The next answers to the event with this [ResponseURL](Self::response_url) get these reactions, in order.
    pub fn respond_to(&self, url: &str, reactions: Vec<Reaction>) {
        let path = url.strip_prefix(&self.url()).and_then(|rest| rest.split('?').next()).unwrap_or_default();
        lock(&self.shared.reactions_to).insert(path.to_owned(), reactions.into());
    }

    /// All requests so far, stored or not, in the order of arrival.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.shared.deliveries).clone()
    }

    /// The answers that CloudFormation would accept, in the order of arrival.
    pub fn answers(&self) -> Vec<Delivery> {
        self.deliveries().into_iter().filter(Delivery::accepted).collect()
    }

    /// The requests so far; the log is empty afterwards. Registered events stay registered.
    pub fn take_deliveries(&self) -> Vec<Delivery> {
        std::mem::take(&mut *lock(&self.shared.deliveries))
    }

    /// The first delivery for this request that the bucket stored, with or without problems; none if none arrives in time.
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

/// The query of a URL that CloudFormation signs at this time: for two hours, with the host as the only signed header.
fn presigned(at: SystemTime) -> String {
    let seconds = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or_default());
    // ISO 8601, without the separators.
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
        let rejection = check::rejection(&request, expected.as_ref().map(|e| e.query.as_str()));
        let mut problems: Vec<String> = rejection.iter().map(|(_, why)| why.clone()).collect();
        problems.extend(check::content(&request.body, expected.as_ref().map(|e| &e.event)));
        let answer: Json = serde_json::from_slice(&request.body).unwrap_or_default();

        let status = rejection.map_or(200, |(status, _)| status);
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
    async fn a_good_answer_is_accepted() {
        let bucket = ResponseBucket::start(0).unwrap();
        let url = bucket.response_url(&event());
        assert!(
            url.contains(
                "/arn%3Aaws%3Acloudformation%3Aus-east-1%3A123456789012%3Astack/s/1%7CThing%7Cr-1?X-Amz-Algorithm="
            ),
            "{url}"
        );
        assert_eq!(bucket.response_url(&event()), url);
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
    fn a_url_has_the_time_when_the_event_was_sent() {
        let bucket = ResponseBucket::start(0).unwrap();
        let sent = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_229_200);
        let url = bucket.response_url_sent(&event(), sent);
        assert!(url.contains("&X-Amz-Date=20260101T010000Z&"), "{url}");
        assert!(url.contains("%2F20260101%2Fus-east-1%2Fs3%2F"), "{url}");
        assert_eq!(bucket.response_url(&event()), url);
        let now = bucket.response_url(&json!({"RequestId": "r-2"}));
        assert!(!now.contains("20260101T010000Z"), "{now}");
    }

    #[test]
    fn the_bucket_rejects_what_does_not_fit_the_url() {
        let bucket = ResponseBucket::start(0).unwrap();
        let url = bucket.response_url(&event());
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
    fn the_bucket_stores_what_only_cloudformation_rejects() {
        let bucket = ResponseBucket::start(0).unwrap();
        let url = bucket.response_url(&event());
        let mut wrong = answer();
        wrong["RequestId"] = "r-2".into();
        assert_eq!(put(&url, "", &wrong.to_string()).unwrap(), "200");
        let delivery = only(&bucket);
        assert!(delivery.stored() && !delivery.accepted());
        assert_eq!(delivery.request_id.as_deref(), Some("r-1"));
        assert_eq!(delivery.problems, [r#"RequestId is "r-2", not "r-1""#]);
    }

    #[test]
    fn an_answer_to_an_unregistered_url_is_checked_by_itself() {
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
    fn it_reacts_as_told() {
        let bucket = ResponseBucket::start(0).unwrap();
        let url = bucket.response_url(&event());
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
