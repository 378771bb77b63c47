//! Random histories of stacks: whatever fails, is lost, is killed or comes twice, Chime holds in the end what the templates say.
//!
//! A history is a plan ([`plan`]) that a CloudFormation ([`cloudformation`]) carries out by way of a Lambda ([`lambda`]) with several
//! environments, which are killed and deliver again. After each step Chime holds what the templates say and nothing else ([`held`]).
//!
//! `HISTORIES` says how many there are, `SEED` with which one they begin, and `WORKERS` how many run at once. A failure names its seed, and
//! the smallest history found that fails as well: `SEED=7 HISTORIES=1 cargo test --test contract histories`. A seed gives the same
//! plan each time; who comes first where two run at the same time, it does not say.

mod cloudformation;
mod held;
mod lambda;
mod plan;
mod things;

use cloudformation::Account;
use plan::{History, history};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Carries out a history.
///
/// # Errors
/// What did not hold, and all that had happened by then.
fn carry_out(history: &History) -> Result<(), String> {
    crate::pace::renew();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, Account::new(history).live(history))
}

/// The history of this seed; its failure, with the smallest one that fails as well.
fn run(seed: u64) -> Result<(), String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: 1,
        max_shrink_iters: number("SHRINK", 60) as u32,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&history(), |history| match catch_unwind(AssertUnwindSafe(|| carry_out(&history))) {
        Ok(outcome) => outcome.map_err(TestCaseError::fail),
        Err(_) => Err(TestCaseError::fail("a panic")),
    });
    outcome.map_err(|error| format!("SEED={seed} HISTORIES=1\n{error}"))
}

#[test]
fn chime_holds_what_the_templates_say() {
    let (first, histories) = (number("SEED", 1), number("HISTORIES", 24));
    let (next, failures) = (AtomicU64::new(first), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..number("WORKERS", 8).min(histories) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + histories {
                        return;
                    }
                    if let Err(failure) = run(seed) {
                        println!("{failure}");
                        failures.lock().unwrap_or_else(PoisonError::into_inner).push(seed);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(failures.is_empty(), "{} of {histories} histories failed: {failures:?}", failures.len());
}
