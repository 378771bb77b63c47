//! The paths in ARCHITECTURE.md lead somewhere.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use regex::Regex;
use std::fs;
use std::path::Path;

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

#[test]
fn its_links_lead_to_files() {
    let page = text("ARCHITECTURE.md");
    let link = Regex::new(r"\]\(([^)#:]+)").expect("a pattern");
    let paths: Vec<_> = link.captures_iter(&page).map(|found| found[1].to_owned()).collect();
    assert!(paths.len() > 5, "{paths:?}");
    for path in paths {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path).exists(), "{path}");
    }
}
