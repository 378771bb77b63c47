//! `chime-local measure`: what the built function costs, start and events, time and memory.

use crate::screen::{BOLD, styled};
use chime_local::logical_resource::LogicalResource;
use chime_local::rehearsal::{Rehearsal, Rehearsed};
use chime_local::simulator::Options;
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The arguments of `measure`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The built function
    #[arg(long, value_name = "PATH", default_value = "target/release/chime-messaging-resources")]
    binary: PathBuf,
    /// How many resources are created and deleted again
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    resources: u32,
}

/// Measures. Each event is one call of the simulator and one answer to the receiver, all on the loopback address.
///
/// # Errors
/// The binary cannot be run, or an event failed.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let rehearsal = Rehearsal::of(Some(&arguments.binary), Options::default())
        .map_err(|error| format!("{} cannot be run: {error}", arguments.binary.display()))?;
    let resource = LogicalResource::new("Custom::ChimeAppInstance");
    let properties = json!({"Name": "Measured"});
    let mut times = Vec::new();
    for _ in 0..arguments.resources {
        let (created, time) = timed(&rehearsal, &resource.create(&properties)).await?;
        times.push(time);
        let (_, time) = timed(&rehearsal, &resource.delete(created.id(), &properties)).await?;
        times.push(time);
    }
    let host = rehearsal.host().ok_or("the function does not run as a process")?;
    let line = |what: &str, value: String| anstream::println!("{}{value}", styled(BOLD, format!("{what:<34}")));
    let millis = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
    line("start to first event", host.init_time().map_or_else(|| "unknown".to_owned(), millis));
    let (first, warm) = times.split_first_mut().ok_or("nothing was measured")?;
    line("first event", millis(*first));
    warm.sort();
    line("warm event, median", millis(warm[warm.len() / 2]));
    line("warm event, 99th percentile", millis(warm[warm.len() * 99 / 100]));
    let memory =
        host.peak_rss_kib().map_or_else(|| "unknown".to_owned(), |kib| format!("{:.2} MiB", kib as f64 / 1024.0));
    line("peak resident memory", memory);
    Ok(ExitCode::SUCCESS)
}

async fn timed(rehearsal: &Rehearsal, event: &Json) -> Result<(Rehearsed, Duration), String> {
    let started = Instant::now();
    let rehearsed = rehearsal.invoke(event).await;
    let time = started.elapsed();
    if rehearsed.status() == "SUCCESS" { Ok((rehearsed, time)) } else { Err(rehearsed.reason().to_owned()) }
}
