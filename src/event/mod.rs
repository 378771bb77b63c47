//! What arrives: the envelope of a request, and what else it may be wrapped in or spelled like.

pub mod request;
pub mod response_url;
pub mod stack_id;
pub mod wrapping;
