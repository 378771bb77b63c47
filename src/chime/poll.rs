//! The one polling loop. Chime's lists and tags lag behind creates, and deletes continue in the background. The loop
//! repeats a check with growing pauses for as long as the result may still change.

use crate::chime::error::Result;
use crate::settings::TimeScale;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The first pause. Each pause is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// How long Chime may take to show what it created. It limits the wait in cases where there is an alternative to
/// waiting. Others have reported lags of some seconds.
pub const CONSISTENCY_WINDOW: Duration = Duration::from_secs(20);

/// See [`Window::absence`].
const LASTING_ABSENCE: Duration = Duration::from_secs(5);

/// The pause before a check is confirmed.
const CONFIRM_PAUSE: Duration = Duration::from_millis(500);

/// The time in which repeating a check makes sense.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    until: Instant,
}

impl Window {
    /// A window until `until`, by the clock.
    pub fn until(until: Instant) -> Self {
        Self { until }
    }

    /// The time that Chime may take to show something it just created.
    pub fn consistency(time_scale: TimeScale) -> Self {
        Self::until(Instant::now() + time_scale.of(CONSISTENCY_WINDOW))
    }

    /// How long a resource has to stay absent before it counts as gone. One that was created a moment ago may be invisible.
    pub fn absence(time_scale: TimeScale) -> Self {
        Self::until(Instant::now() + time_scale.of(LASTING_ABSENCE))
    }

    /// No limit of its own: the request's deadline ends the wait.
    pub fn unlimited() -> Self {
        Self::until(Instant::now() + Duration::from_secs(24 * 60 * 60))
    }

    /// The same window, but no longer than until `until`.
    #[must_use]
    pub fn and_until(self, until: Instant) -> Self {
        Self { until: self.until.min(until) }
    }

    /// Whether there is time for another check.
    pub fn is_open(&self) -> bool {
        !self.left().is_zero()
    }

    /// Waits until the window closes.
    pub async fn closed(&self) {
        sleep(self.left()).await;
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// The result of a check.
#[derive(Debug)]
pub enum Poll<T> {
    /// The final result.
    Ready(T),
    /// Check again after a pause, which ends with the window at the latest.
    Again(Window),
    /// Check again after a short pause, because the result must be seen more than once.
    Confirm,
    /// Check again at once, because there is new information.
    Now,
}

/// The pause before the next check: each is twice as long as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

/// Repeats `check` until it returns a final result. The pauses grow from `backoff`, and none extends beyond the window that
/// the check returned. The check itself has to test whether the window is still open, because it decides the result when
/// time is up.
///
/// # Errors
/// Errors of `check` are returned at once.
pub async fn poll_from<T>(
    backoff: &mut Backoff,
    time_scale: TimeScale,
    mut check: impl AsyncFnMut() -> Result<Poll<T>>,
) -> Result<T> {
    loop {
        match check().await? {
            Poll::Ready(outcome) => return Ok(outcome),
            Poll::Again(window) => {
                sleep(time_scale.of(backoff.0).min(window.left())).await;
                backoff.0 = (backoff.0 * 2).min(MAX_PAUSE);
            }
            Poll::Confirm => sleep(time_scale.of(CONFIRM_PAUSE)).await,
            Poll::Now => {}
        }
    }
}

/// [`poll_from`] the first pause.
///
/// # Errors
/// Errors of `check` are returned at once.
pub async fn poll<T>(time_scale: TimeScale, check: impl AsyncFnMut() -> Result<Poll<T>>) -> Result<T> {
    poll_from(&mut Backoff::default(), time_scale, check).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chime::error::{Error, Kind};

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end_with_the_window() {
        let (start, window) = (Instant::now(), Window::consistency(TimeScale::default()));
        let mut checks = Vec::new();
        let outcome = poll(TimeScale::default(), async || {
            checks.push(start.elapsed().as_millis());
            Ok(if window.is_open() { Poll::Again(window) } else { Poll::Ready("closed") })
        });
        assert_eq!(outcome.await.expect("an outcome"), "closed");
        assert_eq!(checks, [0, 100, 300, 700, 1500, 3100, 6300, 11300, 16300, 20000]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_is_returned_at_once_and_a_confirmation_takes_a_short_pause() {
        let start = Instant::now();
        let mut checks = 0;
        let seen = poll(TimeScale::default(), async || {
            checks += 1;
            Ok(if checks == 3 { Poll::Ready(()) } else { Poll::Confirm })
        });
        seen.await.expect("seen");
        assert_eq!(start.elapsed(), CONFIRM_PAUSE * 2);
        let failed = poll(TimeScale::default(), async || Err::<Poll<()>, _>(Error::new(Kind::Denied, "no")));
        assert_eq!(failed.await.expect_err("an error").kind(), Kind::Denied);
    }
}
