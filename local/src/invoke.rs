//! `chime-local invoke`: events through the function, in order.

use crate::screen;
use chime_local::rehearsal::{Rehearsal, Rehearsed, samples};
use chime_local::simulator::Options;
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The arguments of `invoke`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files with one event each
    #[arg(required = true, value_name = "EVENT.json")]
    events: Vec<PathBuf>,
    /// Print one JSON document for each event
    #[arg(long)]
    json: bool,
    /// Run this built function by the Lambda Runtime API, in place of the library
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// How long the function has for each event
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

/// Runs the events. All files are read before the first event is run.
///
/// # Errors
/// A file cannot be read or is not JSON, or nothing could be started.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let events: Result<Vec<_>, String> = arguments.events.iter().map(read).collect();
    let events = events?;
    let seed = samples().map_err(|error| error.to_string())?;
    let options = Options { seed, ..Options::default() };
    let rehearsal = Rehearsal::of(arguments.binary.as_deref(), options).map_err(|error| match &arguments.binary {
        Some(binary) => format!("{} cannot be run: {error}", binary.display()),
        None => error.to_string(),
    })?;
    let rehearsal = rehearsal.with_timeout(Duration::from_secs(arguments.timeout));
    let mut failed = false;
    for (path, event) in arguments.events.iter().zip(&events) {
        let source = path.display().to_string();
        if !arguments.json {
            screen::print_request(event, &source);
        }
        let rehearsed = rehearsal.invoke(event).await;
        failed |= !is_success(&rehearsed);
        if arguments.json {
            anstream::println!("{}", document(&source, event, &rehearsed));
        } else {
            screen::print_rehearsed(&rehearsed);
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn read(path: &PathBuf) -> Result<Json, String> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let event: Json = serde_json::from_str(&text).map_err(|error| format!("{name} is not JSON: {error}"))?;
    if event.is_object() { Ok(event) } else { Err(format!("{name} is not an event: it is not a JSON object")) }
}

fn is_success(rehearsed: &Rehearsed) -> bool {
    let is_answered = rehearsed.failure.is_none() && rehearsed.problems.is_empty();
    is_answered && rehearsed.answer.as_ref().is_some_and(|answer| answer["Status"] == "SUCCESS")
}

fn document(source: &str, event: &Json, rehearsed: &Rehearsed) -> Json {
    json!({
        "source": source,
        "event": event,
        "calls": rehearsed.calls,
        "answer": rehearsed.answer,
        "problems": rehearsed.problems,
        "failure": rehearsed.failure,
    })
}
