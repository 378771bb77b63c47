//! The URL for the response.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::fmt;
use std::time::SystemTime;

/// The presigned URL that accepts the response. Its query is a credential, so neither `Debug` nor anything else here
/// shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseUrl(String);

impl ResponseUrl {
    /// A URL from CloudFormation.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The full URL, for sending the response.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The secret parts of the query. Anybody who has them can send a response.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let query = self.0.split_once('?').map_or("", |(_, query)| query);
        let parameters = query.split('&').filter_map(|parameter| parameter.split_once('='));
        parameters
            .filter(|(name, _)| ["X-Amz-Signature", "X-Amz-Security-Token"].contains(name))
            .map(|(_, value)| value)
    }

    /// When the request was sent: the time when the URL was signed. URLs in hand-written events may have no such time.
    pub fn signed_at(&self) -> Option<SystemTime> {
        let (_, query) = self.0.split_once('?')?;
        let stamp = query.split('&').find_map(|parameter| parameter.strip_prefix("X-Amz-Date="))?;
        let (date, time) = stamp.strip_suffix('Z')?.split_once('T')?;
        let part = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
        let (year, month, day) = (part(date, 0, 4)?, part(date, 4, 6)?, part(date, 6, 8)?);
        let (hour, minute, second) = (part(time, 0, 2)?, part(time, 2, 4)?, part(time, 4, 6)?);
        let written = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
        SystemTime::try_from(DateTime::from_str(&written, Format::DateTime).ok()?).ok()
    }
}

impl fmt::Debug for ResponseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?…", self.0.split('?').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn the_signature_and_the_session_token_are_secret() {
        let url = ResponseUrl::new("https://host/path?X-Amz-Date=1&X-Amz-Security-Token=t%3D&X-Amz-Signature=s");
        assert_eq!(url.secrets().collect::<Vec<_>>(), ["t%3D", "s"]);
        assert_eq!(ResponseUrl::new("https://host/path").secrets().count(), 0);
    }

    #[test]
    fn the_query_is_not_shown() {
        let url = ResponseUrl::new("https://host/path?X-Amz-Signature=secret");
        assert_eq!(format!("{url:?}"), "https://host/path?…");
    }

    #[test]
    fn the_request_was_sent_when_its_url_was_signed() {
        let signed_at = |query: &str| ResponseUrl::new(format!("https://host/path{query}")).signed_at();
        let time = UNIX_EPOCH + Duration::from_secs(1_767_225_661);
        assert_eq!(signed_at("?X-Amz-Algorithm=A&X-Amz-Date=20260101T000101Z&X-Amz-Expires=7200"), Some(time));
        for none in [
            "",
            "?X-Amz-Signature=s",
            "?X-Amz-Date=",
            "?X-Amz-Date=today",
            "?X-Amz-Date=20261301T000000Z",
            "?X-Amz-Date=2026é101T000000Z",
        ] {
            assert_eq!(signed_at(none), None, "{none}");
        }
    }
}
