//! `template.yaml`, the examples and the README: what they say is so.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

mod tools;

use chime_messaging_resources::registry::types;
use std::fs;
use std::path::Path;
use std::process::Command;

use tools::{run, tools};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
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
