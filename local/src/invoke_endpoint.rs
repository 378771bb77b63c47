//! `POST /invoke`: the function behind a URL, for tools that deliver events over HTTP.

use crate::http::{Handler, Outcome, Reply, Request, Server};
use crate::runner::Runner;
use hyper::Method;
use serde_json::{Value as Json, json};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// A running endpoint; it stops when dropped.
#[derive(Debug)]
pub struct InvokeEndpoint {
    server: Server,
}

struct Shared {
    runner: Runner,
    timeout: Duration,
}

impl InvokeEndpoint {
    /// Starts one on 127.0.0.1, on a free port where `port` is 0. Each event has `timeout`.
    ///
    /// # Errors
    /// The port is taken.
    pub fn start(port: u16, runner: Runner, timeout: Duration) -> io::Result<Self> {
        Ok(Self { server: Server::start(port, Arc::new(Shared { runner, timeout }))? })
    }

    /// Where events are taken: `http://127.0.0.1:PORT/invoke`.
    pub fn url(&self) -> String {
        format!("{}/invoke", self.server.url())
    }
}

impl Handler for Shared {
    /// 200 and null, as the function gives; 500 and Lambda's words for an error if the invocation failed.
    async fn handle(self: Arc<Self>, request: Request) -> Outcome {
        let refused = |status: u16, why: &str| Outcome::Reply(Reply::json(status, &json!({"errorMessage": why})));
        if request.path != "/invoke" {
            return refused(404, "POST an event to /invoke");
        }
        if request.method != Method::POST {
            return refused(405, "POST an event");
        }
        match serde_json::from_slice::<Json>(&request.body) {
            Err(error) => refused(400, &format!("the body is not JSON: {error}")),
            Ok(event) => match self.runner.run(&event, self.timeout).await {
                Ok(()) => Outcome::Reply(Reply::json(200, &Json::Null)),
                Err(message) => refused(500, &message),
            },
        }
    }
}
