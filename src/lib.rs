//! CloudFormation custom resources for Amazon Chime SDK messaging.
//!
//! What this crate promises:
//!
//! - Every request of CloudFormation ends with an answer before the function's deadline: on a wrong template, on a failure
//!   of Chime, on a panic.
//! - A create that fails leaves nothing behind that CloudFormation does not know by an id. A delete succeeds only if nothing
//!   is left.
//! - A request that is delivered twice has one outcome.
//! - What is nobody's business (metadata, device tokens, the presigned response URL) is in no log and no reason.
//!
//! Where to find what:
//!
//! - [`request`] and [`cdk`] turn an event into a request; [`response`] and [`callback`] bring the answer back.
//! - [`lifecycle`] is what happens to a resource when; [`resources`] has a file for each type with what it needs of Chime.
//! - [`mod@properties`], [`values`], [`arns`] and [`tags`] are what a template may say, and [`schema`]
//!   says it to other tools.
//! - [`resource`] is between the two: the trait of a type, and what an implementation gets to work with.
//! - [`chime`], [`http`], [`settings`] and [`log`] are the machinery.

pub mod arns;
pub mod callback;
pub mod cdk;
pub mod chime;
pub mod error;
mod function;
pub mod http;
pub mod lifecycle;
pub mod log;
pub mod ownership;
pub mod properties;
pub mod request;
pub mod resource;
pub mod resources;
pub mod response;
pub mod schema;
pub mod settings;
pub mod tags;
pub mod values;

pub use function::Function;
pub use settings::{Pace, Settings};
