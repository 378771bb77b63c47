//! The rules of `cfn-lint/`: their own Python tests, the example of their README, and the rules in `chimectl stack --lint`.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use cloudformation_local::workspace::root;
use std::env;
use std::fs;
use std::iter;
use std::path::Path;
use std::process::Command;

use ecosystem_tests::programs::{chimectl, function};
use ecosystem_tests::{python_tools, run};

#[test]
fn the_rules_pass_their_own_tests() {
    let package = root().join("cfn-lint");
    let mut unittest = Command::new(python_tools().join("python"));
    unittest.current_dir(package).args(["-B", "-m", "unittest", "discover", "-s", "tests"]);
    let said = run(&mut unittest);
    let count = said.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse().ok());
    assert!(count.is_some_and(|count: usize| count > 20), "{said}");
}

/// The first block of the README in this language.
fn block<'a>(readme: &'a str, language: &str) -> &'a str {
    let (_, after) = readme.split_once(&format!("```{language}\n")).expect("a block");
    after.split_once("```").expect("the end of the block").0
}

#[test]
fn the_readme_shows_what_cfn_lint_finds() {
    let package = root().join("cfn-lint");
    let readme = fs::read_to_string(package.join("README.md")).expect("README.md");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cfn-lint-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("chat.yaml"), block(&readme, "yaml")).expect("a template");
    let mut lint = Command::new(python_tools().join("cfn-lint"));
    lint.args(["--append-rules", "cfn_lint_chime_messaging.rules", "--template", "chat.yaml"]);
    let output = lint.env("PYTHONPATH", package.join("src")).current_dir(&folder).output().expect("cfn-lint");
    let said = String::from_utf8_lossy(&output.stdout);
    fs::remove_dir_all(folder).expect("the folder is removed");
    assert_eq!(said.trim_end(), block(&readme, "text").trim_end());
}

/// Runs `chimectl stack --lint` with the cfn-lint of the tests. Returns the exit status and the output.
fn stack_with_lint(template: &Path) -> (i32, String) {
    let rest = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(iter::once(python_tools()).chain(env::split_paths(&rest))).expect("a PATH");
    let mut stack = Command::new(chimectl());
    stack.args(["stack", "--lint", "--stack-name", "linted", "--binary"]).arg(function()).arg(template);
    let output = stack.env("PATH", path).current_dir(root()).output().expect("chimectl");
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (output.status.code().expect("a status"), printed)
}

#[test]
fn stack_runs_cfn_lint_first() {
    let messaging = fs::read_to_string(root().join("examples/messaging.yaml")).expect("the example");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stack-lint-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let template = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).expect("a template");
        path
    };
    let wrong = template("wrong.yaml", messaging.replace("RetentionDays: 365", "RetentionDays: 36500"));
    let (status, said) = stack_with_lint(&wrong);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("E9902 RetentionDays must be a whole number from 1 to 5475, not 36500"), "{said}");
    assert!(said.contains("cfn-lint has found errors. Nothing is deployed.") && !said.contains("MiniStack"), "{said}");
    let unordered = template("unordered.yaml", messaging.replace("    DependsOn: SupervisorIsAdmin\n", ""));
    let (status, said) = stack_with_lint(&unordered);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("W9905 ChimeBearer gets its rights from SupervisorIsAdmin"), "{said}");
    assert!(!said.contains("warning: ") && said.contains("Chime holds nothing"), "{said}");
    fs::remove_dir_all(folder).expect("the folder is removed");
}
