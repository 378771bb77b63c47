import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnAppInstanceUser, CfnChannel } from 'aws-cdk-lib/aws-chime';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as chime from 'chime-messaging-resources';
import { refused } from './refused';

const SCOPE = 'us-east-1:123456789012';
const ONE = `arn:aws:chime:${SCOPE}:app-instance/one`;
const OTHER = `arn:aws:chime:${SCOPE}:app-instance/other`;

test("another thing's ARN is told from the right one, in a reference as in a text", () => {
  const said = refused((stack) => {
    const instance = new chime.ChimeAppInstance(stack, 'Instance');
    const user = new chime.MessagingAppInstanceUser(stack, 'Ann', { appInstanceArn: instance.ref, appInstanceUserId: 'ann' });
    const admin = new chime.ChimeAppInstanceAdmin(stack, 'Admin', { appInstanceAdminArn: user.appInstanceUserArn });
    new chime.ChimeAppInstanceUser(stack, 'Bob', { appInstanceArn: user.appInstanceUserArn, appInstanceUserId: 'bob' });
    new chime.ChimeAppInstanceUser(stack, 'Eve', { appInstanceArn: `${ONE}/user/ann`, appInstanceUserId: 'eve' });
    const native = new CfnAppInstanceUser(stack, 'Native', { appInstanceArn: instance.ref, appInstanceUserId: 'native', name: 'Native' });
    new chime.ChimeAppInstanceRetentionSettings(stack, 'Retention', { appInstanceArn: native.ref, retentionDays: 1 });
    new chime.ChimeChannelMemberships(stack, 'Members', {
      channelArn: `${ONE}/channel/lobby`,
      chimeBearer: admin.ref,
      memberArns: [user.appInstanceUserArn, instance.appInstanceArn],
    });
    const channel = new CfnChannel(stack, 'Channel', { appInstanceArn: instance.ref, chimeBearer: native.ref, name: 'Native' });
    new chime.ChimeChannelBan(stack, 'Ban', { channelArn: channel.ref, chimeBearer: native.ref, memberArn: native.ref });
    const filter = new kinesis.Stream(stack, 'Stream');
    new chime.ChimeMessagingStreamingConfigurations(stack, 'Streaming', {
      appInstanceArn: instance.ref,
      streamingConfigurations: [
        { dataType: chime.ChimeMessagingStreamingConfigurationDataType.CHANNEL, resourceArn: filter.streamName },
      ],
    });
  });
  const anAppInstance = 'must be the ARN of an app instance (arn:aws:chime:<region>:<account>:app-instance/<id>), not';
  for (const part of [
    `[Default/Bob] AppInstanceArn ${anAppInstance} the AppInstanceUserArn of Default/Ann\n`,
    `[Default/Eve] AppInstanceArn ${anAppInstance} "${ONE}/user/ann"`,
    `[Default/Retention] AppInstanceArn ${anAppInstance} the Ref of Default/Native\n`,
    'not the Ref of Default/Admin\n',
    'not the AppInstanceArn of Default/Instance\n',
    'not the Ref of Default/Channel\n',
    'StreamingConfigurations[0].ResourceArn must be the ARN of a Kinesis data stream whose name begins with chime-messaging-',
  ]) {
    expect(`${said}\n`).toContain(part);
  }
  expect(said.match(/ must /g)).toHaveLength(7);
});

test('a reference to another stack is checked as well', () => {
  const app = new App();
  const user = new chime.ChimeAppInstanceUser(new Stack(app, 'One'), 'Ann', { appInstanceArn: ONE, appInstanceUserId: 'ann' });
  const other = new Stack(app, 'Other');
  new chime.ChimeAppInstanceRetentionSettings(other, 'It', { appInstanceArn: user.appInstanceUserArn, retentionDays: 2 });
  expect(() => Template.fromStack(other)).toThrow('not the AppInstanceUserArn of One/Ann');
});

test('two constructs of a stack are two things in Chime', () => {
  const said = refused((stack) => {
    const { appInstanceArn } = new chime.ChimeAppInstance(stack, 'Instance');
    const user = { appInstanceArn, appInstanceUserId: 'ann' };
    const ann = new chime.ChimeAppInstanceUser(stack, 'Ann', user);
    new chime.ChimeAppInstanceUser(stack, 'AnnAgain', { ...user, name: 'Ann' });
    new chime.ChimeAppInstanceUser(stack, 'OtherAnn', { ...user, appInstanceArn: OTHER });
    new chime.ChimeAppInstanceRetentionSettings(stack, 'Short', { appInstanceArn, retentionDays: 1 });
    new chime.ChimeAppInstanceRetentionSettings(stack, 'Long', { appInstanceArn, retentionDays: 100 });
    const channel = { appInstanceArn, chimeBearer: ann.appInstanceUserArn, name: 'Lobby' };
    new chime.ChimeChannel(stack, 'Lobby', { ...channel, channelId: 'lobby' });
    new chime.ChimeChannel(stack, 'LobbyAgain', { ...channel, channelId: 'lobby' });
    // Chime makes up the ids of these.
    new chime.ChimeChannel(stack, 'Unnamed', channel);
    new chime.ChimeChannel(stack, 'UnnamedToo', channel);
  });
  for (const part of [
    '[Default/AnnAgain] AppInstanceArn and AppInstanceUserId must not be those of Default/Ann: both would be the same thing in Chime',
    '[Default/Long] AppInstanceArn must not be those of Default/Short',
    '[Default/LobbyAgain] AppInstanceArn and ChannelId must not be those of Default/Lobby',
  ]) {
    expect(said).toContain(part);
  }
  expect(said.match(/the same thing in Chime/g)).toHaveLength(3);
});

test('the same app is synthesized twice', () => {
  const app = new App();
  const stack = new Stack(app, 'Chat');
  new chime.ChimeAppInstanceUser(stack, 'Ann', { appInstanceArn: ONE, appInstanceUserId: 'ann' });
  app.synth();
  stack.node.tryRemoveChild('Ann');
  new chime.ChimeAppInstanceUser(stack, 'AnnElsewhere', { appInstanceArn: ONE, appInstanceUserId: 'ann' });
  app.synth({ force: true });
});

test('props that another class is for are not dropped', () => {
  const said = refused((stack) => {
    const acting = { channelArn: `${ONE}/channel/lobby`, chimeBearer: `${ONE}/user/ann` };
    const [memberArn, memberArns] = [`${ONE}/user/bob`, [`${ONE}/user/bob`]];
    const preferences = { pushNotifications: { allowNotifications: chime.ChimeChannelMembershipAllowNotifications.NONE } };
    const [both, lists, channel] = [{ memberArn, memberArns }, { memberArns, preferences }, { memberArns, moderatorArns: memberArns }];
    new chime.ChimeChannelMembership(stack, 'Both', { ...acting, ...both });
    new chime.ChimeChannelMembership(stack, 'Neither', acting as chime.ChimeChannelMembershipProps);
    new chime.ChimeChannelMemberships(stack, 'List', { ...acting, ...lists });
    new chime.ChimeChannel(stack, 'Lobby', { ...channel, appInstanceArn: ONE, chimeBearer: acting.chimeBearer, name: 'Lobby' });
  });
  for (const part of [
    '[Default/Both] MemberArns is not a property here, use a Custom::ChimeChannelMemberships resource instead',
    '[Default/Neither] MemberArn is required',
    '[Default/List] Preferences is not a property here, use a Custom::ChimeChannelMembership resource instead',
    '[Default/Lobby] MemberArns is not a property here, use a Custom::ChimeChannelMemberships resource instead',
    '[Default/Lobby] ModeratorArns is not a property here, use a Custom::ChimeChannelModerator resource instead',
  ]) {
    expect(said).toContain(part);
  }
});

test('properties have to fit together', () => {
  const said = refused((stack) => {
    const acting = { channelArn: `${ONE}/channel/lobby`, chimeBearer: `${ONE}/user/ann` };
    new chime.ChimeAppInstanceAdmin(stack, 'Admin', { appInstanceArn: ONE, appInstanceAdminArn: `${OTHER}/user/ann` });
    new chime.ChimeChannelMemberships(stack, 'Members', {
      ...acting,
      memberArns: [`${ONE}/user/bob`, `${OTHER}/user/eve`, `${ONE}/user/bob`],
    });
    const processor = (region: string) => ({
      name: 'Filter',
      executionOrder: 1,
      fallbackAction: chime.FallbackAction.ABORT,
      configuration: { lambda: { resourceArn: `arn:aws:lambda:${region}:123456789012:function:filter` } },
    });
    new chime.ChannelFlow(stack, 'Flow', { appInstanceArn: ONE, processors: [processor('us-east-1'), processor('eu-west-1')] });
    new chime.AppInstanceStreamingConfigurations(stack, 'Streaming', {
      appInstanceArn: ONE,
      streamingConfigs: ['a', 'b'].map((name) => ({
        dataType: chime.MessagingDataType.CHANNEL,
        resourceArn: `arn:aws:kinesis:us-east-1:210987654321:stream/chime-messaging-${name}`,
      })),
    });
    new chime.ChimeChannel(stack, 'Elastic', {
      appInstanceArn: ONE.replace('us-east-1', 'eu-central-1'),
      chimeBearer: `${ONE.replace('us-east-1', 'eu-central-1')}/user/ann`,
      name: 'Elastic',
      elasticChannelConfiguration: { maximumSubChannels: 2, targetMembershipsPerSubChannel: 2, minimumMembershipPercentage: 1 },
    });
  });
  for (const part of [
    `[Default/Admin] AppInstanceArn must be ${OTHER}, the app instance of AppInstanceAdminArn, or be omitted`,
    `[Default/Members] MemberArns[1] must belong to ${ONE}, not to ${OTHER}`,
    '[Default/Members] MemberArns[2] is the same as MemberArns[0]',
    '[Default/Flow/Resource] Processors[1].ExecutionOrder must not repeat 1',
    'Processors[1].Configuration.Lambda.ResourceArn must be in us-east-1, the region of the app instance, not in eu-west-1',
    '[Default/Streaming/Resource] StreamingConfigurations[1].DataType must not repeat Channel',
    'StreamingConfigurations[0].ResourceArn must be in 123456789012, the account of the app instance, not in 210987654321',
    '[Default/Elastic] ElasticChannelConfiguration must be left out: elastic channels are available only in us-east-1, and the app instance is in eu-central-1',
  ]) {
    expect(said).toContain(part);
  }
});
