//! Shared code of the tests with third-party tools: the SAM CLI, cfn-lint, CDK, MiniStack, yaml-language-server, actionlint and zizmor.
//!
//! The tests need Python 3 and Node.js. Packages are installed under `target/` on first use.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

pub mod constructs;
pub mod node;
pub mod programs;
mod python;

pub use programs::run;
pub use python::python_tools;
