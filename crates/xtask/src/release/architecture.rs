//! The architectures of Lambda.

use std::fmt;
use std::str::FromStr;

/// An instruction set of Lambda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// `x86_64`.
    X86_64,
    /// `arm64`.
    Arm64,
}

impl Architecture {
    /// All architectures.
    pub const ALL: [Self; 2] = [Self::X86_64, Self::Arm64];

    /// Its name in Rust's targets and in the tags of wheels.
    pub fn machine(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "aarch64",
        }
    }

    /// Whether this machine has it.
    pub fn is_native(self) -> bool {
        let here = if cfg!(target_arch = "x86_64") { Some(Self::X86_64) } else { None };
        let here = if cfg!(target_arch = "aarch64") { Some(Self::Arm64) } else { here };
        here == Some(self) && cfg!(target_os = "linux")
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        })
    }
}

impl FromStr for Architecture {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|architecture| architecture.to_string() == text);
        found.ok_or_else(|| format!("{text} is not an architecture of Lambda: use x86_64 or arm64"))
    }
}
