//! An answer, and what a server may do instead.

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Interval, interval};

/// What becomes of a request.
#[derive(Debug)]
pub enum Outcome {
    /// It is answered.
    Reply(Reply),
    /// It is answered, with a pause between the bytes of the body.
    Drip(Reply, Duration),
    /// The connection is closed without an answer.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing happens for this time, or for ever; then the connection is closed.
    Hang(Option<Duration>),
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer with this status and JSON body.
    pub fn json(status: u16, body: &impl serde::Serialize) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".into())],
            body: serde_json::to_vec(body).unwrap_or_default(),
        }
    }

    /// An answer with this status and no body.
    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// The same with a body that is not JSON. A status without a body stays without one.
    pub fn garbled(mut self) -> Self {
        if self.status != 204 {
            self.body.pop();
            if self.body.is_empty() {
                self.body.push(b'{');
            }
        }
        self
    }

    pub(crate) fn into_response(self, pause: Option<Duration>) -> Response<ReplyBody> {
        let mut response = Response::new(ReplyBody { left: Bytes::from(self.body), drips: pause.map(interval) });
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// The body of an answer, at once or byte by byte.
pub(crate) struct ReplyBody {
    left: Bytes,
    drips: Option<Interval>,
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let next = match &mut self.drips {
            Some(drips) => {
                ready!(drips.poll_tick(context));
                1
            }
            None => self.left.len(),
        };
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(next)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
