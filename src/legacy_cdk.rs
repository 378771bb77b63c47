//! The second dialect: the constructs of the library `cdk-amazon-chime-resources`, in new stacks and in live ones.
//!
//! Nothing else knows of them: what they send becomes a request about a type of ours, and what the library's own function has made
//! gets an id of ours before the lifecycle sees it.

pub mod resolve;
pub mod ssm;
pub mod takeover;
pub mod translate;
