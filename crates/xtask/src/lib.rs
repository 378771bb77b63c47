//! `cargo xtask`, the commands for maintainers: benchmark, load test, generated files, release.

mod bench;
mod build;
mod cli;
mod editor;
mod files;
mod generate;
mod guard;
mod load_test;
mod package;
mod reference;
pub mod release;

pub use cli::run;
