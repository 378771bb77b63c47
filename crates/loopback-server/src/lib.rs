//! A small HTTP/1.1 server on the loopback address, for simulators of services.
//!
//! Beside answering, it can close or reset a connection, keep silent, or send an answer a byte at a time ([`Outcome`]). It runs on a
//! thread and a runtime of its own: a caller that blocks cannot starve it, and a caller without a runtime can use it too.

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

// What the types above are made of.
pub use hyper::{Method, header};
