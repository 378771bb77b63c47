//! Support for the constructs of the CDK library `cdk-amazon-chime-resources`, in new stacks and in existing ones.
//!
//! This module isolates the rest of the crate from them. It translates a construct's request into a request for one of
//! our types, and it replaces the library's physical id with one of ours before the lifecycle sees it.

pub mod record;
pub mod resolve;
pub mod ssm;
pub mod takeover;
pub mod translate;
pub mod witnesses;
