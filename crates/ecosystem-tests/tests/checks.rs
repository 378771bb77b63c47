//! What users run before a commit and in a workflow: the hook of `.pre-commit-hooks.yaml`, and the action in `action.yml`.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloudformation_local::workspace::root;
use ecosystem_tests::node::copy;
use ecosystem_tests::{python_tools, run};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// `PATH` with the tools of the tests first.
fn path() -> OsString {
    let rest = env::var_os("PATH").unwrap_or_default();
    env::join_paths(iter::once(python_tools()).chain(env::split_paths(&rest))).expect("a PATH")
}

/// Makes a repository of all files in a folder.
fn commit(folder: &Path) {
    let git = |arguments: &[&str]| {
        let author = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
        run(Command::new("git").args(author).args(arguments).current_dir(folder));
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "Everything"]);
}

/// The exit status of a command, and what it prints.
fn outcome(command: &mut Command) -> (i32, String) {
    let output = command.output().expect("the command runs");
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (output.status.code().unwrap_or(-1), printed)
}

/// The example with and without an error, by the name of its file.
fn templates() -> [(&'static str, String); 2] {
    let right = fs::read_to_string(root().join("examples/app-instance.yaml")).expect("the example");
    let wrong = right.replace("AppInstanceUserId:", "AppInstanceUserID:");
    assert_ne!(right, wrong);
    [("right.yaml", right), ("wrong.yaml", wrong)]
}

const PROBLEM: &str = "AppInstanceUserID is not a property, did you mean AppInstanceUserId?";

#[test]
fn the_hook_of_pre_commit_runs_the_rules() {
    let folder = folder("pre-commit");
    let (hooks, project) = (folder.join("hooks"), folder.join("project"));
    for path in [".pre-commit-hooks.yaml", "cfn-lint/pre-commit", "cfn-lint/src"] {
        fs::create_dir_all(hooks.join(path).parent().expect("a folder")).expect("a folder");
        copy(&root().join(path), &hooks.join(path));
    }
    commit(&hooks);
    fs::create_dir_all(&project).expect("a folder");
    for (name, template) in templates() {
        fs::write(project.join(name), template).expect("a template");
    }
    commit(&project);
    let hook = |file: &str| {
        let mut pre_commit = Command::new(python_tools().join("pre-commit"));
        pre_commit.args(["try-repo", "--files", file, "--color", "never"]).arg(&hooks).arg("cfn-lint-chime-messaging");
        outcome(pre_commit.current_dir(&project).env("PATH", path()).env("PRE_COMMIT_HOME", folder.join("home")))
    };
    let (status, said) = hook("right.yaml");
    assert!(status == 0 && said.contains("Passed"), "{said}");
    let (status, said) = hook("wrong.yaml");
    assert!(status == 1 && said.contains(PROBLEM), "{said}");
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn the_action_lints_and_rehearses() {
    let folder = folder("action");
    let step = |name: &str, template: &str| {
        let mut python = Command::new(python_tools().join("python"));
        python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/action.py")).arg(root().join("action.yml"));
        let script = run(python.arg(name));
        // As GitHub runs a step with `shell: bash`.
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script]).current_dir(&folder);
        bash.env("GITHUB_ACTION_PATH", root()).env("RUNNER_TEMP", &folder).env("PARAMETERS", "");
        outcome(bash.env("TEMPLATES", template))
    };
    for (name, template) in templates() {
        fs::write(folder.join(name), template).expect("a template");
    }
    let (status, said) = step("cfn-lint", "right.yaml");
    assert_eq!(status, 0, "{said}");
    let (status, said) = step("cfn-lint", "right.yaml wrong.yaml");
    assert!(status != 0 && said.contains(PROBLEM), "{said}");
    let (status, said) = step("Rehearsal", "right.yaml");
    assert!(status == 0 && said.contains("Chime holds nothing"), "{said}");
    let (status, said) = step("Rehearsal", "wrong.yaml");
    assert!(status == 1 && said.contains(PROBLEM), "{said}");
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn the_action_is_safe() {
    let mut zizmor = Command::new(python_tools().join("zizmor"));
    zizmor.args(["--offline", "--no-progress", "action.yml"]).current_dir(root());
    assert!(run(&mut zizmor).contains("No findings to report"));
}
