//! Both Chime APIs (identity and messaging) at one loopback address, for the real SDK clients.
//!
//! It judges requests by the published models, holds what is created, and answers in the wire form
//! of the service. Where nobody outside AWS knows how Chime behaves, the plausible ways can be chosen
//! ([`Behaviour`]), and calls can be made to fail ([`Fault`]). Messages, sub-channels, searches
//! and everything that happens by itself in time (expiration, retention) are not simulated: such
//! operations answer 501.

mod admin;
mod app_instance;
mod arn;
mod ban;
mod behaviour;
mod bot;
mod call;
mod channel;
mod channel_flow;
mod channel_flow_association;
mod control;
mod core;
mod data_streams;
mod dispatch;
mod endpoint;
mod error;
mod expiration;
mod fault;
mod held;
mod membership;
pub mod model;
mod moderator;
mod names;
mod page;
mod parameters;
mod past;
mod rate;
mod retention;
mod seed;
mod signature;
mod simulator;
mod state;
mod streaming;
mod tags;
#[cfg(test)]
mod testing;
mod thing;
mod time_scale;
mod tokens;
mod turn;
mod user;

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
