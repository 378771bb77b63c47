//! The server: it accepts connections and passes each request to its handler.

use crate::background::Background;
use crate::reply::{Outcome, ReplyBody};
use crate::request::Request;
use http_body_util::{BodyExt, Limited};
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;

/// The most that a request's body may hold, in bytes.
const BODY_LIMIT: usize = 4 << 20;

/// Answers requests, several at a time.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    fn handle(self: Arc<Self>, request: Request) -> impl Future<Output = Outcome> + Send;
}

/// A running server. It ends, with all its connections, when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    _thread: Background,
}

impl Server {
    /// Listens on 127.0.0.1, on a free port if `port` is 0.
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

    /// `http://127.0.0.1:PORT`, without a trailing slash.
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
            // There may be no file descriptor left for the moment.
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
            // Without a linger time, closing the connection resets it.
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
mod tests {
    use super::*;
    use crate::exchange::exchange;
    use crate::reply::Reply;
    use std::io::{ErrorKind, Read, Write};
    use std::net::TcpStream;

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
    fn a_dripping_body_arrives_completely_and_late() {
        let server = Server::start(0, Arc::new(ByPath)).unwrap();
        let started = std::time::Instant::now();
        let answer = exchange(server.address(), &get("/drip")).unwrap();
        assert!(answer.contains("content-length: 8") && answer.ends_with("\"slowly\""), "{answer}");
        assert!(started.elapsed() >= Duration::from_millis(7 * 20), "{:?}", started.elapsed());
    }

    #[test]
    fn closing_and_resetting_are_different() {
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
