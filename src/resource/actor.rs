//! The user or bot on whose behalf a call is made.

use crate::properties::raw::RawProperties;

/// The ARN of the acting user or bot. Empty if there is none, and for calls that need none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// The `ChimeBearer` of the properties.
    pub fn stated(raw: &RawProperties<'_>) -> Self {
        Self(raw.bearer().map(|arn| arn.to_string()).unwrap_or_default())
    }

    /// The user or bot with this ARN.
    pub fn new(arn: impl Into<String>) -> Self {
        Self(arn.into())
    }

    /// The ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
