//! The request that created or took over a resource.

use crate::request::request_id::RequestId;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The end of the year 9999, in seconds since 1970.
const LATEST: u64 = 253_402_300_799;

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
        let parts = text.rsplit_once('@').and_then(|(request, seconds)| Some((request, parse_time(seconds)?)));
        match parts {
            Some((request, sent)) => Self::new(RequestId::new(request), Some(sent)),
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

/// The time that was written as `seconds` since 1970, if it is one: no later than the year 9999, so that calculations with it cannot overflow.
pub fn parse_time(seconds: &str) -> Option<SystemTime> {
    let seconds: u64 = seconds.parse().ok()?;
    (seconds <= LATEST).then(|| UNIX_EPOCH + Duration::from_secs(seconds))
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
        for no_time in [i64::MAX.to_string(), u64::MAX.to_string(), "253402300800".to_owned()] {
            assert_eq!(Cause::parse(&format!("one@{no_time}")).sent, None, "{no_time}");
        }
    }
}
