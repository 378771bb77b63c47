//! A request, with its whole body.

use hyper::Method;
use hyper::body::Bytes;
use hyper::header::HeaderMap;

/// A whole request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// Still percent-encoded.
    pub path: String,
    /// Without the `?`; still percent-encoded; empty if there is none.
    pub query: String,
    /// With names in lower case.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Request {
    /// The header's value, if it is there and readable.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
