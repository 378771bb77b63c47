//! `template.yaml`, the examples and the README: what they say is so.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

mod tools;

use chime_messaging_resources::registry::types;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tools::{run, tools};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let found = paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    found.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The operations that the source calls, in the spelling of IAM's actions.
fn operations() -> BTreeSet<String> {
    let mut operations = BTreeSet::new();
    for path in sources(&root().join("src")) {
        let source: String = fs::read_to_string(path).expect("a file").split_whitespace().collect();
        for client in ["cx.identity().", "cx.messaging().", "cx.$service()."] {
            for call in source.split(client).skip(1) {
                let name: String = call.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                operations.insert(name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect());
            }
        }
    }
    operations
}

#[test]
fn the_role_allows_just_the_chime_actions_that_the_source_calls() {
    let template = read("template.yaml");
    let actions = template.lines().filter_map(|line| line.trim().strip_prefix("- chime:"));
    let actions: BTreeSet<_> = actions.map(str::to_owned).collect();
    assert!(actions.len() > 20, "{actions:?}");
    assert_eq!(actions, operations());
}

#[test]
fn the_readme_has_every_type_and_the_example_as_it_is() {
    let readme = read("README.md");
    for name in types() {
        let anchor = format!("custom{}", name.to_lowercase());
        assert!(readme.contains(&format!("[Custom::{name}](docs/resources.md#{anchor})")), "{name}");
    }
    assert!(readme.contains(&format!("```yaml\n{}```\n", read("examples/messaging.yaml"))), "examples/messaging.yaml");
}

#[test]
fn cfn_lint_finds_nothing_in_the_template_and_the_examples() {
    let mut lint = Command::new(tools().join("cfn-lint"));
    lint.current_dir(root()).arg("template.yaml");
    let examples =
        fs::read_dir(root().join("examples")).expect("a folder").map(|entry| entry.expect("an entry").path());
    lint.args(examples.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")));
    assert_eq!(run(&mut lint), "");
}

#[test]
fn sam_validates_the_template() {
    let mut validate = Command::new(tools().join("sam"));
    validate.current_dir(root()).args(["validate", "--lint", "--region", "us-east-1"]).env("SAM_CLI_TELEMETRY", "0");
    let path = std::env::var("PATH").unwrap_or_default();
    validate.env("PATH", format!("{}:{path}", tools().display()));
    assert!(run(&mut validate).contains("is a valid SAM Template"));
}
