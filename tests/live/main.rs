//! Existing stacks of `cdk-amazon-chime-resources` in which this function has replaced the library's: what it takes
//! over, and what it leaves alone. `tests/cloudformation` in `crates/ecosystem-tests` tests the same with the library's
//! own code.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A failed expectation fails the test.

#[path = "../support/test_bed.rs"]
mod test_bed;

mod doubts;
mod inspected;
mod life;
mod rollbacks;
mod world;
