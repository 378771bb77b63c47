//! What a physical id means.

use crate::request::Request;
use crate::resource::erased::Face;

/// The id of what a failed create did not make. It parses as no type's id.
pub const NOT_CREATED: &str = "not-created:";

/// The id of what a failed create may have made, with the request that may have made it.
pub const UNFINISHED: &str = "unfinished:";

/// The id that the AWS CDK's provider framework gives what a failed create did not make, before this function answered for the stack.
/// <https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/custom-resources/README.md>
const CDK_CREATE_FAILED: &str = "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED";

/// What a physical id means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning<'a> {
    /// A thing.
    Thing,
    /// Nothing was made.
    NotCreated,
    /// This request may have made something.
    Unfinished(&'a str),
    /// CloudFormation made it up, for a create whose answer it did not wait for: it was cancelled, or timed out.
    MadeUp,
}

impl<'a> Meaning<'a> {
    /// What `id` means to the type behind `face`.
    pub fn of(face: &dyn Face, id: &'a str) -> Self {
        match id.strip_prefix(UNFINISHED) {
            Some(request_id) => Self::Unfinished(request_id),
            None if face.is_id(id) => Self::Thing,
            None if id.starts_with(NOT_CREATED) || id == CDK_CREATE_FAILED => Self::NotCreated,
            None => Self::MadeUp,
        }
    }

    /// Whether `id` is that of something unfinished, of whichever type.
    pub fn is_unfinished(id: &str) -> bool {
        id.starts_with(UNFINISHED)
    }
}

/// The id of what `request` did not make.
pub fn not_created(request: &Request) -> String {
    format!("{NOT_CREATED}{}", request.request_id)
}

/// The id of what `request` may have made.
pub fn unfinished(request: &Request) -> String {
    format!("{UNFINISHED}{}", request.request_id)
}
