//! Runs the Python tests of the rules in `cfn-lint/`.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use cloudformation_local::workspace::root;
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
