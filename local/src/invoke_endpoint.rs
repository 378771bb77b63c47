//! `POST /invoke`: the function behind a URL, for tools that deliver events over HTTP.

use crate::http::{Handler, Outcome, Reply, Request, Server};
use crate::rehearsal::{Rehearsal, Rehearsed};
use hyper::Method;
use serde_json::{Value as Json, json};
use std::io;
use std::sync::Arc;

/// A running endpoint; it stops when dropped.
#[derive(Debug)]
pub struct InvokeEndpoint {
    server: Server,
}

/// What an endpoint says of an event and of what came of it, to whoever watches.
pub type OnEvent = Box<dyn Fn(&Json, &Rehearsed) + Send + Sync>;

struct Shared {
    rehearsal: Rehearsal,
    on_event: OnEvent,
}

impl InvokeEndpoint {
    /// Starts one on 127.0.0.1, on a free port where `port` is 0, for the function of `rehearsal`.
    ///
    /// # Errors
    /// The port is taken.
    pub fn start(port: u16, rehearsal: Rehearsal, on_event: OnEvent) -> io::Result<Self> {
        Ok(Self { server: Server::start(port, Arc::new(Shared { rehearsal, on_event }))? })
    }

    /// Where events are taken: `http://127.0.0.1:PORT/invoke`.
    pub fn url(&self) -> String {
        format!("{}/invoke", self.server.url())
    }
}

impl Handler for Shared {
    /// 200 and what came of the event: the answer, if it came to the receiver, and the Chime calls; 500 and Lambda's words for an error
    /// beside them if the invocation failed.
    async fn handle(self: Arc<Self>, request: Request) -> Outcome {
        let refused = |status: u16, why: &str| Outcome::Reply(Reply::json(status, &json!({"errorMessage": why})));
        if request.path != "/invoke" {
            return refused(404, "POST an event to /invoke");
        }
        if request.method != Method::POST {
            return refused(405, "POST an event");
        }
        let event = match serde_json::from_slice::<Json>(&request.body) {
            Err(error) => return refused(400, &format!("the body is not JSON: {error}")),
            Ok(event) => event,
        };
        let rehearsed = self.rehearsal.invoke_as_it_is(&event).await;
        (self.on_event)(&event, &rehearsed);
        let mut said = json!({"answer": rehearsed.answer, "calls": rehearsed.calls, "problems": rehearsed.problems});
        match &rehearsed.failure {
            None => Outcome::Reply(Reply::json(200, &said)),
            Some(message) => {
                said["errorMessage"] = json!(message);
                Outcome::Reply(Reply::json(500, &said))
            }
        }
    }
}
