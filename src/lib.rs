//! CloudFormation custom resources for Amazon Chime SDK messaging.
//!
//! What this crate promises:
//!
//! - Every CloudFormation request gets a response before the function's deadline. That includes invalid templates,
//!   Chime failures and panics.
//! - A failed create leaves nothing behind that CloudFormation cannot identify by a physical id.
//! - A delete succeeds only when nothing of this logical resource is left. It removes nothing else.
//! - A request that is delivered twice has the same result as one delivery.
//! - Secrets (metadata, device tokens, the presigned response URL) never appear in a log line or a reason.
//!
//! The source follows the path of an event. `request` parses it, `registry` finds the resource type, `lifecycle`
//! decides what to do, and `response` reports the outcome. [`Function`] connects them. Below the lifecycle are:
//!
//! - `resources`: one file for each resource type.
//! - `resource`: what a resource type is.
//! - `properties`: what a template may contain.
//! - `chime`: the API calls.
//!
//! Each module imports only from the modules below it.

pub mod account;
mod chime;
mod handler;
pub mod inspection;
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

// The unit tests share the test bed with the integration tests, which refer to this crate by its full name.
#[cfg(test)]
extern crate self as chime_messaging_resources;
#[cfg(test)]
#[path = "../tests/support/test_bed.rs"]
mod test_bed;

pub use chime::clients::{Access, Chime};
pub use chime::error::{Error as ChimeError, Kind as ErrorKind, code as error_code};
pub use chime::transport::{SdkHttpClient, client as http_client};
pub use handler::{Function, check_destination};
pub use properties::differences::Difference;
pub use resource::ownership::Standing;
pub use settings::{CHIME_REGIONS, Settings, TimeScale};
