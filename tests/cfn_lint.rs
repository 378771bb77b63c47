//! The rules of `cfn-lint/`: its own tests, which are Python's.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

mod tools;

use std::path::Path;
use std::process::Command;

use tools::{run, tools};

#[test]
fn the_rules_for_cfn_lint_pass_their_own_tests() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("cfn-lint");
    let mut unittest = Command::new(tools().join("python"));
    unittest.current_dir(package).args(["-B", "-m", "unittest", "discover", "-s", "tests"]);
    let said = run(&mut unittest);
    let count = said.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse().ok());
    assert!(count.is_some_and(|count: usize| count > 20), "{said}");
}
