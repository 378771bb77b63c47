//! `chimectl`: the function on this machine, with no AWS and no Docker, for whoever writes templates with its resources, and a look at what an
//! account holds.
//!
//! Beside the command line, this library has what maintainers' tools and tests need to run the function as `chimectl` does:
//!
//! - [`mod@build`] builds its binary;
//! - [`function_stack`] deploys it in a CloudFormation engine;
//! - [`test_bed`] runs it between a simulator of Chime and a response bucket;
//! - [`template`] is `template.yaml`, with other lines in it;
//! - [`terminal`] is how all of it looks, and [`mod@yaml`] writes values.

mod account;
pub mod build;
mod cli;
mod drift;
mod export;
pub mod function_stack;
mod iam_policy;
mod inventory;
mod invoke;
mod lint;
mod ownership;
mod probe;
mod schema;
mod serve;
mod stack;
pub mod template;
pub mod terminal;
#[path = "../../../tests/support/test_bed.rs"]
pub mod test_bed;
pub mod yaml;

pub use cli::run;
