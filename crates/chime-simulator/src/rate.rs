//! The rate limit.

use std::time::{Duration, Instant};

/// A token bucket: it fills up over time, and each call takes one token.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    /// The level at a time; none for a full one.
    level: Option<(f64, Instant)>,
}

impl Bucket {
    /// Whether one more call is allowed, with `rate` calls in each `second` and as many in a burst.
    pub fn allows(&mut self, rate: u32, second: Duration) -> bool {
        let (now, full) = (Instant::now(), f64::from(rate));
        let level = self.level.map_or(full, |(level, at)| {
            let seconds = (now - at).as_secs_f64() / second.as_secs_f64().max(f64::EPSILON);
            full.min(level + seconds * full)
        });
        let is_allowed = level >= 1.0;
        self.level = Some((if is_allowed { level - 1.0 } else { level }, now));
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Behaviour;
    use crate::testing::{Account, failure, is};

    #[test]
    fn calls_above_the_rate_are_not_allowed() {
        let mut bucket = Bucket::default();
        let long = Duration::from_secs(1000);
        let passed: Vec<bool> = (0..4).map(|_| bucket.allows(3, long)).collect();
        assert_eq!(passed, [true, true, true, false]);
        assert!(!Bucket::default().allows(0, long));
    }

    #[tokio::test]
    async fn a_throttled_call_is_not_processed_and_a_later_one_is() {
        let account = Account::with(Behaviour { rate: Some(2), ..Behaviour::default() });
        let create = || account.identity.create_app_instance().name("n").send();
        create().await.unwrap();
        create().await.unwrap();
        assert_eq!(failure(create().await), is(429, "ThrottledClient"));
        assert_eq!(account.simulator.holds().as_array().unwrap().len(), 2);
        tokio::time::sleep(Duration::from_millis(600)).await;
        create().await.unwrap();
    }
}
