//! Tests with what others have made: the SAM CLI, cfn-lint, CDK, MiniStack, editors, linters of workflows.
//!
//! They need Python 3 and Node.js; the packages that they use are installed under `target/` on first use. Here is what they share.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

pub mod node;
pub mod programs;
mod python;

pub use programs::run;
pub use python::python_tools;
