//! Both Chime APIs (identity and messaging) at one loopback address, for the real SDK clients.
//!
//! The simulator validates requests by the published models, keeps what is created, and answers in the wire format of the service.
//! Where nobody outside AWS knows how Chime behaves, each plausible way can be chosen ([`Behaviour`]), and calls can be made to fail
//! ([`Fault`]). It does not simulate messages, sub-channels, searches, or what happens by itself over time (expiration, retention):
//! such operations answer 501.

mod account_state;
mod arn;
mod behaviour;
mod call;
mod chime_api;
mod context;
mod control;
mod data_streams;
mod error;
mod fault;
mod millis;
pub mod model;
mod names;
mod operations;
mod parameters;
mod rate;
mod router;
mod seed;
mod signature;
mod simulator;
mod state;
mod state_history;
#[cfg(test)]
mod testing;
mod time_scale;
mod tokens;

pub use behaviour::{
    AppInstanceDelete, AssociationExists, BatchMemberExists, Behaviour, ChannelFlowSwap, DeleteMissing, ListedNames,
    Missing, TokenReplay,
};
pub use call::Call;
pub use control::OnControl;
pub use data_streams::DataStreams;
pub use fault::{Fault, FaultKind};
pub use seed::{sample_seed, without_tags};
pub use simulator::{Options, Simulator};
pub use time_scale::TimeScale;
