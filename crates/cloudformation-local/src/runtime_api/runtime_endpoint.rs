//! The Runtime API of one process, where it fetches its events and posts its results.

use loopback_server::{Handler, Outcome, Reply, Request, lock};
use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};

/// The beginning of the function's ARN.
const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:";

/// `errorType` and `errorMessage`.
pub(crate) type Failure = (String, String);

/// An event on its way to the function.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub event: Json,
    pub timeout: Duration,
    /// Notified when the function fetches the event.
    pub taken: oneshot::Sender<()>,
    /// Receives the result.
    pub done: Done,
}

/// The receiver of a result.
type Done = oneshot::Sender<Result<Json, Failure>>;

#[derive(Debug)]
pub(crate) struct RuntimeEndpoint {
    function: String,
    opened: Instant,
    first_call: OnceLock<Duration>,
    inbox: mpsc::UnboundedSender<Invocation>,
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    /// The event that the function is handling, by its request id.
    current: Mutex<Option<(String, Done)>>,
    init_error: Mutex<Option<Failure>>,
}

impl RuntimeEndpoint {
    pub fn new(function: &str) -> Self {
        let (inbox, waiting) = mpsc::unbounded_channel();
        Self {
            function: function.to_owned(),
            opened: Instant::now(),
            first_call: OnceLock::new(),
            inbox,
            waiting: tokio::sync::Mutex::new(waiting),
            current: Mutex::new(None),
            init_error: Mutex::new(None),
        }
    }

    pub fn submit(&self, invocation: Invocation) {
        // The endpoint has the other end itself.
        let _ = self.inbox.send(invocation);
    }

    /// Why the process cannot start, as it says itself.
    pub fn init_error(&self) -> Option<Failure> {
        lock(&self.init_error).clone()
    }

    /// The time from the opening of the endpoint to the first call.
    pub fn init_time(&self) -> Option<Duration> {
        self.first_call.get().copied()
    }

    async fn next(&self) -> Reply {
        let Some(invocation) = self.waiting.lock().await.recv().await else {
            return Reply::empty(500);
        };
        let id = format!("{:08x}-local", fastrand::u32(..));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut reply = Reply::json(200, &invocation.event);
        reply.headers.extend([
            ("lambda-runtime-aws-request-id", id.clone()),
            ("lambda-runtime-deadline-ms", (now + invocation.timeout).as_millis().to_string()),
            ("lambda-runtime-invoked-function-arn", format!("{ARN}{}", self.function)),
            ("lambda-runtime-trace-id", format!("Root=1-{:08x}-{:024x};Sampled=0", now.as_secs(), 0)),
        ]);
        *lock(&self.current) = Some((id, invocation.done));
        let _ = invocation.taken.send(());
        reply
    }

    fn finish(&self, id: &str, result: Result<Json, Failure>) -> Reply {
        let mut current = lock(&self.current);
        match current.take() {
            Some((open, done)) if open == id => {
                let _ = done.send(result);
                Reply::json(202, &json!({"status": "OK"}))
            }
            other => {
                *current = other;
                Reply::json(400, &json!({"errorType": "InvalidRequestID", "errorMessage": id}))
            }
        }
    }
}

impl Handler for RuntimeEndpoint {
    async fn handle(self: Arc<Self>, request: Request) -> Outcome {
        let _ = self.first_call.set(self.opened.elapsed());
        let path = request.path.strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let reply = match (request.method.as_str(), &parts[..]) {
            ("GET", ["invocation", "next"]) => self.next().await,
            ("POST", ["invocation", id, "response"]) => {
                // Null stands for an empty answer, and for one that is not JSON.
                self.finish(id, Ok(serde_json::from_slice(&request.body).unwrap_or_default()))
            }
            ("POST", ["invocation", id, "error"]) => self.finish(id, Err(failure(&request))),
            ("POST", ["init", "error"]) => {
                *lock(&self.init_error) = Some(failure(&request));
                Reply::json(202, &json!({"status": "OK"}))
            }
            _ => Reply::empty(404),
        };
        Outcome::Reply(reply)
    }
}

fn failure(request: &Request) -> Failure {
    let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let header = request.header("lambda-runtime-function-error-type");
    let kind = text("errorType").or_else(|| header.map(str::to_owned));
    (kind.unwrap_or_else(|| "Unknown".into()), text("errorMessage").unwrap_or_default())
}
