//! So many calls a second, and no more.

use std::time::{Duration, Instant};

/// A bucket of calls that fills up with time.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    /// What was in it then; it is full at the beginning.
    level: Option<(f64, Instant)>,
}

impl Bucket {
    /// Whether one more call may pass, where `rate` may in each `second`, and as many at once.
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
    fn what_is_over_the_rate_does_not_pass() {
        let mut bucket = Bucket::default();
        let long = Duration::from_secs(1000);
        let passed: Vec<bool> = (0..4).map(|_| bucket.allows(3, long)).collect();
        assert_eq!(passed, [true, true, true, false]);
        assert!(!Bucket::default().allows(0, long));
    }

    #[tokio::test]
    async fn a_throttled_call_is_not_processed_and_the_next_second_comes() {
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
