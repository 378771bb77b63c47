//! ARCHITECTURE.md names what the code names: its decision tables have every outcome of a decision.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// The variants of an enum, by its source.
fn variants(source: &str, name: &str) -> BTreeSet<String> {
    let begin = source.find(&format!("pub enum {name} {{")).expect(name);
    let body = source[begin..].split("\n}").next().unwrap_or_default();
    let variant = Regex::new(r"(?m)^    ([A-Z]\w+)").expect("a pattern");
    variant.captures_iter(body).map(|found| found[1].to_owned()).collect()
}

#[test]
fn the_decision_tables_have_every_outcome() {
    let page = text("ARCHITECTURE.md");
    let (tables, _) = page
        .split_once("## The decisions")
        .map(|(_, rest)| rest.split_once("\n## ").unwrap_or((rest, "")))
        .expect("the section");
    for (file, name) in [
        ("delete", "Target"),
        ("delete", "DeleteAction"),
        ("create", "CreateAction"),
        ("create", "Rejection"),
        ("update", "UpdatePlan"),
        ("absence", "Absence"),
    ] {
        let found = variants(&text(&format!("src/lifecycle/decide/{file}.rs")), name);
        assert!(found.len() > 1, "{name}");
        let missing: Vec<_> = found.into_iter().filter(|variant| !tables.contains(variant.as_str())).collect();
        assert!(missing.is_empty(), "ARCHITECTURE.md has no {missing:?} of {name}");
    }
}
