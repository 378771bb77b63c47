//! `cargo xtask`: what maintainers of this project run: measurements, load tests, generated files, releases.

mod bench;
mod cli;
mod editor;
mod files;
mod generate;
mod load_test;
mod package;
mod reference;
pub mod release;

pub use cli::run;
