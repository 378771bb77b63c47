//! Types of single values: text, numbers, lists, enums, ARNs, tags and secrets.

pub mod arns;
pub mod enums;
pub mod lists;
pub mod numbers;
pub mod secrets;
pub mod tags;
pub mod text;
