//! The published models of the two Chime APIs, and requests judged by them.
//!
//! The rules are data (`model/*.json`, reduced from the models that AWS publishes with its SDKs), so
//! that nothing here is typed by hand: what the models reject is rejected, and nothing else.

mod apis;
mod pattern;
mod route;
mod service_model;
mod validate;

pub use apis::{Apis, Service};
pub use route::Routed;
pub use service_model::{Kind, Member, Members, Model, Operation, Place, Shape};
pub use validate::message;
