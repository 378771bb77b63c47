"""What the rules find, and what they leave alone."""

import json
import unittest

from linter import PROJECT, findings, resource, template

APP_INSTANCE = "arn:aws:chime:us-east-1:123456789012:app-instance/8d1e9c52"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:filter"
PUSH = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/0a1b2c3d"
RUNS = f"Configuration: {{Lambda: {{ResourceArn: '{FUNCTION}'}}}}"
PROCESSOR = f"{{Name: A, ExecutionOrder: 1, FallbackAction: ABORT, {RUNS}}}"
CONDITIONS = """
Parameters:
  Stage: {Type: String}
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest: !Equals [!Ref Stage, test]
"""


class Right(unittest.TestCase):
    def test_the_examples(self):
        paths = sorted((PROJECT / "examples").glob("*.yaml"))
        self.assertGreater(len(paths), 1)
        for path in paths:
            with self.subTest(path.name):
                self.assertEqual(findings(path.read_text(encoding="utf-8")), [])

    def test_the_sample_events_of_every_type(self):
        schemas = {path.stem for path in (PROJECT / "schemas").glob("*.json")}
        paths = sorted((PROJECT / "events").glob("Chime*/[123]-*.json"))
        self.assertEqual({path.parent.name for path in paths}, schemas)
        for path in paths:
            with self.subTest(path.relative_to(PROJECT)):
                event = json.loads(path.read_text(encoding="utf-8"))
                properties = {"ServiceTimeout": "60", **event["ResourceProperties"]}
                resources = {"It": {"Type": event["ResourceType"], "Properties": properties}}
                self.assertEqual(findings(json.dumps({"Resources": resources})), [])

    def test_numbers_as_text_and_text_as_numbers(self):
        own = f"AppInstanceArn: {APP_INSTANCE}\nRetentionDays: '30'"
        self.assertEqual(findings(resource("ChimeAppInstanceRetentionSettings", own)), [])
        self.assertEqual(findings(resource("ChimeAppInstance", "Name: 7\nMetadata: true")), [])

    def test_resources_of_others(self):
        others = """
        One:
          Type: Custom::Certificate
          Properties: {ServiceToken: arn, Nmae: x}
        Two:
          Type: AWS::CloudFormation::CustomResource
          Properties: {ServiceToken: arn, Chime: x}
        """
        self.assertEqual(findings(template(others)), [])


class Wrong(unittest.TestCase):
    def test_names(self):
        self.wrong("ChimeAppInstance", "Nmae: x", "Nmae is not a property, did you mean Name?")
        there = "(there are AdoptExisting, ClientRequestToken, Metadata, Name, Resync, ServiceTimeout, ServiceToken, Tags)"
        for far in ["Colour", "Games"]:
            self.wrong("ChimeAppInstance", f"{far}: x", f"{far} is not a property {there}")
        tags = "Tags: [{Kee: a, Key: a, Value: b}]"
        self.wrong("ChimeAppInstance", tags, "Tags[0].Kee is not a property, did you mean Key?")

    def test_an_attribute_is_no_property(self):
        there = "(there are AdoptExisting, ClientRequestToken, Metadata, Name, Resync, ServiceTimeout, ServiceToken, Tags)"
        self.wrong("ChimeAppInstance", "AppInstanceArn: x", f"AppInstanceArn is not a property {there}")

    def test_missing(self):
        found = findings(resource("ChimeAppInstanceRetentionSettings", "RetentionDays: 1"))
        self.assertEqual(found, ["E9902 5 AppInstanceArn is required"])
        found = findings(resource("ChimeAppInstance", "Tags: [{Key: a}]"))
        self.assertEqual(found, ["E9902 8 Tags[0].Value is required"])

    def test_whole_numbers(self):
        many = "9" * 5000
        quoted = [("'5476'", '"5476"'), ("soon", '"soon"'), (f"'{many}'", f'"{many[:60]}…"')]
        for written, shown in [("0", "0"), ("1.5", "1.5"), ("-1", "-1"), ("[1]", "a list"), *quoted]:
            self.wrong(
                "ChimeAppInstanceRetentionSettings",
                f"RetentionDays: {written}\nAppInstanceArn: {APP_INSTANCE}",
                f"RetentionDays must be a whole number from 1 to 5475, not {shown}",
            )

    def test_text(self):
        self.wrong("ChimeAppInstance", "Name: ''", 'Name must be text of 1 to 256 characters, not ""')
        self.wrong("ChimeAppInstance", "Name: [a]", "Name must be text of 1 to 256 characters, not a list")
        long = f'Name must be text of 1 to 256 characters, not "{"x" * 60}…"'
        self.wrong("ChimeAppInstance", f"Name: {'x' * 257}", long)

    def test_metadata(self):
        long = "Metadata must be at most 1024 characters, it has 1025"
        self.wrong("ChimeAppInstance", f"Metadata: {'x' * 1025}", long)
        mapped = "Metadata must be text; a map has to be written as a JSON string"
        self.wrong("ChimeAppInstance", "Metadata: {a: b}", mapped)
        broken = "Metadata must not hold line breaks; write JSON on one line"
        self.wrong("ChimeAppInstance", 'Metadata: "{\\n}"', broken)

    def test_line_breaks_in_names(self):
        user = f'Name: "a\\u2028b"\nAppInstanceArn: {APP_INSTANCE}\nAppInstanceUserId: ada'
        said = 'Name must be text of 1 to 100 characters on one line, not all blank, not "a\\u{2028}b"'
        self.wrong("ChimeAppInstanceUser", user, said)

    def test_patterns_in_the_functions_own_words(self):
        instance = "the ARN of an app instance (arn:aws:chime:<region>:<account>:app-instance/<id>)"
        for written, said in [
            ("chat", 'not "chat"'),
            ("[chat]", "not a list"),
            # What nobody sees is escaped, and the end of an ARN says what it names.
            (f"|\n  {APP_INSTANCE}\n", f'not "{APP_INSTANCE}\\n"'),
            (f"{APP_INSTANCE}/user/{'u' * 64}", f'not "{APP_INSTANCE}/user/{"u" * 64}"'),
        ]:
            own = f"AppInstanceArn: {written}\nRetentionDays: 1"
            self.wrong("ChimeAppInstanceRetentionSettings", own, f"AppInstanceArn must be {instance}, {said}")
        wanted = "1 to 64 letters, digits and : - _ . @, with a letter or digit at either end"
        for written in ["-ann", "''", "a" * 65]:
            user = f"Name: Ann\nAppInstanceArn: {APP_INSTANCE}\nAppInstanceUserId: {written}"
            value = written.strip("'")
            value = f"{value[:60]}…" if len(value) > 60 else value
            self.wrong("ChimeAppInstanceUser", user, f'AppInstanceUserId must be {wanted}, not "{value}"', 10)
        self.wrong(
            "ChimeAppInstance",
            "Tags: [{Key: 'aws:a', Value: b}]",
            "Tags[0].Key must not begin with aws: or cfn:, which are reserved",
        )

    def test_a_device_token_is_never_repeated(self):
        said = "EndpointAttributes.DeviceToken must be text of 1 to 1600 characters on one line"
        for token in ['"se\\ncret"', "s" * 1601, "[secret]"]:
            own = f"AppInstanceUserArn: {APP_INSTANCE}/user/ann\nType: GCM\nResourceArn: {PUSH}\nEndpointAttributes: {{DeviceToken: {token}}}"
            self.wrong("ChimeAppInstanceUserEndpoint", own, said, 11)

    def test_words(self):
        flow = f"AppInstanceArn: {APP_INSTANCE}\nProcessors: [{PROCESSOR}]"
        wrong = flow.replace("ABORT", "ABROT")
        said = 'Processors[0].FallbackAction must be CONTINUE or ABORT, not "ABROT", did you mean ABORT?'
        self.wrong("ChimeChannelFlow", wrong, said, 9)
        wrong = flow.replace("ABORT", "[ABORT]")
        self.wrong("ChimeChannelFlow", wrong, "Processors[0].FallbackAction must be CONTINUE or ABORT, not a list", 9)

    def test_lists(self):
        four = f"[{', '.join([PROCESSOR] * 4)}]"
        for items, said in [("[]", ", it has 0"), (four, ", it has 4"), ("a", ', not "a"')]:
            own = f"AppInstanceArn: {APP_INSTANCE}\nProcessors: {items}"
            self.wrong("ChimeChannelFlow", own, f"Processors must be a list of 1 to 3 items{said}", 9)

    def test_the_members_of_a_channel(self):
        common = f"ChannelArn: {APP_INSTANCE}/channel/lobby\nChimeBearer: {APP_INSTANCE}/user/ann\nMemberArns: "

        def of(members, kind="ChimeChannelMemberships"):
            return [line for line in findings(resource(kind, f"{common}{members}")) if line.startswith("E9902")]

        user = f"{APP_INSTANCE}/user/bob"
        for right in ["[]", f"[{user}, {APP_INSTANCE}/bot/b]", "!Split [',', a]", "[!ImportValue agent]"]:
            self.assertEqual(of(right), [], right)
        wanted = "E9902 10 MemberArns must be a list of 0 to 10000 items"
        self.assertEqual(of("''"), [f'{wanted}, not ""'])
        self.assertEqual(of(user), [f'{wanted}, not "{user}"'])
        # Each one another: cfn-lint compares each finding with all others, and a double is one.
        many = ", ".join(f"{APP_INSTANCE}/user/{number}" for number in range(10001))
        self.assertEqual(of(f"[{many}]"), [f"{wanted}, it has 10001"])
        (found,) = of("['']")
        self.assertRegex(found, r'^E9902 10 MemberArns\[0\] must be the ARN of an app instance user or bot .*, not "", which is what an empty CommaDelimitedList gives$')
        (found,) = of(f"[{user}, {APP_INSTANCE}/channel/lobby]")
        self.assertRegex(found, r'^E9902 10 MemberArns\[1\] must be the ARN of an app instance user or bot .*/channel/lobby"$')
        found = of(f"[{user}]", "ChimeChannelMembership")
        said = "MemberArns is not a property here, use a Custom::ChimeChannelMemberships resource instead"
        self.assertEqual(found, ["E9902 5 MemberArn is required", f"E9902 10 {said}"])

    def test_what_is_a_resource_of_its_own(self):
        channel = f"AppInstanceArn: {APP_INSTANCE}\nChimeBearer: {APP_INSTANCE}/user/ann\nName: Lobby\n"
        for name, kind in [("ModeratorArns", "ChimeChannelModerator"), ("ChannelFlowArn", "ChimeChannelFlowAssociation")]:
            said = f"{name} is not a property here, use a Custom::{kind} resource instead"
            self.wrong("ChimeChannel", f"{channel}{name}: x", said, 11)
        there = "(there are Key, Value)"
        said = f"Tags[0].MemberArns is not a property {there}"
        self.wrong("ChimeAppInstance", "Tags: [{Key: a, Value: b, MemberArns: []}]", said)

    def test_maps(self):
        own = f"AppInstanceArn: {APP_INSTANCE}\nProcessors: [a]"
        said = 'Processors[0] must be a map of Configuration, ExecutionOrder, FallbackAction, Name, not "a"'
        self.wrong("ChimeChannelFlow", own, said, 9)

    def test_types(self):
        def of(kind, token="arn"):
            return template(f"It: {{Type: 'Custom::{kind}', Properties: {{ServiceToken: {token}}}}}")

        said = "E9901 3 Custom::{} is not a type, did you mean Custom::ChimeAppInstanceUser?"
        for kind in ["ChimeAppInstanceUsr", "ChmeAppInstanceUser"]:
            self.assertEqual(findings(of(kind)), [said.format(kind)])
        for kind in ["ChimeMeeting", "Meeting"]:
            found = findings(of(kind, "!ImportValue chime-messaging-resources-ServiceToken"))
            self.assertEqual(len(found), 1)
            start = rf"^E9901 3 Custom::{kind} is not a type \(there are Custom::ChimeAppInstance, "
            self.assertRegex(found[0], start)

    def test_no_service_token(self):
        found = findings(template("It:\n  Type: Custom::ChimeAppInstance\n  Properties: {ServiceTimeout: 60}"))
        self.assertEqual(found, ["E3003 5 'ServiceToken' is a required property"])
        found = findings(template("It:\n  Type: Custom::ChimeAppInstance"))
        self.assertEqual([line.split()[0] for line in found], ["E3003", "W9904"])

    def test_no_service_timeout(self):
        found = findings(template("It:\n  Type: Custom::ChimeAppInstance\n  Properties: {ServiceToken: arn}"))
        said = "ServiceTimeout is not set: if the function never answers, CloudFormation waits for an hour"
        self.assertEqual(found, [f"W9904 5 {said}"])

    def test_a_service_timeout_out_of_range(self):
        found = findings(resource("ChimeAppInstance", "Name: x").replace(": 60", ": 9999"))
        self.assertEqual(found, ["E9902 7 ServiceTimeout must be a whole number from 1 to 3600, not 9999"])

    def test_attributes(self):
        said = "is not an attribute of Custom::ChimeAppInstance"
        reads = {
            "!GetAtt It.AppInstanceAnr": f"AppInstanceAnr {said}, did you mean AppInstanceArn?",
            "{'Fn::GetAtt': [It, Name]}": f"Name {said} (there are AppInstanceArn, AppInstanceId)",
            "{'Fn::GetAtt': It.Name}": f"Name {said} (there are AppInstanceArn, AppInstanceId)",
            "!Sub '${AWS::Region} ${It.AppInstanceIdd}'": f"AppInstanceIdd {said}, did you mean AppInstanceId?",
            "!Sub ['${ It.Name } ${x}', {x: !Ref It}]": f"Name {said} (there are AppInstanceArn, AppInstanceId)",
        }
        for read, problem in reads.items():
            with self.subTest(read):
                found = findings(resource("ChimeAppInstance", "Name: x") + f"\nOutputs:\n  Out:\n    Value: {read}")
                self.assertEqual(found, [f"E9903 11 {problem}"])

    def test_attributes_that_exist(self):
        reads = ["!GetAtt It.AppInstanceArn", "!Sub '${It.AppInstanceId} ${!It.Name} ${It}'", "!GetAtt [It, !Ref Which]"]
        for read in reads:
            with self.subTest(read):
                head = "Parameters: {Which: {Type: String}}" if "Which" in read else "Description: none"
                properties = "{ServiceToken: arn, ServiceTimeout: 1}"
                body = f"It: {{Type: 'Custom::ChimeAppInstance', Properties: {properties}}}"
                found = findings(template(body, head) + f"\nOutputs:\n  Out:\n    Value: {read}")
                self.assertEqual([one for one in found if "99" in one], [])

    def test_what_nobody_reads_is_left_alone(self):
        found = findings(resource("ChimeAppInstance", "Name: x") + "\nMetadata:\n  Note: !Sub '${It.Name}'")
        self.assertEqual(found, [])

    def wrong(self, kind, own, problem, line=8):
        with self.subTest(own):
            found = [one for one in findings(resource(kind, own)) if one.startswith("E9902")]
            self.assertEqual(found, [f"E9902 {line} {problem}"])


class Functions(unittest.TestCase):
    def test_what_only_cloudformation_knows(self):
        body = f"""
        It:
          Type: Custom::ChimeChannelFlow
          Properties:
            ServiceToken: !ImportValue token
            ServiceTimeout: !Ref Number
            AppInstanceArn: !Sub "${{Number}}"
            Name: "{{{{resolve:ssm:{'x' * 300}}}}}"
            Processors:
              - Name: !Join ["", [a]]
                ExecutionOrder: !Ref Number
                FallbackAction: !FindInMap [Map, key, action]
                Configuration:
                  Lambda:
                    ResourceArn: !Select [0, !Split [",", !Ref Number]]
        """
        head = "Parameters: {Number: {Type: String}}\nMappings: {Map: {key: {action: ABORT}}}"
        self.assertEqual(self.ours(template(body, head)), [])

    def test_whole_lists_and_maps_of_a_function(self):
        for written in ["!Ref Names", "!Split [',', a]", "{'Fn::Transform': {Name: Macro, Parameters: {}}}"]:
            own = f"AppInstanceArn: {APP_INSTANCE}\nProcessors: {written}"
            self.assertEqual(self.ours(resource("ChimeChannelFlow", own)), [])

    def test_what_a_macro_adds_is_not_missing(self):
        own = f"Fn::Transform: {{Name: Macro, Parameters: {{}}}}\nRetentionDays: 0"
        found = self.ours(resource("ChimeAppInstanceRetentionSettings", own))
        self.assertEqual(found, ["E9902 9 RetentionDays must be a whole number from 1 to 5475, not 0"])

    def test_each_branch_of_an_if_is_checked(self):
        own = "Name: !If [IsLive, !If [IsTest, '', x], {a: b}]\nTags: !If [IsLive, !Ref AWS::NoValue, [{Key: a}]]"
        self.assertEqual(
            self.conditional("ChimeAppInstance", own),
            [
                "E9902 Name must be text of 1 to 256 characters, not a map",
                "E9902 Tags[0].Value is required",
            ],
        )

    def test_what_is_left_out_under_a_condition_is_missing(self):
        own = f"AppInstanceArn: {APP_INSTANCE}\nRetentionDays: !If [IsLive, 1, !Ref AWS::NoValue]"
        found = self.conditional("ChimeAppInstanceRetentionSettings", own)
        self.assertEqual(found, ["E9902 RetentionDays is required"])
        found = self.conditional("ChimeAppInstanceRetentionSettings", own, condition="IsLive")
        self.assertEqual(found, [])
        found = self.conditional("ChimeAppInstanceRetentionSettings", own.replace("1,", "0,"), condition="IsTest")
        self.assertEqual(found, ["E9902 RetentionDays is required"])

    def test_a_timeout_left_out_under_a_condition(self):
        own = "ServiceTimeout: !If [IsLive, 60, !Ref AWS::NoValue]"
        found = self.conditional("ChimeAppInstance", own, common="ServiceToken: arn")
        self.assertEqual([one.split()[0] for one in found], ["W9904"])

    def test_items_under_a_condition(self):
        maybe = f"!If [IsLive, {PROCESSOR}, !Ref AWS::NoValue]"
        for items, said in [
            ([PROCESSOR] * 3 + [maybe], []),
            ([PROCESSOR] * 4 + [maybe], ["E9902 Processors must be a list of 1 to 3 items, it has 4"]),
            (["!Ref AWS::NoValue"], ["E9902 Processors must be a list of 1 to 3 items, it has 0"]),
        ]:
            own = f"AppInstanceArn: {APP_INSTANCE}\nProcessors: [{', '.join(items)}]"
            self.assertEqual(self.conditional("ChimeChannelFlow", own), said)

    def test_a_loop_is_rolled_out_first(self):
        body = f"""
        Fn::ForEach::Users:
          - Id
          - [ann, bob]
          - User${{Id}}:
              Type: Custom::ChimeAppInstanceUser
              Properties:
                ServiceToken: arn
                ServiceTimeout: 60
                AppInstanceArn: {APP_INSTANCE}
                AppInstanceUserId: !Ref Id
        """
        loop = "Transform: AWS::LanguageExtensions"
        self.assertEqual(findings(template(body, loop)), [])
        found = self.ours(template(body.replace("bob", "-bob"), loop))
        self.assertEqual(len(found), 1)
        self.assertIn("AppInstanceUserId must be 1 to 64 letters", found[0])

    def conditional(self, kind, own, **more):
        one = resource(kind, own, **more).replace("Resources:", f"{CONDITIONS.strip()}\nResources:")
        return sorted(f"{rule} {message}" for rule, _, message in (line.split(" ", 2) for line in self.ours(one)))

    def ours(self, one):
        return [line for line in findings(one) if line[1:3] == "99" or line.startswith("E0")]


class Transformed(unittest.TestCase):
    def test_a_sam_template(self):
        body = """
        Function:
          Type: AWS::Serverless::Function
          Properties: {Runtime: python3.13, Handler: index.handler, InlineCode: "def handler(event, context): pass"}
        It:
          Type: Custom::ChimeAppInstance
          Properties:
            ServiceToken: !ImportValue chime-messaging-resources-ServiceToken
            ServiceTimeout: 60
            Name: Chat
        """
        sam = "Transform: AWS::Serverless-2016-10-31"
        self.assertEqual(findings(template(body, sam)), [])
        found = findings(template(body.replace("Name: Chat", "Nmae: Chat"), sam))
        self.assertEqual(found, ["E9902 12 Nmae is not a property, did you mean Name?"])


if __name__ == "__main__":
    unittest.main()
