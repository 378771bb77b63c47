//! A small HTTP/1.1 server on the loopback address, for simulators of services.
//!
//! Instead of answering it can also close or reset a connection, hang, or send an answer byte by byte ([`Outcome`]). It runs on a thread
//! and a runtime of its own, so that a caller that blocks cannot starve it, and a caller needs no runtime.

mod background;
mod exchange;
mod lock;
mod reply;
mod request;
mod server;

pub use background::Background;
pub use exchange::exchange;
pub use lock::lock;
pub use reply::{Outcome, Reply};
pub use request::Request;
pub use server::{Handler, Server};

// Used by the types above.
pub use hyper::{Method, header};
