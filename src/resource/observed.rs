//! What Chime shows of a thing.

use crate::chime::error::Result;
use aws_smithy_types::DateTime;
use std::time::SystemTime;

/// What Chime shows of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether there is one.
    pub exists: bool,
    /// When it was made, if Chime says so.
    pub created: Option<SystemTime>,
    /// Whether it is as it is wanted.
    pub is_as_wanted: bool,
    /// Whether all of it that can never change is as it is wanted.
    pub is_meant: bool,
    /// Whether it is, as far as Chime shows, what a request with the stated properties makes.
    pub is_as_stated: bool,
}

impl Seen {
    /// A Describe that shows no such thing.
    pub const NOTHING: Self =
        Self { exists: false, created: None, is_as_wanted: false, is_meant: false, is_as_stated: false };

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
        let is_as_wanted = wanted.map_or(Ok(false), fits)?;
        Ok(Self { exists: true, created, is_as_wanted, is_meant: true, is_as_stated: false })
    }

    /// The same, with what Chime shows of it that can never change beside what is wanted.
    #[must_use]
    pub fn meant(self, is_meant: bool) -> Self {
        Self { is_meant, is_as_wanted: self.is_as_wanted && is_meant, ..self }
    }

    /// The same, with what Chime shows of it beside the stated properties.
    #[must_use]
    pub fn stated(self, is_as_stated: bool) -> Self {
        Self { is_as_stated, ..self }
    }
}
