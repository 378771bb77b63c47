//! The two Chime APIs: clients, calls and what became of them, when a call is tried again, and what an error means.
//!
//! Knows the settings alone.

pub mod call_log;
pub mod clients;
pub mod error;
pub mod poll;
pub mod retry;
pub mod service;
pub mod transport;
