//! The report for people: a table for each stack, what differs, and a summary.

use crate::drift::report::{PropertyReport, PropertyVerdict, Report, ResourceReport, StackReport, Standing};
use crate::drift::verdict::{Conclusion, Verdict};
use crate::terminal::{BAD, BOLD, DIM, GOOD, say_line, styled};
use comfy_table::Table;
use comfy_table::presets::NOTHING;

/// Prints the report.
pub fn report(report: &Report) {
    for stack in &report.stacks {
        self::stack(stack);
    }
    let summary = &report.summary;
    let counts = [
        (summary.same, "as stated"),
        (summary.changed, "changed"),
        (summary.gone, "gone"),
        (summary.unknown, "could not be told"),
        (summary.not_compared, "not compared"),
    ];
    let counts: Vec<_> = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let (style, conclusion) = match report.conclusion {
        Conclusion::NoDrift => (GOOD, "No drift"),
        Conclusion::Drift => (BAD, "Drift"),
        Conclusion::Incomplete => (BAD, "Incomplete: something could not be told"),
    };
    let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    say_line!("{}{counts}", styled(style, conclusion));
    if summary.not_compared > 0 {
        let advice =
            "AWS's own types are CloudFormation's to compare: aws cloudformation detect-stack-drift --stack-name STACK";
        say_line!("{}", styled(DIM, advice));
    }
}

fn stack(stack: &StackReport) {
    let nested = if stack.parent.is_some() { " (nested)" } else { "" };
    say_line!("{} {}{nested}", styled(BOLD, "Stack"), styled(BOLD, &stack.name));
    if let Some(problem) = &stack.problem {
        say_line!("  {}", styled(BAD, format!("could not be read: {problem}")));
    }
    for note in &stack.notes {
        say_line!("  {}", styled(DIM, note));
    }
    let ours: Vec<_> = stack.resources.iter().filter(|resource| resource.verdict != Verdict::NotCompared).collect();
    if !ours.is_empty() {
        say_line!("{}", table(&ours));
    }
    if stack.problem.is_none() && ours.is_empty() {
        say_line!("  {}", styled(DIM, "no resource of the Chime SDK messaging function"));
    }
    for resource in ours {
        details(resource);
    }
    say_line!();
}

fn table(resources: &[&ResourceReport]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["  Resource", "Type", "Verdict", ""]);
    for resource in resources {
        let name = format!("  {}", resource.logical_id);
        table.add_row([&name, &resource.resource_type, verdict(resource.verdict), standing(resource.standing)]);
    }
    table.trim_fmt()
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Same => "as stated",
        Verdict::Changed => "changed",
        Verdict::Gone => "gone",
        Verdict::NotCompared => "not compared",
        Verdict::Unknown => "unknown",
    }
}

fn standing(standing: Option<Standing>) -> &'static str {
    match standing {
        Some(Standing::Adopted) => "adopted",
        Some(Standing::Found) => "found",
        Some(Standing::OlderLibrary) => "of the older library",
        Some(Standing::Made) | None => "",
    }
}

/// What has changed, why something is unknown, and which properties are not compared.
fn details(resource: &ResourceReport) {
    let mut lines: Vec<(anstyle::Style, String)> = Vec::new();
    lines.extend(resource.reason.iter().map(|reason| (BAD, reason.clone())));
    for property in &resource.properties {
        match property.verdict {
            PropertyVerdict::Changed => lines.push((BAD, changed(property))),
            PropertyVerdict::NotCompared => {
                let why = property.reason.as_deref().unwrap_or_default();
                lines.push((DIM, format!("{} is not compared: {why}", property.path)));
            }
            PropertyVerdict::Same => {}
        }
    }
    if lines.is_empty() {
        return;
    }
    say_line!("  {}", styled(BOLD, &resource.logical_id));
    for (style, line) in lines {
        say_line!("    {}", styled(style, line));
    }
}

/// What Chime shows of a changed property, and what the stack states.
pub fn changed(property: &PropertyReport) -> String {
    if let Some(member) = property.missing_member() {
        return format!("{} is not a member of the channel in Chime, and is one in the stack", short(member));
    }
    match &property.shown {
        Some((observed, stated)) => format!("{} is {observed} in Chime and {stated} in the stack", property.path),
        None => format!("{} differs (the values are secret)", property.path),
    }
}

/// An ARN without its app instance: `user/ada`.
fn short(arn: &str) -> &str {
    arn.match_indices('/').nth(1).map_or(arn, |(at, _)| &arn[at + 1..])
}
