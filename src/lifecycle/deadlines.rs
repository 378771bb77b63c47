//! How much time a request has, and which limit sets it.

use crate::request::clock::{MAX_LAMBDA_TIMEOUT, RequestClock};
use crate::settings::TimeScale;
use std::time::Duration;
use tokio::time::Instant;

/// The time reserved for removing a failed replacement and for the answer: a quarter of the whole, within these bounds.
const RESERVE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// The longest that one attempt at a Chime call may take. A third of the time for work applies if that is less.
pub const LONGEST_ATTEMPT: Duration = Duration::from_secs(60);

/// How long before the deadline the last attempt at an answer ends. The function then still has time to tell Lambda the outcome.
const LAST_MOMENT: Duration = Duration::from_millis(50);

/// How long before the end of the ServiceTimeout the answer has to arrive: this, or a quarter of the ServiceTimeout if that is less.
const MARGIN: Duration = Duration::from_secs(1);

/// The limit that ends first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The function's own Timeout.
    Function,
    /// The resource's ServiceTimeout.
    Service,
}

/// A clause for the reason: which limit ended the work.
pub fn ended_by(limit: Limit) -> &'static str {
    match limit {
        Limit::Function => "The function's time (its Timeout) was up",
        Limit::Service => "The resource's ServiceTimeout was up",
    }
}

/// The deadlines of one request.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// When the work ends.
    pub work: Instant,
    /// When the removal of a failed replacement ends.
    pub removal: Instant,
    /// When the last attempt to deliver the answer ends.
    pub answer: Instant,
    /// How long one attempt at a Chime call may take.
    pub attempt: Duration,
    /// The limit that these deadlines follow from.
    pub limit: Limit,
}

impl Deadlines {
    /// The deadlines of a request when Lambda leaves the function `left`.
    ///
    /// The ServiceTimeout counts from when CloudFormation sent the request, which may have waited in a queue since.
    pub fn of(clock: &RequestClock, left: Duration, time_scale: TimeScale) -> Self {
        let now = Instant::now();
        let timeout = clock.service_timeout();
        // An expired request is still answered, within the function's own time.
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

    /// The moment at which 90 % of the time left for work has passed. Patient waits end here: the result still has to be acted on.
    pub fn ninety_percent(&self) -> Instant {
        let now = Instant::now();
        now + self.work.saturating_duration_since(now).mul_f32(0.9)
    }

    /// The moment at which half of the time left for work has passed.
    pub fn half_remaining(&self) -> Instant {
        let now = Instant::now();
        now + self.work.saturating_duration_since(now) / 2
    }

    /// What the author of a stack can do if the time was too short.
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
    fn a_service_timeout_of_one_second_leaves_more_than_half_of_it_for_work() {
        let (_, work) = deadlines(Some(1), 0, 300);
        assert!(work > Duration::from_millis(500) && work < Duration::from_millis(750), "{work:?}");
    }

    #[test]
    fn an_expired_request_is_answered_within_the_functions_own_time() {
        assert_eq!(deadlines(Some(60), 600, 300).0.limit, Limit::Function);
        assert_eq!(deadlines(None, 0, 300).0.limit, Limit::Function);
    }
}
