//! How many times faster than the clock time passes in a test: less where the machine is busy with something else.
//!
//! Twenty times as fast, a second of the function's is 50 ms. A thread that waits 50 ms for a core has then lost a second, and a test
//! fails for no fault of the function's. So each test asks first how long a core makes it wait.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The pace on a machine that has nothing else to do.
const FULL: u32 = 20;

/// Below this no test would end.
const LEAST: u32 = 2;

/// The tests themselves run side by side: so many times longer than alone is no sign of another's work.
const OWN_SHARE: f64 = 1.3;

/// How long a measurement holds.
const HOLDS: Duration = Duration::from_secs(1);

/// Long enough for the system to take the core away from whoever has to share it.
const MEASUREMENT: Duration = Duration::from_millis(20);

static MEASURED: Mutex<Option<(Instant, u32)>> = Mutex::new(None);

thread_local! {
    static PACE: Cell<Option<u32>> = const { Cell::new(None) };
}

/// The pace of this thread's test, which stays the same until it ends.
pub fn pace() -> u32 {
    PACE.get().unwrap_or_else(renew)
}

/// The pace for whatever this thread runs next.
pub fn renew() -> u32 {
    let mut measured = MEASURED.lock().unwrap_or_else(PoisonError::into_inner);
    let pace = match *measured {
        Some((when, pace)) if when.elapsed() < HOLDS => pace,
        _ => {
            let pace = of_share(contention());
            *measured = Some((Instant::now(), pace));
            pace
        }
    };
    PACE.set(Some(pace));
    pace
}

/// The pace for a test that leaves the function little time: a second of the function's is a longer one by the clock.
pub fn at_most(limit: u32) {
    PACE.set(Some(renew().min(limit)));
}

/// How many times longer a piece of work takes than where nothing interrupts it.
fn contention() -> f64 {
    let began = Instant::now();
    let mut pieces = Vec::new();
    while began.elapsed() < MEASUREMENT || pieces.len() < 20 {
        let piece = Instant::now();
        (0..20_000_u64).for_each(|step| {
            black_box(step.wrapping_mul(step));
        });
        pieces.push(piece.elapsed().as_secs_f64());
    }
    let mut sorted = pieces.clone();
    sorted.sort_by(f64::total_cmp);
    // Most pieces are too short to be interrupted.
    let alone = sorted[sorted.len() / 4].max(f64::EPSILON);
    pieces.iter().sum::<f64>() / (alone * pieces.len() as f64)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Between the least and the full pace.
fn of_share(contention: f64) -> u32 {
    (f64::from(FULL) * OWN_SHARE / contention).clamp(f64::from(LEAST), f64::from(FULL)) as u32
}

#[test]
fn a_busy_machine_slows_the_tests_down_and_never_stops_them() {
    assert_eq!([0.5, 1.0, 1.3].map(of_share), [FULL; 3]);
    assert_eq!(of_share(6.5), 4);
    assert_eq!([f64::INFINITY, 1e9].map(of_share), [LEAST; 2]);
}

#[test]
fn the_pace_of_a_test_stays_the_same() {
    let first = pace();
    std::thread::sleep(HOLDS + Duration::from_millis(10));
    assert_eq!(pace(), first);
}
