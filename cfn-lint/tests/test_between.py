"""What several resources of a template say together."""

import unittest

from linter import PROJECT, findings, template

TOKEN = "ServiceToken: !ImportValue chime-messaging-resources-ServiceToken, ServiceTimeout: 60"
INSTANCE = "arn:aws:chime:us-east-1:123456789012:app-instance/8d1e9c52"
HEAD = """
Parameters: {Stage: {Type: String}, Given: {Type: String}}
Conditions: {Live: !Equals [!Ref Stage, live], Test: !Not [!Condition Live]}
"""
BASE = f"""
Instance:
  Type: Custom::ChimeAppInstance
  Properties: {{{TOKEN}}}
Boss:
  Type: Custom::ChimeAppInstanceUser
  Properties: {{{TOKEN}, AppInstanceArn: !Ref Instance, AppInstanceUserId: boss}}
Bob:
  Type: Custom::ChimeAppInstanceUser
  Properties: {{{TOKEN}, AppInstanceArn: !Ref Instance, AppInstanceUserId: bob}}
"""
ADMIN = """
BossIsAdmin:
  Type: Custom::ChimeAppInstanceAdmin
  Properties: {TOKEN, AppInstanceAdminArn: !Ref Boss}
"""
LOBBY = """
Lobby:
  Type: Custom::ChimeChannel
  DependsOn: WAITS
  Properties: {TOKEN, AppInstanceArn: !Ref Instance, ChimeBearer: !Ref Boss, ChannelId: lobby, Name: Lobby}
"""
MEMBER = """
BobInLobby:
  Type: Custom::ChimeChannelMembership
  Properties: {TOKEN, ChannelArn: !Ref Lobby, MemberArn: !Ref Bob, ChimeBearer: !Ref Boss}
"""
RIGHTS = "gets its rights from {0}, and nothing puts {0} first: add DependsOn: {0}"


def of(*bodies, **words):
    """The findings of our rules in a template of these resources, as `rule logical-id-or-line message` without lines."""
    body = BASE + "\n".join(bodies)
    for word, text in {"TOKEN": TOKEN, **words}.items():
        body = body.replace(word, text)
    found = [line.split(" ", 2) for line in findings(template(body, HEAD))]
    return [f"{rule} {message}" for rule, _, message in found if rule[1:3] in ("99", "00")]


def lobby(waits=None):
    return LOBBY.replace("WAITS", waits) if waits else LOBBY.replace("  DependsOn: WAITS\n", "")


class Bearers(unittest.TestCase):
    def test_a_bearer_whose_admin_may_come_later(self):
        self.assertEqual(of(ADMIN, lobby()), [f"W9905 ChimeBearer {RIGHTS.format('BossIsAdmin')}"])
        self.assertEqual(of(ADMIN, lobby("BossIsAdmin")), [])
        self.assertEqual(of(ADMIN, lobby("[Bob, BossIsAdmin]")), [])

    def test_a_resource_waits_through_what_it_refers_to(self):
        self.assertEqual(of(ADMIN, lobby("BossIsAdmin"), MEMBER), [])
        # The channel alone is told of: once it waits, its member does too.
        self.assertEqual(of(ADMIN, lobby(), MEMBER), [f"W9905 ChimeBearer {RIGHTS.format('BossIsAdmin')}"])

    def test_each_type_that_has_a_bearer(self):
        channel = f"ChannelArn: '{INSTANCE}/channel/lobby', ChimeBearer: !Ref Boss"
        for kind, own in {
            "ChimeChannelMembership": "MemberArn: !Ref Bob",
            "ChimeChannelMemberships": "MemberArns: [!Ref Bob]",
            "ChimeChannelModerator": "ChannelModeratorArn: !Ref Bob",
            "ChimeChannelBan": "MemberArn: !Ref Bob",
            "ChimeChannelFlowAssociation": f"ChannelFlowArn: '{INSTANCE}/channel-flow/f'",
        }.items():
            with self.subTest(kind):
                it = f"\nIt:\n  Type: Custom::{kind}\n  Properties: {{TOKEN, {channel}, {own}}}\n"
                self.assertEqual(of(ADMIN, it), [f"W9905 ChimeBearer {RIGHTS.format('BossIsAdmin')}"])
                self.assertEqual(of(ADMIN, it.replace("Properties", "DependsOn: BossIsAdmin\n  Properties")), [])

    def test_the_same_bearer_in_other_words(self):
        for written in [
            "!GetAtt Boss.AppInstanceUserArn",
            "!GetAtt BossIsAdmin2.AppInstanceAdminArn",
            "!Sub '${Boss}'",
            "!Sub '${Instance}/user/boss'",
            "!Sub ['${App}/user/${Name}', {App: !Ref Instance, Name: boss}]",
            "!Join ['/', [!Ref Instance, user, boss]]",
            "!If [Live, !Ref Boss, !Ref Bob]",
        ]:
            with self.subTest(written):
                admin2 = ADMIN.replace("BossIsAdmin", "BossIsAdmin2") if "Admin2" in written else ""
                found = of(ADMIN, admin2, lobby().replace("!Ref Boss", written))
                found = [line for line in found if line.startswith("W9905")]
                # What reads an attribute of an admin waits for it.
                self.assertEqual(len(found), 0 if admin2 else 1, found)

    def test_other_bearers_are_left_alone(self):
        for written in ["!Ref Bob", "!Ref Given", f"'{INSTANCE}/user/boss'", "!Sub '${Instance}/user/${Given}'", "!ImportValue boss"]:
            with self.subTest(written):
                self.assertEqual(of(ADMIN, lobby().replace("!Ref Boss", written)), [])
        self.assertEqual(of(lobby(), MEMBER), [])

    def test_a_bearer_by_a_parameter(self):
        admin = ADMIN.replace("!Ref Boss", "!Ref Given")
        self.assertEqual(len(of(admin, lobby().replace("!Ref Boss", "!Ref Given"))), 1)

    def test_a_moderator_has_rights_in_one_channel(self):
        moderator = """
BobModerates:
  Type: Custom::ChimeChannelModerator
  Properties: {TOKEN, ChannelArn: !Ref Lobby, ChannelModeratorArn: !Ref Bob, ChimeBearer: !Ref Boss}
"""
        boss = "\nBoss2:\n  Type: Custom::ChimeAppInstanceUser\n"
        boss += "  Properties: {TOKEN, AppInstanceArn: !Ref Instance, AppInstanceUserId: boss2}\n"
        by_bob = MEMBER.replace("!Ref Boss", "!Ref Bob").replace("MemberArn: !Ref Bob", "MemberArn: !Ref Boss2")
        parts = [ADMIN, boss, lobby("BossIsAdmin"), moderator]
        self.assertEqual(of(*parts, by_bob), [f"W9905 ChimeBearer {RIGHTS.format('BobModerates')}"])
        self.assertEqual(of(*parts, by_bob.replace("Properties", "DependsOn: BobModerates\n  Properties")), [])
        elsewhere = by_bob.replace("!Ref Lobby", f"'{INSTANCE}/channel/hall'")
        self.assertEqual(of(*parts, elsewhere), [])

    def test_one_of_several_is_enough(self):
        second = ADMIN.replace("BossIsAdmin", "AsWell").replace("{TOKEN", "{TOKEN, AppInstanceArn: !Ref Instance")
        found = of(ADMIN, second, lobby("AsWell"))
        self.assertEqual([line[:5] for line in found], ["E9906"])

    def test_what_cannot_wait_or_never_meets_is_left_alone(self):
        # The admin is given its rights after the channel.
        self.assertEqual(of(ADMIN.replace("  Properties", "  DependsOn: Lobby\n  Properties"), lobby()), [])
        apart = [ADMIN.replace("  Type", "  Condition: Live\n  Type"), lobby().replace("  Type", "  Condition: Test\n  Type")]
        self.assertEqual(of(*apart), [])
        together = [apart[0], apart[1].replace("Test", "Live")]
        self.assertEqual(len([line for line in of(*together) if line.startswith("W9905")]), 1)

    def test_another_providers_admin_is_left_alone(self):
        admin = ADMIN.replace("TOKEN", "ServiceToken: !ImportValue their-provider")
        self.assertEqual(of(admin, lobby()), [])


class Identifiers(unittest.TestCase):
    ONES = {
        "ChimeAppInstanceUser": ("AppInstanceArn: !Ref Instance, AppInstanceUserId: ann", "AppInstanceArn and AppInstanceUserId"),
        "ChimeAppInstanceAdmin": ("AppInstanceAdminArn: !Ref Bob", "AppInstanceAdminArn"),
        "ChimeAppInstanceRetentionSettings": ("AppInstanceArn: !Ref Instance, RetentionDays: 1", "AppInstanceArn"),
        "ChimeMessagingStreamingConfigurations": (
            "AppInstanceArn: !Ref Instance, StreamingConfigurations: [{DataType: Channel, ResourceArn: !Ref Given}]",
            "AppInstanceArn",
        ),
        "ChimeChannel": (
            "AppInstanceArn: !Ref Instance, ChimeBearer: !Ref Boss, ChannelId: hall, Name: Hall",
            "AppInstanceArn and ChannelId",
        ),
        "ChimeChannelMembership": (
            "ChannelArn: !Ref Given, ChimeBearer: !Ref Boss, MemberArn: !Ref Bob",
            "ChannelArn and MemberArn",
        ),
        "ChimeChannelModerator": (
            "ChannelArn: !Ref Given, ChimeBearer: !Ref Boss, ChannelModeratorArn: !Ref Bob",
            "ChannelArn and ChannelModeratorArn",
        ),
        "ChimeChannelBan": ("ChannelArn: !Ref Given, ChimeBearer: !Ref Boss, MemberArn: !Ref Bob", "ChannelArn and MemberArn"),
        "ChimeChannelFlowAssociation": (
            f"ChannelArn: !Ref Given, ChimeBearer: !Ref Boss, ChannelFlowArn: '{INSTANCE}/channel-flow/f'",
            "ChannelArn",
        ),
    }

    def one(self, name, kind, own):
        return f"\n{name}:\n  Type: Custom::{kind}\n  Properties: {{TOKEN, {own}}}\n"

    def test_two_resources_for_one_thing(self):
        for kind, (own, names) in self.ONES.items():
            with self.subTest(kind):
                said = f"E9906 Second and First state the same thing: Chime has one Custom::{kind} with this {names}"
                first, second = self.one("First", kind, own), self.one("Second", kind, own)
                self.assertEqual(of(first, second), [said])
                self.assertEqual(of(first), [])

    def test_every_type_that_the_template_identifies_is_tried(self):
        from cfn_lint_chime_messaging.schemas import SCHEMAS, identifiers

        self.assertEqual(
            {f"Custom::{kind}" for kind in self.ONES},
            {kind for kind, schema in SCHEMAS.items() if identifiers(schema)},
        )

    def test_different_ones(self):
        users = ["AppInstanceArn: !Ref Instance, AppInstanceUserId: ann", "AppInstanceArn: !Ref Given, AppInstanceUserId: ann"]
        self.assertEqual(of(*[self.one(f"U{at}", "ChimeAppInstanceUser", own) for at, own in enumerate(users)]), [])
        # Chime chooses what these are called.
        channel = "AppInstanceArn: !Ref Instance, ChimeBearer: !Ref Boss, Name: Hall"
        self.assertEqual(of(self.one("A", "ChimeChannel", channel), self.one("B", "ChimeChannel", channel)), [])
        bot = "AppInstanceArn: !Ref Instance"
        self.assertEqual(of(self.one("A", "ChimeAppInstance", ""), self.one("B", "ChimeAppInstance", "")), [])
        self.assertEqual([line for line in of(self.one("A", "ChimeAppInstanceBot", bot), self.one("B", "ChimeAppInstanceBot", bot)) if "E9906" in line], [])

    def test_either_of_two(self):
        own = self.ONES["ChimeAppInstanceAdmin"][0]
        first, second = self.one("First", "ChimeAppInstanceAdmin", own), self.one("Second", "ChimeAppInstanceAdmin", own)
        apart = [first.replace("  Type", "  Condition: Live\n  Type"), second.replace("  Type", "  Condition: Test\n  Type")]
        self.assertEqual(of(*apart), [])
        self.assertEqual(len([line for line in of(first, apart[1]) if line.startswith("E9906")]), 1)

    def test_a_member_by_itself_and_in_a_list(self):
        common = "ChannelArn: !Ref Given, ChimeBearer: !Ref Boss"
        single = self.one("Single", "ChimeChannelMembership", f"{common}, MemberArn: !Ref Bob")
        many = self.one("Many", "ChimeChannelMemberships", f"{common}, MemberArns: [!Ref Boss, !Sub '${{Instance}}/user/bob']")
        more = self.one("More", "ChimeChannelMemberships", f"{common}, MemberArns: [!Ref Bob]")
        end = "state the same thing: Chime has one Custom::ChimeChannelMembership with this ChannelArn and MemberArn"
        self.assertEqual(of(single, many), [f"E9906 Many.MemberArns[1] and Single {end}"])
        self.assertEqual(of(many, more), [f"E9906 More.MemberArns[0] and Many.MemberArns[1] {end}"])
        self.assertEqual(of(single, many.replace("!Ref Given", f"'{INSTANCE}/channel/c'")), [])
        twice = more.replace("[!Ref Bob]", "[!Ref Bob, !GetAtt Bob.AppInstanceUserArn]")
        self.assertEqual(of(twice), ["E9906 MemberArns[1] is the same as MemberArns[0]"])
        either = more.replace("[!Ref Bob]", "[!If [Live, !Ref Bob, !Ref AWS::NoValue], !If [Live, !Ref Boss, !Ref Bob]]")
        self.assertEqual(of(either), [])


class Streams(unittest.TestCase):
    GOOD = "Name: !Sub 'chime-messaging-${AWS::StackName}', ShardCount: 2, StreamEncryption: {EncryptionType: KMS, KeyId: alias/aws/kinesis}"

    def stream(self, properties, read="!GetAtt Stream.Arn"):
        found = of(f"""
Stream:
  Type: AWS::Kinesis::Stream
  DeletionPolicy: Delete
  UpdateReplacePolicy: Delete
  Properties: {{RetentionPeriodHours: 24, {properties}}}
Streaming:
  Type: Custom::ChimeMessagingStreamingConfigurations
  Properties:
    {{TOKEN, AppInstanceArn: !Ref Instance, StreamingConfigurations: [{{DataType: Channel, ResourceArn: {read}}}]}}
""")
        return [line.removeprefix("E9907 ") for line in found]

    def test_a_stream_as_chime_requires(self):
        name, shards, encryption = self.GOOD.split(", ", 2)
        for right in [
            self.GOOD,
            f"Name: !Ref Given, {shards}, {encryption}",
            f"Name: !Sub '${{Given}}-a', {shards}, {encryption}",
            f"{name}, ShardCount: !Ref Given, {encryption}",
            f"{name}, StreamModeDetails: {{StreamMode: ON_DEMAND}}, {encryption}",
        ]:
            with self.subTest(right):
                self.assertEqual(self.stream(right), [])

    def test_a_stream_that_chime_refuses(self):
        name, shards, encryption = self.GOOD.split(", ", 2)
        begin = "Name must begin with chime-messaging-, or Chime cannot write to the stream"
        for wrong, said in {
            f"Name: chat, {shards}, {encryption}": begin,
            f"Name: !Sub 'chat-${{AWS::StackName}}', {shards}, {encryption}": begin,
            f"{shards}, {encryption}": "Name is required: a stream for Chime has a name that begins with chime-messaging-",
            f"{name}, ShardCount: 1, {encryption}": "ShardCount must be 2 or more for Chime, not 1",
            f"{name}, ShardCount: '1', {encryption}": 'ShardCount must be 2 or more for Chime, not "1"',
            f"{name}, {shards}": "StreamEncryption is required: Chime writes to encrypted streams only",
        }.items():
            with self.subTest(wrong):
                self.assertEqual(self.stream(wrong), [said])

    def test_a_stream_that_chime_does_not_read_is_left_alone(self):
        self.assertEqual(self.stream("Name: chat, ShardCount: 1", read="!Ref Given"), [])


class Scopes(unittest.TestCase):
    def test_an_arn_of_another_region_or_account(self):
        flow = f"""
It:
  Type: Custom::ChimeChannelFlow
  Properties:
    TOKENS
    AppInstanceArn: {INSTANCE}
    Processors:
      - {{Name: A, ExecutionOrder: 1, FallbackAction: ABORT, Configuration: {{Lambda: {{ResourceArn: 'FUNCTION'}}}}}}
""".replace("TOKENS", TOKEN.replace(", ", "\n    "))
        here = "arn:aws:lambda:us-east-1:123456789012:function:filter"
        self.assertEqual(of(flow.replace("FUNCTION", here)), [])
        at = "E9908 Processors[0].Configuration.Lambda.ResourceArn must be in"
        of_it = "of AppInstanceArn of It, not in"
        for there, said in {
            here.replace("us-east-1", "eu-central-1"): f"{at} us-east-1, the region {of_it} eu-central-1",
            here.replace("123456789012", "210987654321"): f"{at} 123456789012, the account {of_it} 210987654321",
        }.items():
            self.assertEqual(of(flow.replace("FUNCTION", there)), [said])

    def test_two_regions_in_one_template(self):
        def retention(name, arn, token=TOKEN):
            return f"\n{name}:\n  Type: Custom::ChimeAppInstanceRetentionSettings\n  Properties: {{{token}, AppInstanceArn: {arn}, RetentionDays: 1}}\n"

        other = f"{INSTANCE.replace('us-east-1', 'eu-central-1')}x"
        (found,) = of(retention("A", f"'{INSTANCE}'"), retention("B", f"'{other}'"))
        self.assertEqual(found, "E9908 AppInstanceArn must be in us-east-1, the region of AppInstanceArn of A, not in eu-central-1")
        region = "!Sub 'arn:aws:chime:${AWS::Region}:${AWS::AccountId}:app-instance/a'"
        self.assertEqual(of(retention("A", f"'{INSTANCE}'"), retention("B", region)), [])
        # A function for each region.
        theirs = TOKEN.replace("chime-messaging-resources", "eu-chime-messaging-resources")
        self.assertEqual(of(retention("A", f"'{INSTANCE}'"), retention("B", f"'{other}'", theirs)), [])


class Written(unittest.TestCase):
    """What a resource says by itself that is easily missed."""

    def test_a_blank_at_the_end_of_an_arn(self):
        wanted = "must be the ARN of an app instance (arn:aws:chime:<region>:<account>:app-instance/<id>)"
        blank = "must not begin or end with white space"
        for written, said in {
            f"'{INSTANCE} '": f'{wanted}, not "{INSTANCE} "',
            f"' {INSTANCE}'": f'{wanted}, not " {INSTANCE}"',
            # Their value is not known before a deployment.
            "!Sub '${Instance} '": blank,
            "!Join ['', [!Ref Instance, ' ']]": blank,
            "!Ref Blank": f"{blank}, as the Default of Blank does",
        }.items():
            with self.subTest(written):
                body = f"It:\n  Type: Custom::ChimeAppInstanceRetentionSettings\n  Properties: {{{TOKEN}, AppInstanceArn: {written}, RetentionDays: 1}}"
                head = f"Parameters: {{Blank: {{Type: String, Default: '{INSTANCE} '}}}}"
                found = [line.split(" ", 2) for line in findings(template(f"{BASE}\n{body}", head))]
                self.assertEqual([f"{rule} {message}" for rule, _, message in found if rule == "E9902"], [f"E9902 AppInstanceArn {said}"])

    def test_a_custom_resource_without_a_type_of_its_own(self):
        it = "\nIt:\n  Type: AWS::CloudFormation::CustomResource\n  Properties: {ServiceToken: !ImportValue 'WHOSE', Name: x}\n"
        ours = it.replace("WHOSE", "chime-messaging-resources-ServiceToken")
        said = "E9901 AWS::CloudFormation::CustomResource is not a type of the function, state one such as Custom::ChimeAppInstance"
        self.assertEqual(of(ours), [said])
        self.assertEqual(of(it.replace("WHOSE", "their-provider")), [])
        # The constructs of cdk-amazon-chime-resources.
        self.assertEqual(of(ours.replace("Name: x", "resourceType: AppInstance, uid: x, properties: {name: x}")), [])

    def test_an_import_that_is_named_nearly_right(self):
        def token(name):
            return of("\nIt:\n  Type: Custom::ChimeAppInstance\n  Properties: {ServiceToken: !ImportValue '" + name + "', ServiceTimeout: 60}\n")

        right = "chime-messaging-resources-ServiceToken"
        for wrong, meant in {
            "chime-messaging-resource-ServiceToken": right,
            "chime-messaging-resources-serviceToken": right,
            "chime-messaging-resources": right,
            "staging-chime-messaging-resources-ServiceTokn": f"staging-{right}",
        }.items():
            self.assertEqual(token(wrong), [f"W9909 {wrong} is not the function's export, did you mean {meant}?"])
        for name in [right, f"staging-{right}", "their-provider", "chat-ServiceToken"]:
            self.assertEqual(token(name), [])


class Right(unittest.TestCase):
    def test_every_template_of_the_project(self):
        paths = [*(PROJECT / "examples").rglob("*.yaml"), PROJECT / "template.yaml"]
        paths = [path for path in paths if "node_modules" not in path.parts]
        self.assertGreater(len(paths), 10)
        for path in paths:
            with self.subTest(path.relative_to(PROJECT)):
                found = findings(path.read_text(encoding="utf-8"))
                self.assertEqual([line for line in found if line[1:3] in ("00", "99")], [])


if __name__ == "__main__":
    unittest.main()
