//! What Chime shows of a thing.

use crate::chime::error::Result;
use aws_smithy_types::DateTime;
use std::time::SystemTime;

/// What Chime shows of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it was made, if Chime says so.
    pub created: Option<SystemTime>,
    /// Whether it is as it is wanted.
    pub is_as_wanted: bool,
}

impl Seen {
    /// A Describe that shows no such thing.
    pub const NOTHING: Self = Self { created: None, is_as_wanted: false };

    /// What a Describe shows of something made at `created`, beside what is `wanted` of it.
    ///
    /// # Errors
    /// Those of `fits`.
    pub fn beside<P>(
        created: Option<&DateTime>,
        wanted: Option<&P>,
        fits: impl FnOnce(&P) -> Result<bool>,
    ) -> Result<Self> {
        let created = created.and_then(|time| SystemTime::try_from(*time).ok());
        Ok(Self { created, is_as_wanted: wanted.map_or(Ok(false), fits)? })
    }
}
