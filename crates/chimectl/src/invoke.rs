//! `chimectl invoke`: runs events through the function, in order.

use crate::terminal::{print_outcome, print_request, say_line};
use crate::test_bed::{ChimeTestBed, Outcome};
use chime_messaging_resources::{Settings, check_destination, logging};
use chime_simulator::{Fault, Options, sample_seed};
use cloudformation_local::Reaction;
use serde_json::{Value as Json, json};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// More answers than the function ever sends.
const ALL_ANSWERS: usize = 10_000;

/// The arguments of `invoke`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files with one event each
    #[arg(required = true, value_name = "EVENT.json")]
    events: Vec<PathBuf>,
    /// Print one JSON document for each event
    #[arg(long)]
    json: bool,
    /// Run this built function with the Lambda Runtime API, instead of the library
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// The function's timeout for each event
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
    /// Make Chime calls fail, like POST /_local/faults of serve: {"operation": "CreateAppInstance", "times": 2, "kind": "Throttle"};
    /// can be repeated
    #[arg(long = "fault", value_name = "JSON", value_parser = fault)]
    faults: Vec<Fault>,
    /// Reject every answer, like the bucket behind a ResponseURL after two hours
    #[arg(long)]
    refuse_answers: bool,
    /// First check whether the function would answer to the events' own ResponseURLs, with this shell's RESPONSE_URL_HOSTS. Nothing is
    /// ever sent there
    #[arg(long)]
    keep_response_url: bool,
    /// How long ago CloudFormation sent the events
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    late: u64,
    /// Also print the function's log
    #[arg(long, conflicts_with = "binary")]
    log: bool,
}

fn fault(text: &str) -> Result<Fault, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Runs the events. All files are read before the first event is run.
///
/// # Errors
/// A file cannot be read or is not an event, or the function cannot be started.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let events: Result<Vec<_>, String> = arguments.events.iter().map(read).collect();
    let events = events?;
    if arguments.keep_response_url {
        arguments.events.iter().zip(&events).try_for_each(|(path, event)| {
            let text = |name: &str| event[name].as_str().unwrap_or_default();
            check_destination(text("StackId"), text("ResponseURL"), &Settings::from_env())
                .map_err(|refusal| format!("{}: {refusal}", path.display()))
        })?;
    }
    let seed = sample_seed().map_err(|error| error.to_string())?;
    let options = Options { seed, ..Options::default() };
    let bed = ChimeTestBed::start_with(arguments.binary.as_deref(), options)
        .map_err(|error| binary_error(arguments.binary.as_deref(), &error))?;
    let bed = bed.with_timeout(Duration::from_secs(arguments.timeout));
    arguments.faults.iter().try_for_each(|fault| bed.simulator.inject_checked(fault.clone()))?;
    if arguments.refuse_answers {
        bed.bucket.respond_with(vec![Reaction::Status(403); ALL_ANSWERS]);
    }
    if arguments.log {
        logging::init();
    }
    let sent = SystemTime::now() - Duration::from_secs(arguments.late);
    let mut failed = false;
    for (path, event) in arguments.events.iter().zip(&events) {
        let source = path.display().to_string();
        if !arguments.json {
            print_request(event, &source);
        }
        let outcome = bed.invoke_sent(event, sent).await;
        failed |= !is_success(&outcome);
        if arguments.json {
            say_line!("{}", document(&source, event, &outcome));
        } else {
            print_outcome(&outcome);
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Why the function does not start, with what is wrong with its binary if there is one.
pub fn binary_error(binary: Option<&Path>, error: &io::Error) -> String {
    let Some(binary) = binary else { return error.to_string() };
    let why = match std::fs::metadata(binary) {
        Err(missing) => missing.to_string(),
        Ok(file) if file.is_dir() => {
            "it is a folder; the function's built file is target/release/chime-messaging-resources".to_owned()
        }
        Ok(_) if error.kind() == io::ErrorKind::PermissionDenied => "it is not executable (chmod +x)".to_owned(),
        Ok(_) if error.raw_os_error() == Some(8) => {
            "it is not a program for this machine; was it built for another one?".to_owned()
        }
        Ok(_) => error.to_string(),
    };
    format!("{} cannot be run: {why}", binary.display())
}

fn read(path: &PathBuf) -> Result<Json, String> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let event: Json = serde_json::from_str(&text).map_err(|error| format!("{name} is not JSON: {error}"))?;
    if event.is_object() { Ok(event) } else { Err(format!("{name} is not an event: it is not a JSON object")) }
}

fn is_success(outcome: &Outcome) -> bool {
    let is_answered = outcome.failure.is_none() && outcome.problems.is_empty();
    is_answered && outcome.answer.as_ref().is_some_and(|answer| answer["Status"] == "SUCCESS")
}

fn document(source: &str, event: &Json, outcome: &Outcome) -> Json {
    json!({
        "source": source,
        "event": event,
        "calls": outcome.calls,
        "answer": outcome.answer,
        "problems": outcome.problems,
        "failure": outcome.failure,
    })
}
