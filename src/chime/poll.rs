//! The one loop that waits. Chime's lists and tags lag behind its creates, and its deletes go on in the background: what is asked once
//! is asked again, with growing pauses, for as long as that is worth something.

use crate::chime::error::Result;
use crate::settings::TimeScale;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The first pause; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// For how long Chime may not show what it has made, where waiting is not all that can be done: longer than the lags of some seconds
/// that others have told of.
pub const CONSISTENCY_WINDOW: Duration = Duration::from_secs(20);

/// See [`Window::absence`].
const LASTING_ABSENCE: Duration = Duration::from_secs(5);

/// A moment, after which a second look is worth something.
const MOMENT: Duration = Duration::from_millis(500);

/// The time within which looking again is worth something.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    until: Instant,
}

impl Window {
    /// The time until `until`, by the clock.
    pub fn until(until: Instant) -> Self {
        Self { until }
    }

    /// The time within which Chime comes to show what it has just made.
    pub fn consistency(time_scale: TimeScale) -> Self {
        Self::until(Instant::now() + time_scale.of(CONSISTENCY_WINDOW))
    }

    /// For how long something has to stay absent before it counts as gone: what was made a moment ago may only be invisible.
    pub fn absence(time_scale: TimeScale) -> Self {
        Self::until(Instant::now() + time_scale.of(LASTING_ABSENCE))
    }

    /// As long as the request has time: its deadline ends the wait.
    pub fn unlimited() -> Self {
        Self::until(Instant::now() + Duration::from_secs(24 * 60 * 60))
    }

    /// The same, and no longer than until `until`.
    #[must_use]
    pub fn and_until(self, until: Instant) -> Self {
        Self { until: self.until.min(until) }
    }

    /// Whether there is time left for another look.
    pub fn is_open(&self) -> bool {
        !self.left().is_zero()
    }

    /// Waits until there is none left.
    pub async fn closed(&self) {
        sleep(self.left()).await;
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// What came of a look.
#[derive(Debug)]
pub enum Poll<T> {
    /// This; no further look.
    Ready(T),
    /// Look again after a pause, which ends with the window at the latest.
    Again(Window),
    /// Look again in a moment: the same has to be seen more than once.
    Confirm,
    /// Look again at once: something has just been learnt.
    Now,
}

/// Looks until there is an outcome. Each pause is twice as long as the one before, and none goes beyond the window that the look named.
/// Whether the window is still open is for the look to say: it decides what is true when time is up.
///
/// # Errors
/// Those of `look`, at once.
pub async fn poll<T>(time_scale: TimeScale, mut look: impl AsyncFnMut() -> Result<Poll<T>>) -> Result<T> {
    let mut pause = FIRST_PAUSE;
    loop {
        match look().await? {
            Poll::Ready(outcome) => return Ok(outcome),
            Poll::Again(window) => {
                sleep(time_scale.of(pause).min(window.left())).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Poll::Confirm => sleep(time_scale.of(MOMENT)).await,
            Poll::Now => {}
        }
    }
}

/// How often in a row something has been seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streak(u32);

impl Streak {
    /// Counts a look: one that shows it goes on, any other starts anew.
    pub fn count(&mut self, is_seen: bool) -> u32 {
        self.0 = if is_seen { self.0 + 1 } else { 0 };
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chime::error::{Error, Kind};

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end_with_the_window() {
        let (start, window) = (Instant::now(), Window::consistency(TimeScale::default()));
        let mut looks = Vec::new();
        let outcome = poll(TimeScale::default(), async || {
            looks.push(start.elapsed().as_millis());
            Ok(if window.is_open() { Poll::Again(window) } else { Poll::Ready("closed") })
        });
        assert_eq!(outcome.await.expect("an outcome"), "closed");
        assert_eq!(looks, [0, 100, 300, 700, 1500, 3100, 6300, 11300, 16300, 20000]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_ends_it_at_once_and_a_confirmation_takes_a_moment() {
        let start = Instant::now();
        let mut streak = Streak::default();
        let seen = poll(TimeScale::default(), async || match streak.count(true) {
            3 => Ok(Poll::Ready(())),
            _ => Ok(Poll::Confirm),
        });
        seen.await.expect("seen");
        assert_eq!(start.elapsed(), MOMENT * 2);
        let failed = poll(TimeScale::default(), async || Err::<Poll<()>, _>(Error::new(Kind::Denied, "no")));
        assert_eq!(failed.await.expect_err("an error").kind(), Kind::Denied);
    }

    #[test]
    fn a_streak_starts_anew_after_a_look_that_shows_something_else() {
        let mut streak = Streak::default();
        assert_eq!([true, true, false, true].map(|is_seen| streak.count(is_seen)), [1, 2, 0, 1]);
    }
}
