//! The configuration for Terraform in `examples/terraform`: it fits the release, its template fits it, and its stack is deployed.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloudformation_local::workspace::root;
use ecosystem_tests::programs::{chimectl, function};
use ecosystem_tests::{python_tools, run};
use regex::Regex;
use serde_json::Value;
use xtask::release::{Architecture, Programs, Release};

fn folder() -> PathBuf {
    root().join("examples/terraform")
}

/// The configuration's files, as a parser of HCL reads them. Expressions stay as they are written.
fn configuration() -> Value {
    let mut python = Command::new(python_tools().join("python"));
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terraform.py")).arg(folder());
    serde_json::from_str(&run(&mut python)).unwrap()
}

/// The attributes of a block by its labels.
fn block<'a>(configuration: &'a Value, kind: &str, labels: &[&str]) -> &'a Value {
    let labels: Vec<_> = labels.iter().map(|label| format!("\"{label}\"")).collect();
    let all = configuration[kind].as_array().unwrap().iter();
    let mut found = all.filter_map(|block| labels.iter().try_fold(block, |block, label| block.get(label)));
    let one = found.next().unwrap_or_else(|| panic!("{kind} {labels:?} in {configuration:#}"));
    assert!(found.next().is_none(), "{kind} {labels:?} is there twice");
    one
}

/// The text of an attribute.
fn text<'a>(block: &'a Value, attribute: &str) -> &'a str {
    block[attribute].as_str().unwrap_or_else(|| panic!("{attribute} in {block:#}")).trim_matches('"')
}

/// The names at the beginning of lines with this indent, below `section` of the template.
fn names_in(template: &str, section: &str) -> BTreeSet<String> {
    let (_, after) = template.split_once(&format!("\n{section}:\n")).unwrap();
    let lines = after.lines().take_while(|line| line.is_empty() || line.starts_with(' '));
    lines
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '))
        .map(str::to_owned)
        .collect()
}

#[test]
fn terraform_gives_what_the_template_takes_and_reads_what_it_gives() {
    let configuration = configuration();
    let chat = block(&configuration, "resource", &["aws_cloudformation_stack", "chat"]);
    assert_eq!(text(chat, "template_body"), r#"${file("${path.module}/chat.yaml")}"#);
    let template = fs::read_to_string(folder().join("chat.yaml")).unwrap();
    let given: BTreeSet<_> = chat["parameters"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(given, names_in(&template, "Parameters"));
    let output = Regex::new(r#"aws_cloudformation_stack\.chat\.outputs\["([A-Za-z]+)"\]"#).unwrap();
    let written = configuration["output"].to_string().replace('\\', "");
    let read: BTreeSet<_> = output.captures_iter(&written).map(|found| found[1].to_owned()).collect();
    assert_eq!(read, names_in(&template, "Outputs"));
    // What an expression names has to be there.
    let variable = Regex::new(r"\bvar\.([a-z]+)").unwrap();
    let all = configuration.to_string();
    let used: BTreeSet<_> = variable.captures_iter(&all).map(|found| found[1].to_owned()).collect();
    assert_eq!(used.len(), configuration["variable"].as_array().unwrap().len());
    for name in &used {
        block(&configuration, "variable", &[name]);
    }
}

/// Terraform puts the address of the zip into the release's template, which has to name the zip in the very words that Terraform replaces.
#[test]
fn a_release_has_the_files_that_terraform_reads() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("terraform-{}", std::process::id()));
    fs::create_dir_all(&scratch).unwrap();
    let program = scratch.join("bootstrap");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    let programs =
        Architecture::ALL.map(|architecture| Programs { architecture, function: program.clone(), command_line: None });
    let out = scratch.join("dist");
    let release = Release {
        project: root(),
        out: &out,
        programs: &programs,
        with_command_line: false,
        with_constructs: false,
        with_sbom: false,
        repository: None,
    };
    release.create(|step| eprintln!("{step}")).unwrap();
    let configuration = configuration();
    let stack = block(&configuration, "resource", &["aws_cloudformation_stack", "function"]);
    let zip = configuration["locals"][0]["zip"].as_str().unwrap().trim_matches('"');
    let words = Regex::new(r#"^\$\{replace\(file\("\$\{var\.release\}/([^"]+)"\), "([^"]+)", "[^"]+"\)\}$"#).unwrap();
    let found = words.captures(text(stack, "template_body")).unwrap_or_else(|| panic!("{stack:#}"));
    for architecture in Architecture::ALL {
        let fill = |text: &str| {
            let text = text.replace("${local.zip}", zip);
            text.replace("${var.architecture}", &architecture.to_string())
        };
        assert!(out.join(fill(zip)).is_file(), "{zip}");
        let template = fs::read_to_string(out.join(fill(&found[1]))).unwrap();
        assert_eq!(template.matches(&format!("{}\n", fill(&found[2]))).count(), 1, "{template}");
    }
    fs::remove_dir_all(scratch).unwrap();
}

#[test]
fn the_stack_of_the_terraform_example_is_deployed() {
    let mut stack = Command::new(chimectl());
    stack.args(["stack", "examples/terraform/chat.yaml", "--parameter-overrides", "Name=Support", "--binary"]);
    let said = run(stack.arg(function()).current_dir(root()));
    for part in
        ["CREATE_COMPLETE      Custom::ChimeChannel ", "Name: Support", "/channel/lobby\n", "Chime holds nothing"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let template = fs::read_to_string(folder().join("chat.yaml")).unwrap();
    for output in names_in(&template, "Outputs") {
        let is_shown = said.lines().any(|line| line.trim().starts_with(&format!("{output} ")));
        assert!(is_shown, "{output}: {said}");
    }
}
