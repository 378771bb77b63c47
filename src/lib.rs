//! CloudFormation custom resources for Amazon Chime SDK messaging.
//!
//! What this crate promises:
//!
//! - Every request of CloudFormation ends with an answer before the function's deadline: on a wrong template, on a failure
//!   of Chime, on a panic.
//! - A create that fails leaves nothing behind that CloudFormation does not know by an id. A delete succeeds only if nothing
//!   of this logical resource's is left, and removes nothing else.
//! - A request that is delivered twice has one outcome.
//! - What is nobody's business (metadata, device tokens, the presigned response URL) is in no log and no reason.
//!
//! The way of an event is the layout of the source: `event` (what arrives), `registry` (which type), `lifecycle` (what happens
//! when), `answer` (what goes back); [`Function`] is the pipeline through them. Below the lifecycle are `resources`, a file for each
//! type, `resource`, what a type is, `template`, what a template may say, and `chime`, the calls. Each imports only what stands
//! below it.

mod chime;
mod handler;
mod legacy_cdk;
mod lifecycle;
pub mod logging;
mod properties;
pub mod registry;
mod request;
mod resource;
mod resources;
mod response;
mod settings;
mod sync;

#[cfg(test)]
mod tests;

// The unit tests share the test bed with those in `tests`, for which this crate has its whole name.
#[cfg(test)]
extern crate self as chime_messaging_resources;
#[cfg(test)]
#[path = "../tests/support/test_bed.rs"]
mod test_bed;

pub use chime::clients::Chime;
pub use chime::error::{Error as ChimeError, Kind as ErrorKind, code as error_code};
pub use chime::transport::client as http_client;
pub use handler::{CHIME_REGIONS, Function};
pub use settings::{Settings, TimeScale};
