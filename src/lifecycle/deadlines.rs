//! How much time a request has, and who gave it.

use crate::request::{DEFAULT_SERVICE_TIMEOUT, LONGEST_RUN, Request};
use crate::settings::TimeScale;
use std::time::Duration;
use tokio::time::Instant;

/// What is kept of the time for the removal of a failed replacement and for the answer: a quarter, within these bounds.
const RESERVE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// The longest that one attempt at a Chime call may take; a third of the time for work, if that is less.
pub const LONGEST_ATTEMPT: Duration = Duration::from_secs(60);

/// How long before the deadline the last attempt at an answer ends, so that Lambda hears how it went.
const LAST_MOMENT: Duration = Duration::from_millis(50);

/// How long before the ServiceTimeout an answer has to be there: a quarter of it, at most this.
const MARGIN: Duration = Duration::from_secs(1);

/// An event that is older than this may be a second delivery of one that was answered long ago.
const FRESH: Duration = Duration::from_secs(5);

/// Whose time it is that ends first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The function's own Timeout.
    Function,
    /// The resource's ServiceTimeout.
    Service,
}

/// In words, when the time of `limit` was up.
pub fn ended_by(limit: Limit) -> &'static str {
    match limit {
        Limit::Function => "The function's time (its Timeout) was up",
        Limit::Service => "The resource's ServiceTimeout was up",
    }
}

/// Until when a request may do what.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// The request's own work.
    pub work: Instant,
    /// The removal of what a failed replacement has made.
    pub removal: Instant,
    /// The answer.
    pub answer: Instant,
    /// What one attempt at a Chime call may take.
    pub attempt: Duration,
    /// Whose time it is.
    pub limit: Limit,
    /// Whether CloudFormation has just sent the request.
    pub is_fresh: bool,
    /// How long ago CloudFormation gave the request up, if it has.
    pub expired: Option<Duration>,
}

impl Deadlines {
    /// The deadlines of `request`, for which Lambda leaves the function `left` by the clock.
    ///
    /// The ServiceTimeout counts from when CloudFormation sent the request, which may have waited since.
    pub fn of(request: &Request, left: Duration, time_scale: TimeScale) -> Self {
        let now = Instant::now();
        let age = request.age();
        let patience = request.service_timeout.unwrap_or(DEFAULT_SERVICE_TIMEOUT);
        let expired = age.checked_sub(patience);
        // What has expired is answered all the same, in the function's own time.
        let by_service = match expired {
            None => patience.saturating_sub(MARGIN.min(patience / 4)).saturating_sub(age),
            Some(_) => LONGEST_RUN,
        };
        let by_service = time_scale.of(by_service);
        let (left, limit) = if by_service < left { (by_service, Limit::Service) } else { (left, Limit::Function) };
        let reserve = (left / 4).clamp(time_scale.of(RESERVE.0).min(left / 4), time_scale.of(RESERVE.1));
        let work = left.saturating_sub(reserve);
        Self {
            work: now + work,
            removal: now + left.saturating_sub(reserve / 2),
            answer: now + left.saturating_sub(LAST_MOMENT.min(left / 20)),
            attempt: (work / 3).min(time_scale.of(LONGEST_ATTEMPT)),
            limit,
            is_fresh: age <= FRESH,
            expired,
        }
    }

    /// Until when something is worth waiting for: what it comes to then has still to be done, and said.
    pub fn last_look(&self) -> Instant {
        let now = Instant::now();
        now + self.work.saturating_duration_since(now).mul_f32(0.9)
    }

    /// Half of the time that is left for work.
    pub fn halfway(&self) -> Instant {
        let now = Instant::now();
        now + self.work.saturating_duration_since(now) / 2
    }

    /// What a stack's author can do about a time that was too short.
    pub fn advice(&self) -> &'static str {
        match self.limit {
            Limit::Function => {
                "Deploy again; if it persists, see the AWS Health Dashboard, or give the function a longer Timeout."
            }
            Limit::Service => "Deploy again, or give the resource a longer ServiceTimeout.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::SystemTime;

    fn deadlines(service_timeout: Option<u64>, age: u64, left: u64) -> (Deadlines, Duration) {
        let event = json!({"RequestType": "Create", "RequestId": "r", "ResponseURL": "https://host/", "StackId": "s",
            "LogicalResourceId": "l", "ResourceType": "Custom::X", "ResourceProperties": {}});
        let request = Request::read(&event.to_string()).expect("a request");
        let service_timeout = service_timeout.map(Duration::from_secs);
        let sent = Some(SystemTime::now() - Duration::from_secs(age));
        let deadlines = Deadlines::of(
            &Request { service_timeout, sent, ..request },
            Duration::from_secs(left),
            TimeScale::default(),
        );
        (deadlines, deadlines.work.saturating_duration_since(Instant::now()))
    }

    #[test]
    fn the_service_timeout_counts_from_when_the_request_was_sent() {
        let (deadlines, work) = deadlines(Some(60), 20, 300);
        assert_eq!(deadlines.limit, Limit::Service);
        assert!(work < Duration::from_secs(30) && work > Duration::from_secs(27), "{work:?}");
        assert!(!deadlines.is_fresh && deadlines.expired.is_none());
    }

    #[test]
    fn a_service_timeout_of_a_second_leaves_half_of_it_and_more() {
        let (_, work) = deadlines(Some(1), 0, 300);
        assert!(work > Duration::from_millis(500) && work < Duration::from_millis(750), "{work:?}");
    }

    #[test]
    fn what_cloudformation_has_given_up_on_is_expired() {
        assert_eq!(deadlines(Some(60), 600, 300).0.expired.map(|time| time.as_secs()), Some(540));
        assert!(deadlines(None, 3500, 300).0.expired.is_none());
        assert!(deadlines(None, 3601, 300).0.expired.is_some());
        assert_eq!(deadlines(None, 0, 300).0.limit, Limit::Function);
    }
}
