//! Live stacks of `cdk-amazon-chime-resources`, whose function this one has taken the place of: what it takes for whose, and what not.
//! The same with the library's own code is in `tests/cloudformation`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

#[path = "../support/test_bed.rs"]
mod test_bed;

mod doubts;
mod life;
mod rollbacks;
mod world;
