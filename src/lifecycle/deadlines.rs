//! How much time a request has, and who gave it.

use crate::request::clock::{MAX_LAMBDA_TIMEOUT, RequestClock};
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
}

impl Deadlines {
    /// The deadlines of a request, for which Lambda leaves the function `left` by the clock.
    ///
    /// The ServiceTimeout counts from when CloudFormation sent the request, which may have waited since.
    pub fn of(clock: &RequestClock, left: Duration, time_scale: TimeScale) -> Self {
        let now = Instant::now();
        let timeout = clock.service_timeout();
        // What has expired is answered all the same, in the function's own time.
        let by_service = match clock.expired() {
            None => timeout.saturating_sub(MARGIN.min(timeout / 4)).saturating_sub(clock.age()),
            Some(_) => MAX_LAMBDA_TIMEOUT,
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
        }
    }

    /// Until when something is worth waiting for: what it comes to then has still to be done, and said.
    pub fn ninety_percent(&self) -> Instant {
        let now = Instant::now();
        now + self.work.saturating_duration_since(now).mul_f32(0.9)
    }

    /// Half of the time that is left for work.
    pub fn half_remaining(&self) -> Instant {
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
    use std::time::SystemTime;

    fn deadlines(service_timeout: Option<u64>, age: u64, left: u64) -> (Deadlines, Duration) {
        let sent = SystemTime::now() - Duration::from_secs(age);
        let clock = RequestClock::new(Some(sent), service_timeout.map(Duration::from_secs));
        let deadlines = Deadlines::of(&clock, Duration::from_secs(left), TimeScale::default());
        (deadlines, deadlines.work.saturating_duration_since(Instant::now()))
    }

    #[test]
    fn the_service_timeout_counts_from_when_the_request_was_sent() {
        let (deadlines, work) = deadlines(Some(60), 20, 300);
        assert_eq!(deadlines.limit, Limit::Service);
        assert!(work < Duration::from_secs(30) && work > Duration::from_secs(27), "{work:?}");
    }

    #[test]
    fn a_service_timeout_of_a_second_leaves_half_of_it_and_more() {
        let (_, work) = deadlines(Some(1), 0, 300);
        assert!(work > Duration::from_millis(500) && work < Duration::from_millis(750), "{work:?}");
    }

    #[test]
    fn what_has_expired_is_answered_in_the_functions_own_time() {
        assert_eq!(deadlines(Some(60), 600, 300).0.limit, Limit::Function);
        assert_eq!(deadlines(None, 0, 300).0.limit, Limit::Function);
    }
}
