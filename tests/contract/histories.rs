//! Random histories of stacks. Calls fail, responses get lost, environments are killed and events are delivered twice.
//! In the end, Chime contains what the templates say.
//!
//! A history is a plan ([`plan`]). A simulated CloudFormation ([`cloudformation`]) carries it out through a simulated
//! Lambda ([`lambda`]), which has several environments, kills them and delivers events again. After each step, Chime
//! contains what the templates say and nothing else ([`held`]).
//!
//! `HISTORIES` sets the number of histories, `SEED` the first seed, and `WORKERS` how many run concurrently. A failure
//! prints its seed and the smallest failing history that was found: `SEED=7 HISTORIES=1 cargo test --test contract
//! histories`. A seed always produces the same plan, but not the same order of concurrent events.

mod by_hand;
mod check;
mod cloudformation;
mod edits;
mod existing;
mod held;
mod lambda;
mod meeting;
mod outcome;
mod pieces;
mod plan;
mod template;
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
/// The violated condition, and everything that happened before.
fn carry_out(history: &History) -> Result<(), String> {
    crate::pace::renew();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, Account::new(history).run(history))
}

/// Runs the history with this seed. A failure includes the smallest failing history.
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
fn chime_contains_what_the_templates_say() {
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
