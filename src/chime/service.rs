//! The services that the function calls.

use std::fmt;

/// A service that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Both APIs of the Amazon Chime SDK.
    Chime,
    /// AWS Systems Manager, which holds the parameters of the older construct library.
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
