//! The request that created or took over a resource.

use crate::request::request_id::RequestId;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The request that created or took over a resource, and when CloudFormation sent it. Displays as `<RequestId>@<seconds since 1970>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The request.
    pub request: RequestId,
    /// When it was sent, by CloudFormation's clock. `None` if the time was not recorded.
    pub sent: Option<SystemTime>,
}

impl Cause {
    /// The request with this id, sent at `sent`.
    pub fn new(request: RequestId, sent: Option<SystemTime>) -> Self {
        Self { request, sent }
    }

    /// Parses a displayed cause. If the text does not end with a time, all of it is the request's id and the time is unknown.
    pub fn parse(text: &str) -> Self {
        let parts = text.rsplit_once('@').and_then(|(request, seconds)| Some((request, seconds.parse().ok()?)));
        match parts {
            Some((request, seconds)) => {
                Self::new(RequestId::new(request), UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
            }
            None => Self::new(RequestId::new(text), None),
        }
    }

    /// The time, in seconds since 1970.
    pub fn seconds(&self) -> Option<u64> {
        self.sent.and_then(|sent| sent.duration_since(UNIX_EPOCH).ok()).map(|since| since.as_secs())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds() {
            Some(seconds) => write!(f, "{}@{seconds}", self.request),
            None => self.request.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_displayed_cause_is_parsed_back_with_or_without_a_time() {
        for text in ["8c5e5a1e-5b3c@1795600000", "8c5e5a1e-5b3c", "some@one", "some@one@1795600000"] {
            assert_eq!(Cause::parse(text).to_string(), text);
        }
        let sent = UNIX_EPOCH + Duration::from_secs(1_795_600_000);
        assert_eq!(Cause::parse("some@one@1795600000"), Cause::new(RequestId::new("some@one"), Some(sent)));
        assert_eq!(Cause::parse("some@one").sent, None);
    }
}
