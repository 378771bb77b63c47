//! A stack that a rehearsal is to deploy.

use std::path::PathBuf;

/// A template that is deployed as a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStack {
    /// The stack's name.
    pub name: String,
    /// The stack's region.
    pub region: String,
    /// The file.
    pub template: PathBuf,
    /// Parameters beside those of the command line.
    pub parameters: Vec<(String, String)>,
}

/// All stacks of an app at a time, in the order of their deployment.
pub type Version = Vec<PlannedStack>;
