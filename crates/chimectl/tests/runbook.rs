//! `docs/runbook.md`: each command that it gives shows what it says.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use std::path::Path;
use std::process::{Command, Stdio};

/// A command and what it is said to print.
struct Shown {
    command: String,
    output: String,
}

/// Each block of commands with the block of output behind it.
fn shown(page: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    for part in page.split("```sh\n").skip(1) {
        let (command, after) = part.split_once("```\n").expect("the block ends");
        let (_, output) = after.split_once("```text\n").expect("a block of output");
        let (output, _) = output.split_once("```").expect("the block ends");
        found.push(Shown { command: command.to_owned(), output: output.to_owned() });
    }
    found
}

/// What is not part of `printed` in the order in which it stands in `output`, where `…` stands for anything.
fn missing(printed: &str, output: &str) -> Option<String> {
    let mut rest = printed;
    for part in output.split(['…', '\n']).filter(|part| !part.trim().is_empty()) {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return Some(part.to_owned()),
        }
    }
    None
}

#[test]
fn every_command_of_the_runbook_prints_what_it_says() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(project.join("docs/runbook.md")).expect("the runbook");
    let shown = shown(&page);
    assert!(shown.len() >= 10, "{}", shown.len());
    // Most of them wait for a time-out.
    let running: Vec<_> = shown
        .into_iter()
        .map(|shown| {
            let command = shown.command.replace("cargo run -p chimectl --", env!("CARGO_BIN_EXE_chimectl"));
            let child = Command::new("sh").args(["-c", &command]).current_dir(&project).stdout(Stdio::piped()).spawn();
            (shown, child.expect("a shell"))
        })
        .collect();
    for (shown, child) in running {
        let printed = child.wait_with_output().expect("an end").stdout;
        let printed = String::from_utf8_lossy(&printed);
        let missing = missing(&printed, &shown.output);
        assert_eq!(missing, None, "not printed in its place by\n{}\n{printed}", shown.command);
    }
}

#[test]
fn a_line_that_is_not_printed_is_found() {
    assert_eq!(missing("a\nb c\nd\n", "a\n…\nb …\nd"), None);
    assert_eq!(missing("a\nb c\nd\n", "d\na"), Some("a".to_owned()));
}
