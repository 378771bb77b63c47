//! A whole CloudFormation on this machine, with the function deployed in it: MiniStack, an engine that nobody here wrote.
//!
//! It is what a template meets in AWS, as far as order, `Ref` and `GetAtt`, strings at every depth, replacement, rollback
//! and cleanup go. What it does not show: deliveries by Lambda that are repeated or parallel, the limit of 4096 bytes, https
//! and signatures, and the Delete that follows a failed Create of the same resource.

mod assets;
mod client;
mod function;
mod ministack;
mod python;
mod stack;

use std::path::{Path, PathBuf};
use std::{fmt, io};

pub use assets::publish;
pub use client::Account;
pub use function::{FUNCTION_STACK, deploy_copy, deploy_function, package, with_endpoints};
pub use ministack::MiniStack;
pub use python::Python;
pub use stack::{Deployment, Output, Stack, StackEvent};

/// What went wrong with the engine; a stack that fails is none of these.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

type Result<T> = std::result::Result<T, Error>;

/// Where the project lies.
pub fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Where builds go: cargo's target directory.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => project().join(directory),
        None => project().join("target"),
    }
}
