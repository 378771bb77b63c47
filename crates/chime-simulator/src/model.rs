//! The published models of the two Chime APIs, and the validation of requests.
//!
//! The rules are data (`model/*.json`, reduced from the models that AWS publishes with its SDKs). Nothing is typed by hand: exactly what
//! the models reject is rejected.

mod apis;
mod pattern;
mod route;
mod service_model;
mod validate;

pub use apis::{Apis, Service};
pub use route::Routed;
pub use service_model::{Kind, Member, Members, Model, Operation, Place, Shape};
pub use validate::message;
