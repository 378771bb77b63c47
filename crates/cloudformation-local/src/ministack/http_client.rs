//! A plain HTTP client for servers on this machine.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error;
use std::time::Duration;

/// How long an idle connection is kept. Servers close them after a while.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// A client. Its connections belong to the runtime of their first request.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient(Client<HttpConnector, Full<Bytes>>);

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub body: String,
}

impl HttpClient {
    pub fn new() -> Self {
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE_TIMEOUT);
        Self(client.build_http())
    }

    /// Sends a request.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Reply, Box<dyn Error + Send + Sync>> {
        let response = self.0.request(request.map(|body| Full::new(Bytes::from(body)))).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Reply { status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}
