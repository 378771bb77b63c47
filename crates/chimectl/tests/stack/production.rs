//! The example of `docs/production.md`: what a DeletionPolicy keeps, and what it does not.

use crate::{assert_in_order, project, run, template};
use std::fs;

const EXAMPLE: &str = "examples/production/chat.yaml";

#[test]
fn what_holds_messages_outlives_the_stack() {
    let (_, text) = run(&[EXAMPLE]);
    assert_in_order(
        &text,
        &[
            "Deleting the stack chat",
            "DELETE_COMPLETE      Custom::ChimeAppInstanceRetentionSettings      Retention",
            "DELETE_SKIPPED       Custom::ChimeChannel                           Lobby",
            "DELETE_SKIPPED       Custom::ChimeAppInstanceAdmin                  BackEndIsAdmin",
            "DELETE_SKIPPED       Custom::ChimeAppInstanceUser                   BackEnd",
            "DELETE_SKIPPED       Custom::ChimeAppInstance                       AppInstance",
            "DELETE_COMPLETE      AWS::CloudFormation::Stack                     chat",
            "Chime holds\n",
            "Name: Lobby",
        ],
    );
}

#[test]
fn a_create_that_fails_leaves_nothing() {
    let good = fs::read_to_string(project().join(EXAMPLE)).unwrap();
    let bad = template("production.yaml", &good.replace("RetentionDays: 365", "RetentionDays: 0"));
    let (status, text) = run(&[bad.to_str().unwrap()]);
    fs::remove_file(bad).unwrap();
    assert_eq!(status, 1, "{text}");
    assert_in_order(&text, &["ROLLBACK_COMPLETE", "Chime holds nothing"]);
}

#[test]
fn the_page_quotes_the_example() {
    let page = fs::read_to_string(project().join("docs/production.md")).unwrap();
    let example = fs::read_to_string(project().join(EXAMPLE)).unwrap();
    let (_, block) = page.split_once("```yaml\n").unwrap();
    let block = block.split_once("```").unwrap().0;
    assert!(example.contains(block), "{block}");
}
