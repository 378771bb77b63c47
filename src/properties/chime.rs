//! Nested properties of the Chime APIs, with Chime's limits.

pub mod channel;
pub mod endpoint;
pub mod expiration;
pub mod lex;
pub mod membership;
pub mod processors;
pub mod streaming;
