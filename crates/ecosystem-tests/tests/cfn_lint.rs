//! The rules of `cfn-lint/`: their own Python tests, and the example of their README.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use cloudformation_local::workspace::root;
use std::fs;
use std::path::Path;
use std::process::Command;

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
