//! The rules of every request, for every type: what CloudFormation may do to a resource, and what must come of it.
//!
//! Each case is a test of its own for each registered type, against the simulator, which keeps its time and the function's twenty
//! times faster than the clock. The properties of a type are in `types.rs`.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

#[path = "../support/test_bed.rs"]
mod test_bed;

#[macro_use]
mod harness;

mod adoption;
mod cancelled;
mod channels;
mod delete;
mod failure;
mod gone;
mod histories;
mod hostile;
mod lag;
mod late;
mod marks;
mod members;
mod outage;
mod pace;
mod policy;
mod regions;
mod renames;
mod replacement;
mod requests;
mod throttling;
mod types;
mod update;
