//! A test bed for custom resources of CloudFormation, on this machine: no account, no Docker, no network. It works for any function that
//! CloudFormation invokes.
//!
//! - [`LogicalResource`] makes CloudFormation's events;
//! - [`ResponseBucket`] stands for the bucket behind a ResponseURL;
//! - [`TestBed`] runs a function between the two: a handler in this process, or a program with Lambda's Runtime API ([`Runner`]);
//! - [`LambdaHost`] provides that Runtime API, with a deadline for each event and a new process after a failure;
//! - [`InvokeEndpoint`] puts a test bed behind a URL, for other tools;
//! - [`Authority`] puts TLS in front of a server, as in AWS;
//! - [`MiniStack`] is a complete CloudFormation engine, which takes templates instead of events.
//!
//! Everything listens on the loopback address. Each server has a thread of its own, so that it works inside any tokio runtime and
//! without one.

pub mod archive;
mod error;
mod function_thread;
mod invoke_endpoint;
mod logical_resource;
mod ministack;
mod python;
mod response_bucket;
mod run_folder;
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
pub use ministack::assets::{packed, publish};
pub use ministack::stack::{Change, Deployment, Output, Stack};
pub use ministack::stack_event::StackEvent;
pub use python::Python;
pub use response_bucket::{Delivery, Reaction, ResponseBucket};
pub use run_folder::RunFolder;
pub use runner::Runner;
pub use runtime_api::{InvocationError, LambdaHost};
pub use test_bed::{CallLog, NoCalls, Outcome, TestBed};
pub use tls::{Authority, TlsProxy};
