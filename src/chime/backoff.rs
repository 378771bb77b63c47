//! Pauses while Chime comes round to what it has just done: lists and tags lag behind creates, and deletes go on in the background.

use crate::settings::TimeScale;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The first pause; each is twice as long as the one before.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(5);

/// For how long something that ought to be visible is waited for, where waiting is not all that can be done: longer than the
/// lags of some seconds that others have told of.
pub const LAG: Duration = Duration::from_secs(20);

/// A moment, after which a second look is worth something.
const MOMENT: Duration = Duration::from_millis(500);

/// Growing pauses until some time.
#[derive(Debug)]
pub struct Patience {
    time_scale: TimeScale,
    until: Instant,
    next: Duration,
}

impl Patience {
    /// Pauses until `until`.
    pub fn until(until: Instant, time_scale: TimeScale) -> Self {
        Self { time_scale, until, next: FIRST }
    }

    /// Pauses for as long as the request has time: its deadline ends it.
    pub fn to_the_end(time_scale: TimeScale) -> Self {
        Self::until(Instant::now() + Duration::from_secs(24 * 60 * 60), time_scale)
    }

    /// Pauses for as long as Chime may lag behind, but not beyond `until`.
    pub fn for_a_lag(until: Instant, time_scale: TimeScale) -> Self {
        Self::until(until.min(Instant::now() + time_scale.of(LAG)), time_scale)
    }

    /// Pauses. `false` if the time is up: then this was the last pause, or there was none.
    pub async fn pause(&mut self) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        sleep(self.time_scale.of(self.next).min(left)).await;
        self.next = (self.next * 2).min(LONGEST);
        true
    }
}

/// Waits for a moment.
pub async fn a_moment(time_scale: TimeScale) {
    sleep(time_scale.of(MOMENT)).await;
}
