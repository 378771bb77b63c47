//! `template.yaml` and the examples in cfn-lint and the SAM CLI.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use cloudformation_local::workspace::root;
use ecosystem_tests::{python_tools, run};
use std::fs;
use std::process::Command;

#[test]
fn cfn_lint_finds_nothing_in_the_template_and_the_examples() {
    let mut lint = Command::new(python_tools().join("cfn-lint"));
    lint.current_dir(root()).arg("template.yaml");
    for folder in ["examples", "examples/drift-check", "examples/production", "examples/terraform", "examples/tutorial"]
    {
        let files = fs::read_dir(root().join(folder)).expect("a folder").map(|entry| entry.expect("an entry").path());
        lint.args(files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")));
    }
    assert_eq!(run(&mut lint), "");
}

#[test]
fn sam_validates_the_template() {
    let tools = python_tools();
    let mut validate = Command::new(tools.join("sam"));
    validate.current_dir(root()).args(["validate", "--lint", "--region", "us-east-1"]).env("SAM_CLI_TELEMETRY", "0");
    let path = std::env::var("PATH").unwrap_or_default();
    validate.env("PATH", format!("{}:{path}", tools.display()));
    assert!(run(&mut validate).contains("is a valid SAM Template"));
}
