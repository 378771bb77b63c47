//! Output for people: with colours in a terminal, and in columns.

use crate::test_bed::Outcome;
use anstyle::{AnsiColor, Style};
use chime_simulator::Call;
use serde_json::Value as Json;
use std::process::ExitCode;

/// The style of successes.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// The style of failures.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// The style of warnings.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// The style of headings.
pub const BOLD: Style = Style::new().bold();
/// The style of details.
pub const DIM: Style = Style::new().dimmed();

/// `text` in a style.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The exit status of a command. For an error it is 2, and the error is printed.
pub fn exit_code(outcome: Result<ExitCode, String>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        anstream::eprintln!("{} {error}", styled(BAD, "error:"));
        ExitCode::from(2)
    })
}

/// Prints the heading of an event: the request and its resource.
pub fn print_request(event: &Json, source: &str) {
    let text = |name: &str| event[name].as_str().unwrap_or("?");
    let construct = event["ResourceProperties"]["resourceType"].as_str();
    let construct = construct.map(|name| format!(" ({name})")).unwrap_or_default();
    anstream::println!(
        "{} {}  {}{construct}  {}",
        styled(BOLD, text("RequestType")),
        styled(BOLD, text("LogicalResourceId")),
        text("ResourceType"),
        styled(DIM, source),
    );
    if let Some(id) = event["PhysicalResourceId"].as_str() {
        anstream::println!("  id  {id}");
    }
}

/// Prints the Chime calls and the answer.
pub fn print_outcome(outcome: &Outcome) {
    outcome.calls.iter().for_each(print_call);
    if outcome.calls.is_empty() {
        anstream::println!("  {}", styled(DIM, "no Chime call"));
    }
    match &outcome.answer {
        Some(answer) => print_answer(answer),
        None => anstream::println!("  <-  {}", styled(BAD, "no answer reached CloudFormation")),
    }
    for problem in &outcome.problems {
        anstream::println!("      {}", styled(BAD, format!("the answer: {problem}")));
    }
    if let Some(failure) = &outcome.failure {
        anstream::println!("      {}", styled(BAD, format!("the invocation failed: {failure}")));
    }
    anstream::println!();
}

/// Prints a Chime call.
pub fn print_call(call: &Call) {
    let status = match (call.status, &call.error) {
        (Some(status), None) => styled(GOOD, status),
        (Some(status), Some(error)) => styled(BAD, format!("{status} {error}")),
        (None, _) => styled(BAD, "no answer"),
    };
    let fault = call.fault.as_ref().map(|fault| styled(DIM, format!("  ({fault} injected)"))).unwrap_or_default();
    anstream::println!("  ->  {:<40}{status}{fault}", call.operation);
}

fn print_answer(answer: &Json) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    let style = if text("Status") == "SUCCESS" { GOOD } else { BAD };
    anstream::println!("  <-  {}  {}", styled(style, text("Status")), text("PhysicalResourceId"));
    for (name, value) in answer["Data"].as_object().into_iter().flatten() {
        anstream::println!("      {name:<24}{}", value.as_str().unwrap_or_default());
    }
    if !text("Reason").is_empty() {
        anstream::println!("      {}", text("Reason"));
    }
}
