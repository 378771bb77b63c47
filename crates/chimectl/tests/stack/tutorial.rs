//! The templates of the tutorial, in its order.

use crate::{assert_in_order, run};

#[test]
fn the_templates_of_the_tutorial_follow_each_other_and_replace_nothing() {
    let templates = ["1-chat", "2-role", "3-filter", "4-push"].map(|name| format!("examples/tutorial/{name}.yaml"));
    let arguments = templates.iter().map(String::as_str).chain(["--stack-name", "tutorial"]);
    let (status, text) = run(&arguments.collect::<Vec<_>>());
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "Deploying examples/tutorial/1-chat.yaml",
            "ChannelArn      arn:aws:chime:us-east-1:123456789012:app-instance/",
            "MemberArn: user/customer\n            Type: DEFAULT",
            "MemberArn: user/agent\n            Type: DEFAULT",
            "Deploying examples/tutorial/2-role.yaml",
            "UserRoleArn     arn:aws:iam::123456789012:role/",
            "Nothing has changed in Chime",
            "Deploying examples/tutorial/3-filter.yaml",
            "+ ChannelFlows[",
            "+ Channels[help] ChannelFlowArn: ",
            "Deploying examples/tutorial/4-push.yaml",
            "Chime has changed",
            "Name: Test phone",
            "Deleting the stack tutorial",
            "Chime holds nothing",
        ],
    );
    assert!(!text.contains("  replaced  ") && !text.contains("  removed "), "{text}");
}
