//! The services that the function calls.

use std::fmt;

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Both APIs of the Amazon Chime SDK.
    Chime,
    /// AWS Systems Manager, which stores the parameters of the legacy CDK library.
    SystemsManager,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chime => "Chime",
            Self::SystemsManager => "AWS Systems Manager",
        })
    }
}
