//! `docs/runbook.md`: each command prints the output that the page shows.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use std::path::Path;
use std::process::{Command, Stdio};

/// A command and its output on the page.
struct Shown {
    command: String,
    output: String,
}

/// Each block of commands with the block of output that follows it.
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

/// The first part of `output` that `printed` does not contain in this order; `…` in `output` matches anything.
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
fn every_command_of_the_runbook_prints_its_output() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(project.join("docs/runbook.md")).expect("the runbook");
    let shown = shown(&page);
    assert!(shown.len() >= 10, "{}", shown.len());
    // All at once: most of them wait for a timeout.
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
        assert_eq!(missing, None, "missing in the output of\n{}\n{printed}", shown.command);
    }
}

#[test]
fn a_missing_line_is_found() {
    assert_eq!(missing("a\nb c\nd\n", "a\n…\nb …\nd"), None);
    assert_eq!(missing("a\nb c\nd\n", "d\na"), Some("a".to_owned()));
}
