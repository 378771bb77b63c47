//! `cargo xtask load-test`: creates and deletes many users at once while Chime's calls per second are limited.

use chime_simulator::{Behaviour, Options, TimeScale};
use chimectl::test_bed::{ChimeTestBed, Outcome};
use cloudformation_local::LogicalResource;
use serde_json::{Value as Json, json};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const APP_INSTANCE: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/8d1e9c52-0a3f-4c8e-9d0b-1f6a2b3c4d5e";

/// The arguments of `load-test`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The number of users that are created at once and then deleted at once
    #[arg(long, value_name = "NUMBER", default_value_t = 500)]
    users: usize,
    /// The limit of Chime calls per second
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    rate: u32,
    /// Speeds time up by this factor
    #[arg(long, value_name = "FACTOR", default_value_t = 1)]
    time_scale: u32,
    /// The Timeout of the function, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
}

/// Creates and deletes the users, and prints the time it took and the minimum for the number of calls.
///
/// # Errors
/// There is no port left.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let Arguments { users, rate, time_scale, timeout } = arguments;
    let options = Options {
        behaviour: Behaviour { rate: Some(rate), ..Behaviour::default() },
        seed: json!([{"AppInstanceArn": APP_INSTANCE, "Name": "Chat"}]),
        time_scale: TimeScale::times(time_scale),
        ..Options::default()
    };
    let bed = ChimeTestBed::start(options).map_err(|error| error.to_string())?;
    let bed = Arc::new(bed.with_timeout(Duration::from_secs(timeout)));
    let resource = |n: usize| LogicalResource::new("Custom::ChimeAppInstanceUser").renamed(&format!("User{n}"));
    let properties = |n: usize| json!({"AppInstanceArn": APP_INSTANCE, "AppInstanceUserId": format!("user-{n}")});
    let creates = (0..users).map(|n| resource(n).create(&properties(n))).collect();
    let created = run_all("create", &bed, creates, (rate, time_scale)).await?;
    let deletes =
        created.iter().enumerate().map(|(n, created)| resource(n).delete(&created.id, &properties(n))).collect();
    let deleted = run_all("delete", &bed, deletes, (rate, time_scale)).await?;
    let all_succeeded = created.iter().chain(&deleted).all(|ended| ended.succeeded);
    Ok(if all_succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The part of an outcome that is kept. Every outcome has a copy of the calls of all events, too much memory for 500 users.
struct Ended {
    succeeded: bool,
    id: String,
    reason: String,
    /// The calls of all events until the end of this one, and how many of them were throttled.
    calls: (usize, usize),
}

impl Ended {
    fn of(outcome: &Outcome) -> Self {
        let throttled = outcome.calls.iter().filter(|call| call.status == Some(429)).count();
        Self {
            succeeded: outcome.status() == "SUCCESS",
            id: outcome.id().to_owned(),
            reason: outcome.reason().to_owned(),
            calls: (outcome.calls.len(), throttled),
        }
    }
}

/// Runs all events at once.
async fn run_all(
    what: &str,
    bed: &Arc<ChimeTestBed>,
    events: Vec<Json>,
    (rate, time_scale): (u32, u32),
) -> Result<Vec<Ended>, String> {
    let started = Instant::now();
    let invoke = |event: Json| {
        let bed = Arc::clone(bed);
        tokio::spawn(async move { Ended::of(&bed.invoke(&event).await) })
    };
    let running: Vec<_> = events.into_iter().map(invoke).collect();
    let mut all = Vec::new();
    for event in running {
        all.push(event.await.map_err(|error| error.to_string())?);
    }
    let took = started.elapsed().as_secs_f64() * f64::from(time_scale.max(1));
    // The last event to end has the calls of all.
    let (calls, throttled) = all.iter().map(|ended| ended.calls).max().unwrap_or_default();
    let taken = calls - throttled;
    let limit = taken as f64 / f64::from(rate.max(1));
    let failed: Vec<_> = all.iter().filter(|ended| !ended.succeeded).collect();
    anstream::println!(
        "{what}: {} of {} succeeded, {taken} calls and {throttled} throttled, {took:.1} s: {:.2} times the minimum of {limit:.1} s for these calls",
        all.len() - failed.len(),
        all.len(),
        took / limit,
    );
    if let Some(failed) = failed.first() {
        anstream::println!("  {}", failed.reason);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ended(timeout: u64) -> String {
        let arguments = Arguments { users: 12, rate: 2, time_scale: 20, timeout };
        format!("{:?}", run(arguments).await.unwrap())
    }

    #[tokio::test]
    async fn all_users_are_served_if_there_is_time_and_those_that_failed_are_reported_if_not() {
        assert_eq!(ended(300).await, format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(ended(2).await, format!("{:?}", ExitCode::FAILURE));
    }
}
