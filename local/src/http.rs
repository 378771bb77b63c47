//! A small HTTP/1.1 server on the loopback address, which can also refuse to answer.
//!
//! It runs on a thread and a runtime of its own: a caller that blocks cannot starve it, and one that
//! has no runtime can use it too.

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Interval, interval};

/// The most that a request's body may hold, in bytes.
const BODY_LIMIT: usize = 4 << 20;

/// A whole request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub method: Method,
    /// Still percent-encoded.
    pub path: String,
    /// Without the `?`; still percent-encoded; empty where there is none.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Request {
    /// The header's value, where it is there and readable.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What becomes of a request.
pub(crate) enum Outcome {
    /// It is answered.
    Reply(Reply),
    /// It is answered, with so long a pause between two bytes of the body.
    Drip(Reply, Duration),
    /// The connection ends in the usual way, without an answer.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing happens for this time, or ever; then the connection ends.
    Hang(Option<Duration>),
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
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

    /// The same, with a body that is not JSON. A status that has no body stays without.
    pub fn garbled(mut self) -> Self {
        if self.status != 204 {
            self.body.pop();
            if self.body.is_empty() {
                self.body.push(b'{');
            }
        }
        self
    }

    fn into_response(self, pause: Option<Duration>) -> Response<ReplyBody> {
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

/// The body of an answer: all at once, or a byte at a time.
struct ReplyBody {
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

/// Answers requests, several at a time.
pub(crate) trait Handler: Send + Sync + 'static {
    fn handle(self: Arc<Self>, request: Request) -> impl Future<Output = Outcome> + Send;
}

/// Work on a thread and a runtime of its own; it ends, with all that it has started, when dropped.
#[derive(Debug)]
pub(crate) struct Background {
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts it on a thread of this name.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(name: String, work: impl Future<Output = ()> + Send + 'static) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = work => {}
                }
            });
            // Dropped rather than shut down: a connection that hangs must not hold us up.
            drop(runtime);
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A running server; it ends, with all its connections, when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    _thread: Background,
}

impl Server {
    /// Listens on 127.0.0.1, on a free port where `port` is 0.
    ///
    /// # Errors
    /// The port is taken, or the system gives no socket or thread.
    pub fn start(port: u16, handler: Arc<impl Handler>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let accepted = Arc::new(AtomicUsize::new(0));
        let accept = accept(listener, handler, Arc::clone(&accepted));
        let thread = Background::start(format!("http-{}", address.port()), accept)?;
        Ok(Self { address, accepted, _thread: thread })
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn accept(listener: TcpListener, handler: Arc<impl Handler>, count: Arc<AtomicUsize>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(connection(stream, Arc::clone(&handler)));
            }
            // Out of descriptors, say: the next one may do better.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

/// Why a connection ends without an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unanswered {
    Closed,
    Reset,
}

impl std::fmt::Display for Unanswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Unanswered {}

async fn connection(stream: TcpStream, handler: Arc<impl Handler>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let handler = Arc::clone(&handler);
        Box::pin(async move { answer(request, handler).await })
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = (&mut connection).await {
        let reset = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<Unanswered>())
            .is_some_and(|why| *why == Unanswered::Reset);
        if reset {
            // With no time to linger, closing sends a reset in place of an orderly end.
            let _ = connection.into_parts().io.into_inner().set_zero_linger();
        }
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    handler: Arc<impl Handler>,
) -> Result<Response<ReplyBody>, Unanswered> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return Err(Unanswered::Closed);
    };
    let request = Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: body.to_bytes(),
    };
    match handler.handle(request).await {
        Outcome::Reply(reply) => Ok(reply.into_response(None)),
        Outcome::Drip(reply, pause) => Ok(reply.into_response(Some(pause))),
        Outcome::Close => Err(Unanswered::Closed),
        Outcome::Reset => Err(Unanswered::Reset),
        Outcome::Hang(None) => std::future::pending().await,
        Outcome::Hang(Some(time)) => {
            tokio::time::sleep(time).await;
            Err(Unanswered::Closed)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::io::{ErrorKind, Read, Write};
    use std::net::TcpStream;

    /// Sends `raw` and gives all that comes back until the connection ends.
    pub(crate) fn exchange(address: SocketAddr, raw: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(raw.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    struct ByPath;

    impl Handler for ByPath {
        async fn handle(self: Arc<Self>, request: Request) -> Outcome {
            match request.path.as_str() {
                "/close" => Outcome::Close,
                "/reset" => Outcome::Reset,
                "/hang" => Outcome::Hang(None),
                "/drip" => Outcome::Drip(Reply::json(200, &"slowly"), Duration::from_millis(20)),
                "/hang-a-while" => Outcome::Hang(Some(Duration::from_millis(50))),
                _ => Outcome::Reply(Reply::json(201, &request.query)),
            }
        }
    }

    fn get(path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nhost: local\r\nconnection: close\r\n\r\n")
    }

    #[test]
    fn a_reply_arrives_with_its_status_headers_and_body() {
        let server = Server::start(0, Arc::new(ByPath)).unwrap();
        let answer = exchange(server.address(), &get("/x?a=b")).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert!(answer.contains("content-type: application/json"), "{answer}");
        assert!(answer.ends_with("\"a=b\""), "{answer}");
    }

    #[test]
    fn a_dripping_body_arrives_whole_and_late() {
        let server = Server::start(0, Arc::new(ByPath)).unwrap();
        let started = std::time::Instant::now();
        let answer = exchange(server.address(), &get("/drip")).unwrap();
        assert!(answer.contains("content-length: 8") && answer.ends_with("\"slowly\""), "{answer}");
        assert!(started.elapsed() >= Duration::from_millis(7 * 20), "{:?}", started.elapsed());
    }

    #[test]
    fn closing_and_resetting_are_different_things() {
        let server = Server::start(0, Arc::new(ByPath)).unwrap();
        assert_eq!(exchange(server.address(), &get("/close")).unwrap(), "");
        assert_eq!(exchange(server.address(), &get("/hang-a-while")).unwrap(), "");
        let reset = exchange(server.address(), &get("/reset")).unwrap_err();
        assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    }

    #[test]
    fn a_server_with_a_hanging_connection_can_be_dropped() {
        let server = Server::start(0, Arc::new(ByPath)).unwrap();
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(get("/hang").as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(30));
        drop(server);
        let mut rest = Vec::new();
        assert!(matches!(stream.read_to_end(&mut rest), Ok(0) | Err(_)));
    }
}
