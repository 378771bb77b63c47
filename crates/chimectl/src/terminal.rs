//! Output for people: with colours in a terminal, and in columns.

use crate::test_bed::Outcome;
use anstyle::{AnsiColor, Style};
use chime_simulator::Call;
use serde_json::Value as Json;
use std::fmt;
use std::io::{self, Write};
use std::process::{self, ExitCode};

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

/// Prints to standard output, like [`print!`]. If nothing more can be written there, such as to a full disk, the program ends with 2.
macro_rules! say {
    ($($argument:tt)*) => { $crate::terminal::write(format_args!($($argument)*)) };
}
pub(crate) use say;

/// The same with a line break behind it, like [`println!`].
macro_rules! say_line {
    () => { $crate::terminal::write(format_args!("\n")) };
    ($($argument:tt)*) => { $crate::terminal::write(format_args!("{}\n", format_args!($($argument)*))) };
}
pub(crate) use say_line;

/// Prints a line to standard error, like [`eprintln!`]. If nothing can be written there, it is lost: the exit status has to do.
macro_rules! complain {
    ($($argument:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(anstream::stderr(), $($argument)*);
    }};
}
pub(crate) use complain;

/// Writes to standard output, or ends the program with 2. What it has started ends with it.
pub fn write(text: fmt::Arguments<'_>) {
    anstream::stdout().write_fmt(text).unwrap_or_else(|error| end_without_output(&error));
}

/// The same with bytes as they are: a script or a manual page has no colours.
pub fn write_plain(bytes: &[u8]) {
    let mut out = io::stdout();
    out.write_all(bytes).and_then(|()| out.flush()).unwrap_or_else(|error| end_without_output(&error));
}

/// Ends the program, because standard output cannot be written.
pub fn end_without_output(error: &io::Error) -> ! {
    // Whoever reads a part of a pipe has seen enough.
    if error.kind() != io::ErrorKind::BrokenPipe {
        complain!("{} standard output: {error}", styled(BAD, "error:"));
    }
    process::exit(2);
}

/// `text` in a style.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The exit status of a command. For an error it is 2, and the error is printed.
pub fn exit_code(outcome: Result<ExitCode, String>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        complain!("{} {error}", styled(BAD, "error:"));
        ExitCode::from(2)
    })
}

/// Prints the heading of an event: the request and its resource.
pub fn print_request(event: &Json, source: &str) {
    let text = |name: &str| event[name].as_str().unwrap_or("?");
    let construct = event["ResourceProperties"]["resourceType"].as_str();
    let construct = construct.map(|name| format!(" ({name})")).unwrap_or_default();
    say_line!(
        "{} {}  {}{construct}  {}",
        styled(BOLD, text("RequestType")),
        styled(BOLD, text("LogicalResourceId")),
        text("ResourceType"),
        styled(DIM, source),
    );
    if let Some(id) = event["PhysicalResourceId"].as_str() {
        say_line!("  id  {id}");
    }
}

/// Prints the Chime calls and the answer.
pub fn print_outcome(outcome: &Outcome) {
    outcome.calls.iter().for_each(print_call);
    if outcome.calls.is_empty() {
        say_line!("  {}", styled(DIM, "no Chime call"));
    }
    match &outcome.answer {
        Some(answer) => print_answer(answer),
        None => say_line!("  <-  {}", styled(BAD, "no answer reached CloudFormation")),
    }
    for problem in &outcome.problems {
        say_line!("      {}", styled(BAD, format!("the answer: {problem}")));
    }
    if let Some(failure) = &outcome.failure {
        say_line!("      {}", styled(BAD, format!("the invocation failed: {failure}")));
    }
    say_line!();
}

/// Prints a Chime call.
pub fn print_call(call: &Call) {
    let status = match (call.status, &call.error) {
        (Some(status), None) => styled(GOOD, status),
        (Some(status), Some(error)) => styled(BAD, format!("{status} {error}")),
        (None, _) => styled(BAD, "no answer"),
    };
    let fault = call.fault.as_ref().map(|fault| styled(DIM, format!("  ({fault} injected)"))).unwrap_or_default();
    say_line!("  ->  {:<40}{status}{fault}", call.operation);
}

fn print_answer(answer: &Json) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    let style = if text("Status") == "SUCCESS" { GOOD } else { BAD };
    say_line!("  <-  {}  {}", styled(style, text("Status")), text("PhysicalResourceId"));
    for (name, value) in answer["Data"].as_object().into_iter().flatten() {
        say_line!("      {name:<24}{}", value.as_str().unwrap_or_default());
    }
    if !text("Reason").is_empty() {
        say_line!("      {}", text("Reason"));
    }
}
