//! What is said of a template before it is deployed.

use crate::{assert_in_order, project, run, template};
use std::fs;

#[test]
fn a_missing_dependency_is_a_warning_and_the_rehearsal_goes_on() {
    let right = fs::read_to_string(project().join("examples/messaging.yaml")).unwrap();
    let wrong = template("unordered.yaml", &right.replace("    DependsOn: SupervisorIsAdmin\n", ""));
    let (status, text) = run(&[wrong.to_str().unwrap(), "--stack-name", "unordered"]);
    fs::remove_file(&wrong).unwrap();
    let warning = "Lobby: ChimeBearer gets its rights from SupervisorIsAdmin, and nothing puts SupervisorIsAdmin first: \
                   add DependsOn: SupervisorIsAdmin";
    assert_eq!(status, 0, "{text}");
    assert_eq!(text.matches("warning: ").count(), 1, "{text}");
    assert!(text.contains(&format!("warning: {}: {warning}", wrong.display())), "{text}");
    assert_in_order(&text, &["CREATE_COMPLETE      AWS::CloudFormation::Stack", "Chime holds nothing"]);
}

#[test]
fn without_cfn_lint_lint_says_how_to_install_it() {
    let output = crate::stack(&["examples/app-instance.yaml", "--lint"]).env("PATH", "/nowhere").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("--lint needs cfn-lint, which is not installed: pip install cfn-lint"), "{text}");
}
