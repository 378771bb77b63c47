//! What a rehearsal prints while it runs, and the line that it ends with.

use crate::terminal::{BAD, BOLD, DIM, GOOD, say_line, styled};
use cloudformation_local::{Deployment, StackEvent};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

/// How many problems the last line names.
const NAMED: usize = 3;

/// A step before the first deployment.
pub fn step(what: &str) {
    say_line!("{}", styled(DIM, what));
    let _ = std::io::stdout().flush();
}

/// A heading.
pub fn title(what: &str, name: impl Display) {
    let name = format!(" {name}");
    say_line!("\n{}{}", styled(BOLD, what), name.trim_end());
}

/// Something that is not as it should be.
pub fn warn(what: impl Display) {
    say_line!("{}", styled(BAD, what));
}

/// An event of a stack.
pub fn print_event(event: &StackEvent) {
    // The resource around a nested stack has the same events.
    if event.is_of_stack() && !event.nested_in.is_empty() {
        return;
    }
    let style = match &*event.resource_status {
        status if status.ends_with("_FAILED") || status.contains("ROLLBACK") => BAD,
        status if status.ends_with("_COMPLETE") => GOOD,
        _ => DIM,
    };
    // Padded first, because the characters for a colour would count.
    let status = styled(style, format!("{:<20}", event.resource_status));
    say_line!("  {status} {:<46} {}", event.resource_type, event.path());
    let style = if event.is_failure() { BAD } else { DIM };
    for line in event.resource_status_reason.lines() {
        say_line!("    {}", styled(style, line));
    }
}

/// Events as they come and, on a terminal, how long it has been since the last one.
pub struct Events {
    bar: ProgressBar,
}

impl Events {
    /// Begins to wait for events.
    pub fn wait() -> Self {
        // It is hidden where standard error is no terminal.
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// Prints an event.
    pub fn print(&self, event: &StackEvent) {
        self.bar.suspend(|| print_event(event));
        self.bar.reset_elapsed();
        self.bar.set_message(event.path());
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// How a deployment ended, unless it succeeded.
pub fn print_end(deployment: &Deployment) {
    if !deployment.succeeded() {
        say_line!("{}", styled(BAD, format!("The stack is in {}.", deployment.status)));
    }
}

/// Why a deployment failed: the first resource that did, and its reason.
pub fn cause(deployment: &Deployment) -> String {
    let failures = || deployment.events.iter().filter(|event| event.is_failure());
    // A nested stack fails for the reason of a resource in it.
    let failure = failures().find(|event| !event.is_of_stack() && !event.is_of_nested_stack());
    match failure.or_else(|| failures().next()) {
        Some(event) => {
            let reason = event.resource_status_reason.lines().next().unwrap_or_default();
            format!("{}: {reason}", event.path())
        }
        None => format!("the stack is in {}", deployment.status),
    }
}

/// The last line of a run that failed, for standard error.
pub fn last_line(problems: &[String]) -> String {
    let (named, others) = problems.split_at(problems.len().min(NAMED));
    let more = match others.len() {
        0 => String::new(),
        more => format!("; and {more} more, above"),
    };
    format!("failed: {}{more}", named.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    fn event(logical_id: &str, nested_in: &[&str], kind: &str, reason: &str) -> StackEvent {
        StackEvent {
            event_id: String::new(),
            stack_id: "stack".to_owned(),
            nested_in: nested_in.iter().map(|id| (*id).to_owned()).collect(),
            logical_resource_id: logical_id.to_owned(),
            physical_resource_id: String::new(),
            resource_type: kind.to_owned(),
            resource_status: "CREATE_FAILED".to_owned(),
            resource_status_reason: reason.to_owned(),
            timestamp: DateTime::from_secs(0),
        }
    }

    #[test]
    fn a_nested_stacks_failure_is_that_of_the_resource_in_it() {
        let events = vec![
            event("Users", &[], "AWS::CloudFormation::Stack", "Name is required"),
            event("Boss", &["Users"], "Custom::ChimeAppInstanceUser", "Name is required\nits log"),
        ];
        let deployment = Deployment { status: "ROLLBACK_COMPLETE".to_owned(), events };
        assert_eq!(cause(&deployment), "Users/Boss: Name is required");
        let without = Deployment { status: "ROLLBACK_COMPLETE".to_owned(), events: Vec::new() };
        assert_eq!(cause(&without), "the stack is in ROLLBACK_COMPLETE");
    }

    #[test]
    fn a_long_reason_is_repeated_in_full() {
        let reason = format!("{} set the parameter ChimeRegion", "a region without Chime; ".repeat(40));
        let events = vec![event("Chat", &[], "Custom::ChimeAppInstance", &reason)];
        let deployment = Deployment { status: "ROLLBACK_COMPLETE".to_owned(), events };
        assert_eq!(cause(&deployment), format!("Chat: {reason}"));
    }

    #[test]
    fn the_last_line_names_three_problems_and_counts_the_others() {
        let problems = ["a", "b", "c", "d", "e"].map(str::to_owned);
        assert_eq!(last_line(&problems[..1]), "failed: a");
        assert_eq!(last_line(&problems), "failed: a; b; c; and 2 more, above");
    }
}
