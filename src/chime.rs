//! The Chime APIs: their clients, a log of the calls, retries, and what an error means.
//!
//! This module depends only on the settings.

pub mod call_log;
pub mod clients;
pub mod error;
pub mod poll;
pub mod retry;
pub mod service;
pub mod transport;
