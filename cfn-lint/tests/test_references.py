"""What a template tells of values that are read from other resources, and of whose a resource is."""

import unittest

from linter import findings, template

TOKEN = "ServiceToken: !ImportValue chime-messaging-resources-ServiceToken, ServiceTimeout: 60"
INSTANCE = "arn:aws:chime:us-east-1:123456789012:app-instance/8d1e9c52"
CHANNEL = "ChannelArn must be the ARN of a channel (arn:aws:chime:<region>:<account>:app-instance/<id>/channel/<id>)"
OTHERS = f"""
User:
  Type: Custom::ChimeAppInstanceUser
  Properties: {{{TOKEN}, AppInstanceArn: '{INSTANCE}', AppInstanceUserId: ann}}
Instance:
  Type: Custom::ChimeAppInstance
  Properties: {{{TOKEN}}}
Admin:
  Type: Custom::ChimeAppInstanceAdmin
  Properties: {{{TOKEN}, AppInstanceAdminArn: !Ref User}}
NativeInstance:
  Type: AWS::Chime::AppInstance
  Properties: {{Name: Chat}}
NativeLobby:
  Type: AWS::Chime::Channel
  Properties: {{AppInstanceArn: !Ref NativeInstance, ChimeBearer: !Ref User, Name: Lobby}}
Stream:
  Type: AWS::Kinesis::Stream
  Properties: {{ShardCount: 2}}
Topic:
  Type: AWS::SNS::Topic
"""


class Kinds(unittest.TestCase):
    def test_the_wrong_kind_of_thing(self):
        instance = "AppInstanceArn must be the ARN of an app instance (arn:aws:chime:<region>:<account>:app-instance/<id>), not"
        for written, said in {
            "!Ref User": f"{instance} !Ref User of Custom::ChimeAppInstanceUser",
            "!Sub '${User}'": f"{instance} !Ref User of Custom::ChimeAppInstanceUser",
            "!GetAtt Instance.AppInstanceId": f"{instance} !GetAtt Instance.AppInstanceId of Custom::ChimeAppInstance"
            "; !GetAtt Instance.Ref is one",
            "!Ref Stream": f"{instance} !Ref Stream of AWS::Kinesis::Stream",
            "!GetAtt NativeLobby.Arn": f"{instance} !GetAtt NativeLobby.Arn of AWS::Chime::Channel",
            "!If [Live, !Ref User, !Ref Instance]": f"{instance} !Ref User of Custom::ChimeAppInstanceUser",
        }.items():
            with self.subTest(written):
                said = said.replace("!GetAtt Instance.Ref", "!Ref Instance")
                found = self.of("ChimeAppInstanceRetentionSettings", f"AppInstanceArn: {written}, RetentionDays: 1")
                self.assertEqual(found, [said])

    def test_the_ref_of_a_native_channel_is_not_its_arn(self):
        found = self.of("ChimeChannelFlowAssociation", self.association("!Ref NativeLobby"))
        said = f"{CHANNEL}, not !Ref NativeLobby of AWS::Chime::Channel; !GetAtt NativeLobby.Arn is one"
        self.assertEqual(found, [said])
        self.assertEqual(self.of("ChimeChannelFlowAssociation", self.association("!GetAtt NativeLobby.Arn")), [])

    def test_a_stream_by_its_name(self):
        def of(arn):
            one = f"[{{DataType: Channel, ResourceArn: {arn}}}]"
            own = f"AppInstanceArn: !Ref Instance, StreamingConfigurations: {one}"
            return self.of("ChimeMessagingStreamingConfigurations", own)

        self.assertEqual(of("!GetAtt Stream.Arn"), [])
        (found,) = of("!Ref Stream")
        self.assertTrue(found.endswith("not !Ref Stream of AWS::Kinesis::Stream; !GetAtt Stream.Arn is one"), found)

    def test_the_right_kind_and_what_nobody_can_tell(self):
        for written in [
            "!Ref Instance", "!GetAtt User.AppInstanceArn", "!GetAtt Admin.AppInstanceArn", "!Ref NativeInstance",
            "!GetAtt NativeInstance.AppInstanceArn", "!Sub '${Instance}'", "!Sub 'x${User}'", "!Ref Topic", "!Ref Given",
            "!ImportValue chat", "!GetAtt Instance.AppInstanceArn",
        ]:  # fmt: skip
            with self.subTest(written):
                own = f"AppInstanceArn: {written}, RetentionDays: 1"
                found = self.of("ChimeAppInstanceRetentionSettings", own)
                # GetAtt of an attribute that does not exist is another rule's.
                self.assertEqual([one for one in found if "must be" in one], [])
        for written in ["!Ref User", "!GetAtt Admin.AppInstanceAdminArn"]:
            self.assertEqual(self.of("ChimeAppInstanceAdmin", f"AppInstanceAdminArn: {written}"), [])

    def test_a_single_value_in_place_of_a_list(self):
        def of(members):
            bearer = "ChimeBearer: !Ref User"
            return self.of("ChimeChannelMemberships", f"ChannelArn: !GetAtt NativeLobby.Arn, {bearer}, MemberArns: {members}")

        wanted = "MemberArns must be a list of 0 to 10000 items, not"
        self.assertEqual(of("!Ref User"), [f"{wanted} !Ref User of Custom::ChimeAppInstanceUser; [!Ref User] is one"])
        self.assertEqual(of("!Ref Instance"), [f"{wanted} !Ref Instance of Custom::ChimeAppInstance"])
        for right in ["[!Ref User]", "[!GetAtt Admin.AppInstanceAdminArn]", "!Ref Given", "!Split [',', !Ref Given]", "!ImportValue agents"]:
            self.assertEqual(of(right), [], right)
        (found,) = of("[!Ref User, !Ref Admin]")
        said = "not !Ref Admin of Custom::ChimeAppInstanceAdmin"
        self.assertTrue(found.startswith("MemberArns[1] must be the ARN of an app instance user or bot (") and said in found, found)

    def test_what_a_list_of_members_gives(self):
        members = f"""
Members:
  Type: Custom::ChimeChannelMemberships
  DependsOn: Admin
  Properties: {{{TOKEN}, ChannelArn: !GetAtt NativeLobby.Arn, ChimeBearer: !Ref User, MemberArns: [!Ref User]}}
It:
  Type: Custom::ChimeChannelFlowAssociation
  DependsOn: Admin
  Properties: {{{TOKEN}, ChannelFlowArn: '{INSTANCE}/channel-flow/f', ChimeBearer: !Ref User, ChannelArn: """
        said = f"E9902 {CHANNEL}, not"
        for written, problems in {
            "!GetAtt Members.ChannelArn": [],
            "!Ref Members": [f"{said} !Ref Members of"],
            "!GetAtt Members.MemberArn": [f"{said} !GetAtt Members.MemberArn of", "E9903 MemberArn is not an attribute of"],
        }.items():
            with self.subTest(written):
                found = [line.split(" ", 2) for line in findings(template(f"{OTHERS}\n{members}{written}}}"))]
                found = sorted(f"{rule} {message}" for rule, _, message in found if rule[1:3] == "99")
                kind = "Custom::ChimeChannelMemberships"
                self.assertEqual([one.split(kind)[0].strip() for one in found], problems)

    def association(self, channel):
        return f"ChannelArn: {channel}, ChannelFlowArn: '{INSTANCE}/channel-flow/f', ChimeBearer: !Ref User"

    def of(self, kind, own):
        head = "Parameters: {Given: {Type: String}}\nConditions: {Live: !Equals [!Ref Given, live]}"
        body = f"{OTHERS}\nIt:\n  Type: Custom::{kind}\n  Properties: {{{TOKEN}, {own}}}"
        return [line.split(" ", 2)[2] for line in findings(template(body, head)) if line.startswith("E9902")]


class Owners(unittest.TestCase):
    """A resource is another provider's where its ServiceToken says so."""

    OURS = [
        "!ImportValue chime-messaging-resources-ServiceToken",
        "!ImportValue staging-chime-messaging-resources-ServiceToken",
        "{'Fn::ImportValue': !Sub '${Prefix}-chime-messaging-resources-ServiceToken'}",
        "arn:aws:lambda:us-east-1:123456789012:function:chime-messaging-resources",
        "!Sub 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:chime-messaging-resources:live'",
        "!Ref Ours",
    ]
    OPEN = ["!Ref Prefix", "{'Fn::ImportValue': !Sub '${Prefix}-ServiceToken'}", "!GetAtt Nested.Outputs.ServiceToken",
            "!ImportValue chime-messaging-resource-ServiceToken"]
    THEIRS = [
        "!GetAtt Provider.Arn",
        "!ImportValue their-provider",
        "arn:aws:lambda:us-east-1:123456789012:function:their-provider",
        "!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:their-provider'",
        "!Ref Theirs",
    ]
    HEAD = """
    Parameters:
      Prefix: {Type: String}
      Ours: {Type: String, Default: 'arn:aws:lambda:us-east-1:123456789012:function:chime-messaging-resources'}
      Theirs: {Type: String, Default: 'arn:aws:lambda:us-east-1:123456789012:function:their-provider'}
    """

    def test_ours_is_checked(self):
        for token in self.OURS:
            self.assertEqual(self.rules("ChimeMeeting", token), ["E9901"], token)
            self.assertEqual(self.rules("Room", token), ["E9901"], token)
        for token in self.OURS + self.OPEN:
            nearly = ["W9909"] if "resource-" in token else []
            self.assertEqual(self.rules("ChimeAppInstance", token), ["E9902", "E9903", "W9904", *nearly], token)
            self.assertEqual(self.rules("ChimeAppInstanc", token), ["E9901"], token)

    def test_where_nobody_can_tell_a_strange_name_is_left_alone(self):
        for token in self.OPEN:
            self.assertEqual(self.rules("ChimeMeeting", token), [], token)

    def test_anothers_is_left_alone(self):
        for token in self.THEIRS:
            for kind in ["ChimeMeeting", "ChimeAppInstanc", "ChimeAppInstance"]:
                self.assertEqual(self.rules(kind, token), [], f"{kind} {token}")

    def rules(self, kind, token):
        body = f"""
        Provider:
          Type: AWS::Lambda::Function
          Properties:
            {{Runtime: python3.13, Handler: index.handler, Role: 'arn:aws:iam::123456789012:role/r', Code: {{ZipFile: x}}}}
        Nested:
          Type: AWS::CloudFormation::Stack
          Properties: {{TemplateURL: https://example.com/template.yaml}}
        It:
          Type: Custom::{kind}
          Properties: {{ServiceToken: {token}, Nmae: x}}
        """
        outputs = "\nOutputs:\n  Out:\n    Value: !GetAtt It.Nothing"
        found = findings(template(body, self.HEAD) + outputs)
        return sorted({line[:5] for line in found if line[1:3] == "99"})


if __name__ == "__main__":
    unittest.main()
