//! What a stack states and Chime does not show.

use crate::{project, run, template};
use std::fs;

const MEMBERSHIP: &str = "  AgentInLobby:
    Type: Custom::ChimeChannelMembership
    Properties:
      ServiceToken: !ImportValue chime-messaging-resources-ServiceToken
      ServiceTimeout: 600
      ChannelArn: !Ref Lobby
      MemberArn: !Ref Agent
      ChimeBearer: !Ref Supervisor
";

#[test]
fn a_member_lost_in_a_move_to_a_list_is_named_in_the_last_line_and_exits_with_1() {
    let example = project().join("examples/messaging.yaml");
    let text = fs::read_to_string(&example).unwrap();
    assert!(text.contains(MEMBERSHIP));
    let list = MEMBERSHIP.replace("AgentInLobby:", "Members:").replace("Membership\n", "Memberships\n");
    let list = list.replace("MemberArn: !Ref Agent", "MemberArns: [!Ref Agent]");
    let moved = text.replace(MEMBERSHIP, &list).replace("DependsOn: AgentInLobby", "DependsOn: Members");
    let path = template("moved-member.yaml", &moved);
    let (status, text) = run(&["examples/messaging.yaml", path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{text}");
    let (_, after) = text.split_once("Deleting the stack").unwrap();
    let last = after.lines().last().unwrap();
    assert!(last.starts_with("failed: after "), "{text}");
    let lost = "Members: user/agent is not a member of the channel in Chime, and is one in the stack: \
                change Resync of Members, and it is added again";
    assert!(last.contains(lost) && !last.contains("MemberArns["), "{text}");
}

/// A construct of the older library whose function is somebody else's, and which does not say what it is about.
const UNCLEAR: &str = r#"Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}
  Provider:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          import json, urllib.request
          def handler(event, context):
              answer = {name: event[name] for name in ['StackId', 'RequestId', 'LogicalResourceId']}
              answer |= {'Status': 'SUCCESS', 'PhysicalResourceId': '/aws/lambda/unclear', 'Data': {}}
              put = urllib.request.Request(event['ResponseURL'], json.dumps(answer).encode(), method='PUT', headers={'Content-Type': ''})
              urllib.request.urlopen(put)
  Ada:
    Type: AWS::CloudFormation::CustomResource
    Properties: {ServiceToken: !GetAtt Provider.Arn, uid: ada, resourceType: AppInstanceUser, properties: {name: Ada}}
"#;

#[test]
fn what_cannot_be_compared_is_said_and_is_no_failure() {
    let path = template("unclear.yaml", UNCLEAR);
    let (status, text) = run(&[path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("Not compared with Chime\n  Ada: The properties do not identify the "), "{text}");
}
