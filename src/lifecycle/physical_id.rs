//! What a physical id means.

use crate::request::Request;
use crate::request::cause::Cause;
use crate::resource::erased::DynResource;

/// Begins the id of what a failed create did not make. It parses as no type's id.
pub const NOT_CREATED: &str = "not-created:";

/// Begins the id of what a failed create may have made; the request that may have made it follows, and when that was sent.
pub const OUTCOME_UNKNOWN: &str = "unfinished:";

/// The id that the AWS CDK's provider framework gives what a failed create did not make, before this function answered for the stack.
/// <https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/custom-resources/README.md>
const CDK_CREATE_FAILED: &str = "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED";

/// What a physical id means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhysicalIdKind {
    /// A resource.
    Resource,
    /// Nothing was made.
    NotCreated,
    /// This request may have made something.
    OutcomeUnknown(Cause),
    /// CloudFormation made it up, for a create whose answer it did not wait for: it was cancelled, or timed out.
    Placeholder,
}

impl PhysicalIdKind {
    /// What `id` means to a type.
    pub fn of(resource: &dyn DynResource, id: &str) -> Self {
        match id.strip_prefix(OUTCOME_UNKNOWN) {
            Some(cause) => Self::OutcomeUnknown(Cause::parse(cause)),
            None if resource.is_id(id) => Self::Resource,
            None if id.starts_with(NOT_CREATED) || id == CDK_CREATE_FAILED => Self::NotCreated,
            None => Self::Placeholder,
        }
    }

    /// Whether `id` is one of which a create's outcome is unknown, of whichever type.
    pub fn is_outcome_unknown(id: &str) -> bool {
        id.starts_with(OUTCOME_UNKNOWN)
    }
}

/// The id of what `request` did not make.
pub fn not_created(request: &Request) -> String {
    format!("{NOT_CREATED}{}", request.request_id)
}

/// The id of what `request` may have made.
pub fn outcome_unknown(request: &Request) -> String {
    let cause = Cause::new(request.request_id.clone(), Some(request.clock.sent()));
    format!("{OUTCOME_UNKNOWN}{cause}")
}
