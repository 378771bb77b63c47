//! Sends each request to its part of the simulator: its own paths, Systems Manager, or Chime.

use crate::chime_api::ChimeApi;
use crate::control::{OnControl, control, is_own_path};
use crate::parameters::Parameters;
use loopback_server::{Handler, Method, Outcome, Reply, Request, lock};
use std::sync::{Arc, Mutex, MutexGuard};

/// Shared by the server's thread and the owner of the simulator.
#[derive(Debug)]
pub(crate) struct Router {
    pub chime: ChimeApi,
    on_control: Option<OnControl>,
    parameters: Mutex<Parameters>,
}

impl Handler for Router {
    async fn handle(self: Arc<Self>, request: Request) -> Outcome {
        if is_own_path(&request.path) {
            return Outcome::Reply(self.control(&request));
        }
        if Parameters::are_meant_by(&request) {
            return Outcome::Reply(self.parameters().answer(&request, &self.chime.region));
        }
        // In a task of its own, which goes on when the client hangs up.
        let answered = tokio::spawn(async move { self.chime.answer(&request).await });
        answered.await.unwrap_or(Outcome::Close)
    }
}

impl Router {
    pub fn new(chime: ChimeApi, on_control: Option<OnControl>) -> Self {
        Self { chime, on_control, parameters: Mutex::default() }
    }

    pub fn parameters(&self) -> MutexGuard<'_, Parameters> {
        lock(&self.parameters)
    }

    fn control(&self, request: &Request) -> Reply {
        let reply = control(&self.chime, request);
        if let Some(tell) = self.on_control
            && request.method != Method::GET
        {
            tell(request.method.as_str(), &request.path, &String::from_utf8_lossy(&request.body), reply.status);
        }
        reply
    }
}
