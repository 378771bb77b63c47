//! Commands of the pages print the output that the pages show.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

#[path = "../../../tests/support/pages.rs"]
mod pages;

use cloudformation_local::workspace::root;
use std::process::{Command, Stdio};

/// A command and its output on a page.
struct Shown {
    place: String,
    command: String,
    output: String,
}

/// The blocks that say that this test runs them, each with the block of output that follows it.
fn shown() -> Vec<Shown> {
    const MARKER: &str = "run by: crates/chimectl/tests/pages.rs::every_shown_command_prints_its_output";
    let mut found = Vec::new();
    for page in pages::pages(root()) {
        for (at, block) in page.blocks.iter().enumerate().filter(|(_, block)| block.marker.as_deref() == Some(MARKER)) {
            let place = format!("{}:{}", page.path.display(), block.line);
            let output = page.blocks.get(at + 1).filter(|output| output.language == "text");
            let output = output.unwrap_or_else(|| panic!("{place}: a block of output follows")).text.clone();
            found.push(Shown { place, command: block.text.clone(), output });
        }
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
fn every_shown_command_prints_its_output() {
    let shown = shown();
    assert!(shown.len() >= 10, "{}", shown.len());
    // All at once: most of them wait for a timeout.
    let running: Vec<_> = shown
        .into_iter()
        .map(|shown| {
            let command = shown.command.replace("cargo run -p chimectl --", env!("CARGO_BIN_EXE_chimectl"));
            let command = format!("exec 2>&1\n{command}");
            let child = Command::new("sh").args(["-c", &command]).current_dir(root()).stdout(Stdio::piped()).spawn();
            (shown, child.expect("a shell"))
        })
        .collect();
    for (shown, child) in running {
        let printed = child.wait_with_output().expect("an end").stdout;
        let printed = String::from_utf8_lossy(&printed);
        let missing = missing(&printed, &shown.output);
        assert_eq!(missing, None, "{}: missing in the output of\n{}\n{printed}", shown.place, shown.command);
    }
}

#[test]
fn a_missing_line_is_found() {
    assert_eq!(missing("a\nb c\nd\n", "a\n…\nb …\nd"), None);
    assert_eq!(missing("a\nb c\nd\n", "d\na"), Some("a".to_owned()));
}
