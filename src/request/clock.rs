//! When a request was sent, and what follows for resources that Chime shows.
//!
//! The times come from three clocks that AWS keeps in sync: CloudFormation's (it signs the ResponseURL), Chime's, and
//! this process's.

use std::time::{Duration, SystemTime};

/// The longest timeout that Lambda allows. After this time, an event creates nothing more.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_LAMBDA_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// How long CloudFormation waits for a resource without a ServiceTimeout. This is also the maximum.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>
pub const DEFAULT_SERVICE_TIMEOUT: Duration = Duration::from_secs(3600);

/// How much the clocks of AWS services may differ.
const CLOCK_SKEW: Duration = Duration::from_secs(10);

/// The precision of the time in a ResponseURL. It has whole seconds, and several hosts of CloudFormation sign URLs.
const PRECISION: Duration = Duration::from_secs(1);

/// No deployment takes longer than this.
const LONGEST_DEPLOYMENT: Duration = Duration::from_secs(2 * 24 * 3600);

/// An event that is older than this may be a second delivery of one that was answered long ago.
const FRESH: Duration = Duration::from_secs(5);

/// When another request was sent, compared with this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// After this one. This request is not about anything that the other one created.
    Later,
    /// At most the ServiceTimeout before this one. CloudFormation may not have an answer to it.
    Recent,
    /// Earlier than that. It has been answered.
    Earlier,
    /// The time was not recorded.
    Unknown,
}

/// The times of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestClock {
    sent: Option<SystemTime>,
    service_timeout: Option<Duration>,
    /// When the stack was created, if that is known.
    stack_created: Option<SystemTime>,
    /// When the event arrived.
    now: SystemTime,
}

impl RequestClock {
    /// The clock of a request that CloudFormation sent at `sent` and waits `service_timeout` for. Either may be
    /// unknown.
    pub fn new(sent: Option<SystemTime>, service_timeout: Option<Duration>) -> Self {
        let service_timeout = service_timeout.map(|timeout| timeout.min(DEFAULT_SERVICE_TIMEOUT));
        Self { sent, service_timeout, stack_created: None, now: SystemTime::now() }
    }

    /// The same clock for a request of a stack that was created at this time. No request of the stack is older.
    #[must_use]
    pub fn with_stack_created(self, stack_created: Option<SystemTime>) -> Self {
        Self { stack_created: stack_created.filter(|created| *created <= self.sent() + CLOCK_SKEW), ..self }
    }

    /// When CloudFormation sent the request. If that is unknown, when it arrived.
    pub fn sent(&self) -> SystemTime {
        self.sent.unwrap_or(self.now)
    }

    /// How long CloudFormation waits for the response, counted from when it sent the request.
    pub fn service_timeout(&self) -> Duration {
        self.service_timeout.unwrap_or(DEFAULT_SERVICE_TIMEOUT)
    }

    /// How old the request was when it arrived. Zero if that is unknown.
    pub fn age(&self) -> Duration {
        self.now.duration_since(self.sent()).unwrap_or_default()
    }

    /// Whether CloudFormation sent the request only moments ago.
    pub fn is_fresh(&self) -> bool {
        self.age() <= FRESH
    }

    /// How long ago CloudFormation gave up on the request, if it has.
    pub fn expired(&self) -> Option<Duration> {
        self.age().checked_sub(self.service_timeout())
    }

    /// Whether a request sent at `sent` may have created something at `created`. That request can have run no longer than the ServiceTimeout
    /// and Lambda's maximum. If `sent` is unknown, this is [`may_be_unanswered`](Self::may_be_unanswered).
    pub fn is_of_the_run_of(&self, sent: Option<SystemTime>, created: SystemTime) -> bool {
        let Some(sent) = sent else { return self.may_be_unanswered(created) };
        let longest = self.service_timeout().min(MAX_LAMBDA_TIMEOUT);
        created + CLOCK_SKEW >= sent && created <= sent + longest + CLOCK_SKEW
    }

    /// Compares `sent`, when another request was sent, with this request.
    pub fn sequence(&self, sent: Option<SystemTime>) -> Sequence {
        match sent {
            None => Sequence::Unknown,
            Some(sent) if sent > self.sent() + PRECISION => Sequence::Later,
            Some(sent) if sent >= self.earliest_unanswered() => Sequence::Recent,
            Some(_) => Sequence::Earlier,
        }
    }

    /// Whether a request sent at `sent` belongs to an earlier deployment: it is more than an hour older than this one. CloudFormation waits
    /// an hour at most, so it is not an earlier attempt in the same deployment.
    pub fn is_of_an_earlier_deployment(&self, sent: Option<SystemTime>) -> bool {
        sent.is_some_and(|sent| sent + DEFAULT_SERVICE_TIMEOUT < self.sent())
    }

    /// Whether the deployment of a request sent at `sent` is over: two days have passed.
    pub fn is_over(&self, sent: Option<SystemTime>) -> bool {
        sent.is_some_and(|sent| sent + LONGEST_DEPLOYMENT < self.sent())
    }

    /// Whether this request was sent before `other`. False if either time is unknown.
    pub fn was_sent_before(&self, other: &Self) -> bool {
        self.sent.zip(other.sent).is_some_and(|(own, other)| own < other)
    }

    /// Whether something created at `created` already existed when this request was sent, allowing for clock skew.
    pub fn is_older(&self, created: SystemTime) -> bool {
        created <= self.sent() + CLOCK_SKEW
    }

    /// Whether something created at `created` is not older than `since`, allowing for clock skew.
    pub fn is_since(&self, created: SystemTime, since: SystemTime) -> bool {
        created + CLOCK_SKEW >= since
    }

    /// Whether this request may have created something at `created`, allowing for clock skew.
    pub fn may_have_made(&self, created: SystemTime) -> bool {
        created >= self.sent() - CLOCK_SKEW
    }

    /// Whether something created at `created` may come from a create whose response CloudFormation never received.
    /// CloudFormation may have still been waiting for that create when it sent this request, and the create may have
    /// still been running.
    pub fn may_be_unanswered(&self, created: SystemTime) -> bool {
        created >= self.earliest_unanswered() && created <= self.sent() + MAX_LAMBDA_TIMEOUT
    }

    /// Whether a cleanup may take something created at `created` for that of the create it cleans up after, if nothing says when that one was
    /// sent. An abandoned create may go on while a fresh Delete runs. If the Delete is older, what was created since it was sent may belong to
    /// a later request.
    pub fn may_be_abandoned(&self, created: SystemTime) -> bool {
        self.may_be_unanswered(created) && (self.is_fresh() || self.is_older(created))
    }

    /// Whether something that a request sent at `sent` created may be too new for Chime to show, if Chime lags by
    /// `window`. That request may have waited and run for as long as CloudFormation did. Anything created before this
    /// request was sent is visible by then.
    pub fn may_be_unshown(&self, sent: SystemTime, window: Duration) -> bool {
        sent + window >= self.earliest_unanswered() && self.age() <= window
    }

    /// Whether something created at `created` belongs to a later incarnation: a request created it that was sent long
    /// after this one. This is never true for a recent event, because an earlier request could still be running.
    pub fn is_of_a_later_life(&self, created: SystemTime) -> bool {
        self.could_meet_a_later_life() && created > self.sent() + MAX_LAMBDA_TIMEOUT
    }

    /// Whether the event is old enough that a later incarnation may exist.
    pub fn could_meet_a_later_life(&self) -> bool {
        self.age() > MAX_LAMBDA_TIMEOUT
    }

    fn earliest_unanswered(&self) -> SystemTime {
        let earliest = self.sent() - self.service_timeout();
        self.stack_created.map_or(earliest, |created| created.max(earliest)) - CLOCK_SKEW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_ago(seconds: u64, service_timeout: Option<u64>) -> RequestClock {
        let sent = SystemTime::now() - Duration::from_secs(seconds);
        RequestClock::new(Some(sent), service_timeout.map(Duration::from_secs))
    }

    #[test]
    fn a_request_expires_after_its_service_timeout_or_after_an_hour() {
        assert_eq!(sent_ago(600, Some(60)).expired().map(|time| time.as_secs()), Some(540));
        assert_eq!(sent_ago(3500, None).expired(), None);
        assert!(sent_ago(3601, None).expired().is_some());
        assert_eq!(RequestClock::new(None, None).expired(), None);
        assert_eq!(sent_ago(0, Some(u64::MAX)).service_timeout(), DEFAULT_SERVICE_TIMEOUT);
    }

    #[test]
    fn a_request_is_fresh_for_five_seconds() {
        assert!(sent_ago(4, None).is_fresh() && !sent_ago(6, None).is_fresh());
        assert!(RequestClock::new(None, None).is_fresh());
    }

    #[test]
    fn a_later_incarnation_begins_after_the_longest_possible_run() {
        let old = sent_ago(2000, None);
        assert!(!old.is_of_a_later_life(old.sent() + MAX_LAMBDA_TIMEOUT));
        assert!(old.is_of_a_later_life(old.sent() + MAX_LAMBDA_TIMEOUT + Duration::from_secs(1)));
        let young = sent_ago(20, None);
        assert!(!young.is_of_a_later_life(young.sent() + Duration::from_secs(2000)));
    }

    #[test]
    fn other_requests_are_later_recent_or_earlier() {
        let clock = sent_ago(100, Some(60));
        let at = |seconds: i64| {
            let distance = Duration::from_secs(seconds.unsigned_abs());
            Some(if seconds < 0 { clock.sent() - distance } else { clock.sent() + distance })
        };
        assert_eq!(clock.sequence(None), Sequence::Unknown);
        assert_eq!(clock.sequence(at(2)), Sequence::Later);
        assert_eq!([at(1), at(0), at(-69)].map(|sent| clock.sequence(sent)), [Sequence::Recent; 3]);
        assert_eq!(clock.sequence(at(-71)), Sequence::Earlier);
        assert!(clock.is_of_an_earlier_deployment(at(-3601)) && !clock.is_of_an_earlier_deployment(at(-3599)));
        assert!(clock.is_over(at(-172_801)) && !clock.is_over(at(-172_799)) && !clock.is_over(None));
    }

    #[test]
    fn an_unanswered_create_was_sent_within_the_service_timeout() {
        let clock = sent_ago(0, Some(60));
        let ago = |seconds| clock.sent() - Duration::from_secs(seconds);
        assert!(clock.may_be_unanswered(ago(69)) && !clock.may_be_unanswered(ago(71)));
        assert!(clock.may_be_unanswered(clock.sent() + MAX_LAMBDA_TIMEOUT));
        assert!(clock.is_older(clock.sent() + CLOCK_SKEW) && clock.may_have_made(ago(10)));
        assert!(!clock.is_older(clock.sent() + CLOCK_SKEW * 2) && !clock.may_have_made(ago(11)));
    }
    #[test]
    fn what_is_older_than_the_stack_is_no_create_of_it() {
        let clock = sent_ago(0, Some(600));
        let at = |seconds: u64| clock.sent() - Duration::from_secs(seconds);
        assert!(clock.may_be_unanswered(at(100)));
        let young = clock.with_stack_created(Some(at(60)));
        assert_eq!([at(100), at(60)].map(|created| young.may_be_unanswered(created)), [false, true]);
        // A stack is older than its requests. Any other value is not a stack's creation time.
        let future = clock.with_stack_created(Some(clock.sent() + Duration::from_secs(60)));
        assert!(future.may_be_unanswered(at(100)));
    }
}
