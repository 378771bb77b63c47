//! Ownership a Chime resource is: what is noted in tags, how it is read, and the calls that read and write it.

pub mod owner;
pub mod store;
pub mod tags;
