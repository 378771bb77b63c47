//! What a custom resource meets in AWS, on this machine: no account, no Docker, no network. A test bed for any function that
//! CloudFormation invokes.
//!
//! - [`LogicalResource`] writes CloudFormation's events;
//! - [`ResponseBucket`] takes the answers, as the bucket behind a ResponseURL does;
//! - [`TestBed`] runs a function between the two: a handler in this process, or a program by Lambda's Runtime API ([`Runner`]);
//! - [`LambdaHost`] is that Runtime API, with a deadline for each event and a fresh process after a failure;
//! - [`InvokeEndpoint`] puts a test bed behind a URL, for other tools;
//! - [`Authority`] puts TLS before a server, as all hosts have it in AWS;
//! - [`MiniStack`] is a whole CloudFormation engine, which takes templates in place of events.
//!
//! Everything listens on the loopback address, each server on a thread of its own, so that it works inside any tokio runtime, or
//! inside none.

pub mod archive;
mod error;
mod function_thread;
mod invoke_endpoint;
mod logical_resource;
mod ministack;
mod python;
mod response_bucket;
mod runner;
mod runtime_api;
mod test_bed;
mod tls;
pub mod workspace;

pub use error::Error;
pub use function_thread::Handler;
pub use invoke_endpoint::{InvokeEndpoint, OnEvent};
pub use logical_resource::{LogicalResource, STACK_ID};
pub use ministack::MiniStack;
pub use ministack::account::Account;
pub use ministack::assets::publish;
pub use ministack::stack::{Deployment, Output, Stack, StackEvent};
pub use python::Python;
pub use response_bucket::{Delivery, Reaction, ResponseBucket};
pub use runner::Runner;
pub use runtime_api::{InvocationError, LambdaHost};
pub use test_bed::{CallLog, NoCalls, Outcome, TestBed};
pub use tls::{Authority, Front};
