//! What a template may say: properties, their values and limits, and every problem at once.
//!
//! Nothing here knows of requests, of Chime's clients or of the lives of resources.

pub mod arns;
pub mod belonging;
pub mod channel;
pub mod choices;
pub mod endpoint;
pub mod expiration;
pub mod lex;
pub mod lists;
pub mod membership;
pub mod numbers;
pub mod problems;
pub mod processors;
pub mod properties;
pub mod schema;
pub mod secrets;
pub mod stated;
pub mod streaming;
pub mod tags;
pub mod text;
