//! Templates that CloudFormation rejects at once, and odd ones that it accepts.

use crate::{assert_in_order, project, run, template};
use std::fs;

#[test]
fn a_template_that_cloudformation_rejects_is_an_error() {
    let good = fs::read_to_string(project().join("examples/app-instance.yaml")).unwrap();
    let resource = "  Other:\n    Type: Custom::ChimeAppInstanceUser\n";
    assert!(good.contains("\nResources:\n") && good.contains("  Supervisor:\n"));
    let with = |text: &str| good.replacen("\nResources:\n", &format!("\nResources:\n{resource}{text}"), 1);
    for (name, text, said) in [
        ("ref", with("    Properties: {Name: !Ref Nope}\n"), "[Nope] in the Resources block"),
        ("sub", with("    Properties: {Name: !Sub \"${Nope} room\"}\n"), "[Nope] in the Resources block"),
        ("depends-on", with("    DependsOn: Nope\n"), "[Nope] in the Resources block"),
        (
            "output",
            format!("{}\nOutputs: {{Id: {{Value: !Ref Nope}}}}\n", without_outputs(&good)),
            "[Nope] in the Outputs block",
        ),
        ("condition", with("    Condition: IsProd\n"), "condition dependency IsProd"),
        ("if", with("    Properties: {Name: !If [IsProd, a, b]}\n"), "condition dependency IsProd"),
        ("attribute", with("    Dependson: Supervisor\n"), "resource property 'Dependson'"),
        ("section", format!("{good}\nOutput: {{}}\n"), "[Output]"),
        (
            "circle",
            with(
                "    Properties: {Name: !Ref More}\n  More:\n    Type: Custom::ChimeAppInstanceUser\n    DependsOn: Other\n",
            ),
            "Circular dependency between resources: [More, Other]",
        ),
        (
            "itself",
            with("    Properties: {Name: !GetAtt Other.Name}\n"),
            "Circular dependency between resources: [Other]",
        ),
        (
            "parameter",
            format!("{}Parameters: {{P: {{Type: String, Default: p}}}}\n", with("    DependsOn: P\n")),
            "[P] in the Resources block",
        ),
    ] {
        let path = template(&format!("{name}.yaml"), &text);
        let (status, printed) = run(&[path.to_str().unwrap()]);
        fs::remove_file(path).unwrap();
        assert_eq!(status, 2, "{name}: {printed}");
        assert!(printed.contains(said), "{name}: {printed}");
    }
}

#[test]
fn an_odd_but_valid_template_is_deployed() {
    let good = fs::read_to_string(project().join("examples/app-instance.yaml")).unwrap();
    let more = "\
Parameters: {Long: {Type: String, Default: 'no'}}
Conditions: {IsLong: !Equals [!Ref Long, 'yes'], IsShort: !Not [!Condition IsLong]}
Rules: {Any: {Assertions: [{Assert: !Equals [!Ref Long, 'no']}]}}
Metadata: {Of: {Ref: Nothing}}

Resources:
  Tall:
    Type: Custom::ChimeAppInstanceUser
    Condition: IsLong
    DependsOn: Short
  Short:
    Type: Custom::ChimeAppInstanceUser
    DeletionPolicy: Delete
    Metadata: {For: people}
    Properties:
      ServiceToken: !ImportValue chime-messaging-resources-ServiceToken
      ServiceTimeout: 600
      AppInstanceArn: !Ref AppInstance
      AppInstanceUserId: short
      Name: !If [IsLong, !Ref Tall, !Sub '${!Short} of ${AWS::StackName}']
";
    let text = good.replacen("Resources:\n", more, 1);
    let path = template("odd-and-right.yaml", &text);
    let (status, printed) = run(&[path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 0, "{printed}");
    assert!(printed.contains("${Short} of "), "{printed}");
}

#[test]
fn a_wrong_attribute_is_answered_with_those_that_there_are() {
    let good = fs::read_to_string(project().join("examples/app-instance.yaml")).unwrap();
    let path = template("attribute.yaml", &good.replace("!Ref AppInstance\n", "!GetAtt AppInstance.Arn\n"));
    let (status, printed) = run(&[path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{printed}");
    let last = printed.lines().last().unwrap();
    assert!(last.contains("attribute Arn does not exist"), "{printed}");
    assert!(last.ends_with("(the attributes of AppInstance are: AppInstanceArn, AppInstanceId)"), "{printed}");
}

#[test]
fn a_missing_service_token_is_named_with_where_to_take_it_from() {
    let token = "      ServiceToken: !ImportValue chime-messaging-resources-ServiceToken\n";
    let good = fs::read_to_string(project().join("examples/app-instance.yaml")).unwrap();
    assert!(good.contains(token));
    let path = template("token.yaml", &good.replacen(token, "", 1));
    let (status, printed) = run(&[path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{printed}");
    let last = printed.lines().last().unwrap();
    assert!(last.contains("AppInstance: ServiceToken is missing: ") && last.contains("Fn::ImportValue"), "{printed}");
}

#[test]
fn before_a_channel_or_an_app_instance_goes_the_loss_of_its_messages_is_told() {
    let before = fs::read_to_string(project().join("examples/messaging.yaml")).unwrap();
    let id = "      ChannelId: lobby\n";
    assert!(before.contains(id) && before.contains("  AppInstance:\n"));
    let other_channel = before.replace(id, "      ChannelId: foyer\n");
    let other_app = ["  AppInstance:\n", "!Ref AppInstance\n", "${AppInstance}"]
        .iter()
        .fold(other_channel.clone(), |text, name| text.replace(name, &name.replace("AppInstance", "Chat")));
    let paths = [("foyer.yaml", other_channel), ("chat.yaml", other_app)].map(|(name, text)| template(name, &text));
    let (status, text) = run(&["examples/messaging.yaml", paths[0].to_str().unwrap(), paths[1].to_str().unwrap()]);
    paths.iter().for_each(|path| fs::remove_file(path).unwrap());
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "This update\n",
            "  replaces  Lobby  Custom::ChimeChannel\n",
            "ALL MESSAGES IN Lobby ARE LOST. UpdateReplacePolicy: Retain would keep them.\n",
            "UPDATE_IN_PROGRESS ",
            "This update\n",
            "  removes   AppInstance  Custom::ChimeAppInstance\n",
            "ALL MESSAGES IN AppInstance ARE LOST. DeletionPolicy: Retain would keep them.\n",
            "UPDATE_IN_PROGRESS ",
        ],
    );
}

fn without_outputs(template: &str) -> &str {
    template.split_once("\nOutputs:\n").map_or(template, |(before, _)| before)
}
