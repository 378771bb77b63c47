//! The name of a resource in its template.

use std::fmt;

/// The logical id of a resource: its name in the template of its stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogicalId(String);

impl LogicalId {
    /// The logical id, as CloudFormation sends it or a note holds it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The logical id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
