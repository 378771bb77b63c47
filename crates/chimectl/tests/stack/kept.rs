//! What a policy keeps, and what the next template or the next run does with it.

use crate::{assert_in_order, folder, project, run, template};
use std::fs;

fn retained() -> String {
    let text = fs::read_to_string(project().join("examples/app-instance.yaml")).unwrap();
    text.replacen(
        "    Type: Custom::ChimeAppInstance\n",
        "    Type: Custom::ChimeAppInstance\n    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n",
        1,
    )
}

#[test]
fn a_retained_resource_is_listed_as_kept_and_calls_are_shown() {
    let path = template("retained.yaml", &retained());
    let (status, text) = run(&["--calls", path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "Chime calls\n  AppInstance\n  ->  CreateAppInstance ",
            "  Supervisor\n  ->  CreateAppInstanceUser ",
            "Deleting the stack",
            "Kept, as its policy says\n  AppInstance ",
            "Chime holds\n",
            "Name: Chat",
        ],
    );
}

#[test]
fn a_later_template_adopts_what_an_earlier_one_kept() {
    let outputs = "\nOutputs:\n  AppInstanceArn:\n    Value: !Ref AppInstance\n";
    let first = retained();
    assert!(first.ends_with(outputs));
    let without = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
    let adopting = first
        .replace("Name: Chat\n", "Name: Chat\n      AdoptExisting: !Ref AppInstanceArn\n")
        .replace("\nResources:\n", "\nParameters:\n  AppInstanceArn:\n    Type: String\n\nResources:\n");
    let owning = first.replace("    DeletionPolicy: Retain\n", "");
    let paths = [
        ("kept-1.yaml", &first),
        ("kept-2.yaml", &without.to_owned()),
        ("kept-3.yaml", &adopting),
        ("kept-4.yaml", &owning),
    ]
    .map(|(name, text)| template(name, text));
    let arguments: Vec<_> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    let (status, text) = run(&arguments);
    paths.iter().for_each(|path| fs::remove_file(path).unwrap());
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "kept-2.yaml",
            "Kept, as its policy says\n  AppInstance ",
            "kept-3.yaml\nAppInstanceArn is the output of an earlier deployment.",
            "UPDATE_COMPLETE      Custom::ChimeAppInstance ",
            "kept-4.yaml",
            "Chime holds nothing",
        ],
    );
}

#[test]
fn what_a_nested_stack_keeps_stays_too() {
    let folder = folder("nested-kept");
    fs::write(folder.join("inner.yaml"), retained()).unwrap();
    let outer =
        "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: inner.yaml\n";
    fs::write(folder.join("outer.yaml"), outer).unwrap();
    let (status, text) = run(&[folder.join("outer.yaml").to_str().unwrap()]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &["Inner/AppInstance", "Deleting the stack", "Kept, as its policy says\n  Inner/AppInstance ", "Name: Chat"],
    );
}

#[test]
fn the_next_run_starts_with_what_the_last_one_left() {
    let folder = folder("keep");
    let keep = format!("--keep={}", folder.display());
    let (status, text) = run(&["examples/messaging.yaml", &keep]);
    assert_eq!(status, 0, "{text}");
    assert!(!text.contains("Deleting the stack"), "{text}");
    assert!(text.contains("What is there is kept in"), "{text}");
    let changed = fs::read_to_string(project().join("examples/messaging.yaml")).unwrap();
    let path = template("messaging.yaml", &changed.replace("RetentionDays: 365", "RetentionDays: 30"));
    let (status, text) = run(&[path.to_str().unwrap(), "--stack-name", "messaging", &keep]);
    fs::remove_file(path).unwrap();
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "UPDATE_COMPLETE      AWS::CloudFormation::Stack",
            "Chime has changed\n  arn:aws:chime:us-east-1:123456789012:app-instance/",
            "\n    ~ RetentionDays: 365 -> 30\n",
        ],
    );
}

#[test]
fn the_next_run_deletes_a_stack_whose_creation_was_rolled_back_and_creates_it() {
    let folder = folder("rolled-back");
    let keep = format!("--keep={}", folder.display());
    let good = fs::read_to_string(project().join("examples/app-instance.yaml")).unwrap();
    let bad = template("rolled-back.yaml", &good.replace("Name: Chat", "Nmae: Chat"));
    let (status, text) = run(&[bad.to_str().unwrap(), "--stack-name", "chat", &keep]);
    fs::remove_file(bad).unwrap();
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("The stack is in ROLLBACK_COMPLETE."), "{text}");
    let (status, text) = run(&["examples/app-instance.yaml", "--stack-name", "chat", &keep]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "Deploying examples/app-instance.yaml",
            "The stack is in ROLLBACK_COMPLETE. CloudFormation cannot update it: it is deleted first.",
            "DELETE_COMPLETE      AWS::CloudFormation::Stack                     chat",
            "CREATE_COMPLETE      AWS::CloudFormation::Stack                     chat",
            "Chime holds\n",
            "Name: Chat",
        ],
    );
}
