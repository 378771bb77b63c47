//! Ownership of Chime resources: how it is recorded in tags, how the tags are interpreted, and the calls that read and
//! write them.

pub mod owner;
pub mod store;
pub mod tags;
