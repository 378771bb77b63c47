//! Time that passes faster than the clock. The function has a definition of its own, because neither crate may depend on the other.

use std::num::NonZeroU32;
use std::time::Duration;

/// A factor by which time passes faster than the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeScale(NonZeroU32);

impl Default for TimeScale {
    fn default() -> Self {
        Self(NonZeroU32::MIN)
    }
}

impl TimeScale {
    /// `factor` times as fast as the clock; 0 counts as 1.
    pub fn times(factor: u32) -> Self {
        Self(NonZeroU32::new(factor).unwrap_or(NonZeroU32::MIN))
    }

    /// How many times faster than the clock.
    pub fn factor(self) -> u32 {
        self.0.get()
    }

    /// How long `time` takes by the clock.
    pub fn of(self, time: Duration) -> Duration {
        time / self.0.get()
    }
}
