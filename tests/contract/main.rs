//! The rules for every request, for every resource type: what CloudFormation may send, and what the result must be.
//!
//! Each case becomes one test for each registered type. The tests run against the simulator, where time runs twenty
//! times faster than the clock, for the function too. `types.rs` contains the properties of the types.

// Optimized, the layout of a request's future takes more queries than rustc allows by default.
#![recursion_limit = "256"]
#![allow(clippy::expect_used)] // A failed expectation fails the test.

#[path = "../support/test_bed.rs"]
mod test_bed;

#[macro_use]
mod harness;

mod adopt_existing;
mod adopted_twice;
mod adoption;
mod by_hand;
mod cancelled;
mod channels;
mod delete;
mod engines;
mod failure;
mod found;
mod found_members;
mod gone;
mod gone_by_hand;
mod handovers;
mod histories;
mod hostile;
mod lag;
mod late;
mod marks;
mod members;
mod messages;
mod not_there_yet;
mod outage;
mod pace;
mod policy;
mod regions;
mod renames;
mod replacement;
mod requests;
mod resync;
mod retained;
mod second_life;
mod throttling;
mod types;
mod update;
