//! Logical ids.

use std::fmt;

/// A logical id: the name of a resource in its stack's template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogicalId(String);

impl LogicalId {
    /// A logical id from CloudFormation or from an ownership tag.
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
