//! What a stack's custom resources meet in AWS, on this machine: no account, no Docker, no network.
//!
//! - [`simulator`] answers as the two Chime APIs do, to the real SDK clients, and fails on demand;
//! - [`receiver`] takes the answers that CloudFormation's response bucket would take;
//! - [`runtime_api`] runs the built function as Lambda does;
//! - [`rehearsal`] runs the function itself between the two;
//! - [`logical_resource`] writes CloudFormation's events;
//! - [`runner`] and [`invoke_endpoint`] are the function by itself;
//! - [`cloudformation`] is a whole engine around the function, which takes templates in place of events;
//! - [`tls`] puts TLS before a server, as both hosts have it in AWS;
//! - [`amz_date`] writes times as AWS does;
//! - [`generated`], [`mod@reference`] and [`editor`] make files of the declarations of the types;
//! - [`release`] makes the files that others deploy, with [`bootstrap`] for the zips;
//! - [`model`] holds the published service models, by which the simulator judges requests.
//!
//! Everything listens on the loopback address, each server on a thread of its own, so that it works
//! inside any tokio runtime, or inside none.

pub mod amz_date;
pub mod bootstrap;
pub mod cloudformation;
pub mod editor;
pub mod generated;
mod http;
pub mod invoke_endpoint;
pub mod logical_resource;
pub mod model;
pub mod receiver;
pub mod reference;
pub mod rehearsal;
pub mod release;
pub mod runner;
pub mod runtime_api;
pub mod simulator;
mod template;
pub mod tls;
