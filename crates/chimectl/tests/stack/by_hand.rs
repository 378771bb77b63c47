//! `--vanish` and `--change`: what happens behind a stack's back.

use crate::{assert_in_order, project, run, template};
use std::fs;

/// The example with another value of `Resync` for the resources, which lets the update look at Chime.
fn resynced() -> std::path::PathBuf {
    let text = fs::read_to_string(project().join("examples/messaging.yaml")).unwrap();
    template(
        &format!("resynced-{:?}.yaml", std::thread::current().id()),
        &text.replace("ServiceTimeout: 600\n", "ServiceTimeout: 600\n      Resync: once\n"),
    )
}

#[test]
fn what_vanishes_is_made_again_by_an_update_with_resync() {
    let path = resynced();
    let (status, text) =
        run(&["examples/messaging.yaml", path.to_str().unwrap(), "--vanish", "AgentInLobby", "--vanish", "Retention"]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "By hand: AgentInLobby is deleted in Chime",
            "By hand: Retention is deleted in Chime",
            "- Channels[lobby] Memberships[agent]",
            "- RetentionDays: 365",
            "UPDATE_COMPLETE      AWS::CloudFormation::Stack",
            "Chime has changed",
            "+ Channels[lobby] Memberships[agent]",
            "+ RetentionDays: 365",
        ],
    );
}

/// The example with its member in a list.
pub fn with_list(example: &str) -> String {
    let member = "  AgentInLobby:\n    Type: Custom::ChimeChannelMembership\n";
    assert!(example.contains(member) && example.contains("MemberArn: !Ref Agent\n"));
    example
        .replace(member, "  AgentInLobby:\n    Type: Custom::ChimeChannelMemberships\n")
        .replace("MemberArn: !Ref Agent\n", "MemberArns: [!Ref Agent]\n")
}

#[test]
fn a_list_of_members_vanishes_with_its_members_and_an_update_with_resync_makes_them_again() {
    let before = with_list(&fs::read_to_string(project().join("examples/messaging.yaml")).unwrap());
    let resynced = before.replace("MemberArns: [!Ref Agent]\n", "MemberArns: [!Ref Agent]\n      Resync: once\n");
    let paths = [("list.yaml", before), ("list-resynced.yaml", resynced)].map(|(name, text)| template(name, &text));
    let (status, text) = run(&[
        paths[0].to_str().unwrap(),
        paths[1].to_str().unwrap(),
        "--stack-name",
        "list",
        "--vanish",
        "AgentInLobby",
    ]);
    paths.iter().for_each(|path| fs::remove_file(path).unwrap());
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "By hand: AgentInLobby is deleted in Chime",
            "- Channels[lobby] Memberships[agent]",
            "UPDATE_COMPLETE      AWS::CloudFormation::Stack",
            "+ Channels[lobby] Memberships[agent]",
        ],
    );
}

#[test]
fn a_change_by_hand_that_no_update_puts_right_exits_with_1() {
    let text = fs::read_to_string(project().join("examples/messaging.yaml")).unwrap();
    let path = template("other-retention.yaml", &text.replace("RetentionDays: 365", "RetentionDays: 30"));
    let (status, text) = run(&["examples/messaging.yaml", path.to_str().unwrap(), "--change", "Lobby", "Name=Foyer"]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{text}");
    assert_in_order(
        &text,
        &["By hand: Lobby is changed in Chime (Name)", "Name: Lobby -> Foyer", "RetentionDays: 365 -> 30"],
    );
    let last = text.lines().last().unwrap();
    assert!(last.contains(r#"Lobby: Name is "Foyer" in Chime and "Lobby" in the stack"#), "{text}");
}

#[test]
fn what_cannot_be_done_by_hand_is_an_error() {
    for (option, values, said) in [
        ("--vanish", &["Nobody"][..], "Nobody: no stack of this run has a resource of this name"),
        ("--change", &["AppInstance", "Nmae=x"], "did you mean Name?"),
        ("--vanish", &["Stream"], "none of this function's"),
    ] {
        let arguments = [&["examples/messaging.yaml", option], values].concat();
        let (status, text) = run(&arguments);
        assert_eq!(status, 2, "{text}");
        assert!(text.contains(said), "{said}: {text}");
    }
    let (status, text) = run(&["examples/messaging.yaml", "--change", "AppInstance", "Name"]);
    assert_eq!((status, text.contains("PROPERTY=VALUE")), (2, true), "{text}");
}

#[test]
fn a_resource_of_awss_own_type_is_changed_and_vanishes_by_hand() {
    let (status, text) =
        run(&["examples/native.yaml", "--change", "AppInstance", "Name=By hand", "--vanish", "SupervisorIsAdmin"]);
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "By hand: SupervisorIsAdmin is deleted in Chime",
            "By hand: AppInstance is changed in Chime",
            "~ Name: Support chat -> By hand",
        ],
    );
}
