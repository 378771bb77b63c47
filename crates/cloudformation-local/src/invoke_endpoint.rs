//! `POST /invoke`: a function behind a URL, for tools that deliver events over HTTP.

use crate::test_bed::{Outcome, TestBed};
use loopback_server::{Handler, Method, Reply, Request, Server};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::io;
use std::sync::Arc;

/// A running endpoint. It stops when dropped.
#[derive(Debug)]
pub struct InvokeEndpoint {
    server: Server,
}

/// Called with each event and its outcome.
pub type OnEvent<C> = Box<dyn Fn(&Json, &Outcome<C>) + Send + Sync>;

struct Shared<C> {
    bed: TestBed<C>,
    on_event: OnEvent<C>,
}

impl InvokeEndpoint {
    /// Starts an endpoint for the function of `bed` on 127.0.0.1, on a free port if `port` is 0.
    ///
    /// # Errors
    /// The port is taken.
    pub fn start<C>(port: u16, bed: TestBed<C>, on_event: OnEvent<C>) -> io::Result<Self>
    where
        C: Serialize + Send + Sync + 'static,
    {
        Ok(Self { server: Server::start(port, Arc::new(Shared { bed, on_event }))? })
    }

    /// Where events are accepted: `http://127.0.0.1:PORT/invoke`.
    pub fn url(&self) -> String {
        format!("{}/invoke", self.server.url())
    }
}

impl<C: Serialize + Send + Sync + 'static> Handler for Shared<C> {
    /// Replies with 200 and the outcome: the answer, if it reached the bucket, and the calls. If the invocation failed, it replies with
    /// 500 and also has the `errorMessage`.
    async fn handle(self: Arc<Self>, request: Request) -> loopback_server::Outcome {
        let reply = |status: u16, body: &Json| loopback_server::Outcome::Reply(Reply::json(status, body));
        let refused = |status: u16, why: &str| reply(status, &json!({"errorMessage": why}));
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
        let outcome = self.bed.invoke_unchanged(&event).await;
        (self.on_event)(&event, &outcome);
        let mut said = json!({"answer": outcome.answer, "calls": outcome.calls, "problems": outcome.problems});
        match &outcome.failure {
            None => reply(200, &said),
            Some(message) => {
                said["errorMessage"] = json!(message);
                reply(500, &said)
            }
        }
    }
}
