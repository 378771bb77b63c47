//! `chime-local crowd`: many users at once, against as many Chime calls a second as there may be.

use chime_local::logical_resource::LogicalResource;
use chime_local::rehearsal::{Rehearsal, Rehearsed};
use chime_local::simulator::{Behaviour, Options, Pace};
use serde_json::{Value as Json, json};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const APP_INSTANCE: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/8d1e9c52-0a3f-4c8e-9d0b-1f6a2b3c4d5e";

/// The arguments of `crowd`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many users a stack creates at once, and deletes at once
    #[arg(long, value_name = "NUMBER", default_value_t = 500)]
    users: usize,
    /// How many Chime calls may be made in a second
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    rate: u32,
    /// How many times faster than the clock time passes
    #[arg(long, value_name = "FACTOR", default_value_t = 1)]
    pace: u32,
    /// The function's Timeout, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
}

/// Creates and deletes the users, and says how long it took beside how long it has to take.
///
/// # Errors
/// There is no port left.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let Arguments { users, rate, pace, timeout } = arguments;
    let options = Options {
        behaviour: Behaviour { rate: Some(rate), ..Behaviour::default() },
        seed: json!([{"AppInstanceArn": APP_INSTANCE, "Name": "Chat"}]),
        pace: Pace::times(pace),
        ..Options::default()
    };
    let rehearsal = Rehearsal::start(options).map_err(|error| error.to_string())?;
    let rehearsal = Arc::new(rehearsal.with_timeout(Duration::from_secs(timeout)));
    let resource = |n: usize| LogicalResource::new("Custom::ChimeAppInstanceUser").renamed(&format!("User{n}"));
    let properties = |n: usize| json!({"AppInstanceArn": APP_INSTANCE, "AppInstanceUserId": format!("user-{n}")});
    let creates = (0..users).map(|n| resource(n).create(&properties(n))).collect();
    let created = crowd("create", &rehearsal, creates, (rate, pace)).await?;
    let ids = created.iter().map(Rehearsed::id).enumerate();
    let deletes = ids.map(|(n, id)| resource(n).delete(id, &properties(n))).collect();
    let deleted = crowd("delete", &rehearsal, deletes, (rate, pace)).await?;
    let all_succeeded = created.iter().chain(&deleted).all(|rehearsed| rehearsed.status() == "SUCCESS");
    Ok(if all_succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all events at once.
async fn crowd(
    what: &str,
    rehearsal: &Arc<Rehearsal>,
    events: Vec<Json>,
    (rate, pace): (u32, u32),
) -> Result<Vec<Rehearsed>, String> {
    let started = Instant::now();
    let invoke = |event: Json| {
        let rehearsal = Arc::clone(rehearsal);
        tokio::spawn(async move { rehearsal.invoke(&event).await })
    };
    let running: Vec<_> = events.into_iter().map(invoke).collect();
    let mut ended = Vec::new();
    for event in running {
        ended.push(event.await.map_err(|error| error.to_string())?);
    }
    let took = started.elapsed().as_secs_f64() * f64::from(pace.max(1));
    // Whatever came last saw the calls of all.
    let calls = ended.iter().map(|rehearsed| &rehearsed.calls).max_by_key(|calls| calls.len());
    let throttled = calls.map_or(0, |calls| calls.iter().filter(|call| call.status == Some(429)).count());
    let taken = calls.map_or(0, Vec::len) - throttled;
    let limit = taken as f64 / f64::from(rate.max(1));
    let failed: Vec<_> = ended.iter().filter(|rehearsed| rehearsed.status() != "SUCCESS").collect();
    anstream::println!(
        "{what}: {} of {} succeeded, {taken} calls and {throttled} throttled, {took:.1} s: {:.2} times the {limit:.1} s that the calls need",
        ended.len() - failed.len(),
        ended.len(),
        took / limit,
    );
    if let Some(failed) = failed.first() {
        anstream::println!("  {}", failed.reason());
    }
    Ok(ended)
}
