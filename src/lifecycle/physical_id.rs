//! The kinds of physical id: CloudFormation's id may name a resource, or say that none is known.

use crate::request::Request;
use crate::request::cause::Cause;
use crate::resource::erased::DynResource;

/// Prefix of the id that a failed create reports if it created nothing. No type parses it as an id of its own.
pub const NOT_CREATED: &str = "not-created:";

/// Prefix of the id that a failed create reports if it may have created something. The request and the time when
/// CloudFormation sent it follow.
pub const OUTCOME_UNKNOWN: &str = "unfinished:";

/// The id that the AWS CDK's provider framework reports for a create that created nothing. A stack may still hold it from the time
/// before this function served it.
/// <https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/custom-resources/README.md>
const CDK_CREATE_FAILED: &str = "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED";

/// What a physical id stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhysicalIdKind {
    /// A resource.
    Resource,
    /// Nothing: the create created nothing.
    NotCreated,
    /// Whatever this request created, if anything.
    OutcomeUnknown(Cause),
    /// Whatever an unanswered create created. CloudFormation makes such an id up when a create is cancelled or times out.
    Placeholder,
}

impl PhysicalIdKind {
    /// The kind of `id`, for this type.
    pub fn of(resource: &dyn DynResource, id: &str) -> Self {
        match id.strip_prefix(OUTCOME_UNKNOWN) {
            Some(cause) => Self::OutcomeUnknown(Cause::parse(cause)),
            None if resource.is_id(id) => Self::Resource,
            None if id.starts_with(NOT_CREATED) || id == CDK_CREATE_FAILED => Self::NotCreated,
            None => Self::Placeholder,
        }
    }

    /// Whether `id` stands for a create of unknown outcome. This needs no type.
    pub fn is_outcome_unknown(id: &str) -> bool {
        id.starts_with(OUTCOME_UNKNOWN)
    }
}

/// The id to report if `request` created nothing.
pub fn not_created(request: &Request) -> String {
    format!("{NOT_CREATED}{}", request.request_id)
}

/// The id to report if `request` may have created something.
pub fn outcome_unknown(request: &Request) -> String {
    let cause = Cause::new(request.request_id.clone(), Some(request.clock.sent()));
    format!("{OUTCOME_UNKNOWN}{cause}")
}
