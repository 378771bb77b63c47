//! The rules of every request, for every type: what CloudFormation may do to a resource, and what must come of it.
//!
//! Each test takes every registered type through one case against the simulator. The cases of a type are in `types.rs`.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

mod adoption;
mod delete;
mod failure;
mod harness;
mod outage;
mod types;
mod update;
