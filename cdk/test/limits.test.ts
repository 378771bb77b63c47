import { CfnParameter, Fn, Lazy, SecretValue } from 'aws-cdk-lib';
import * as chime from 'chime-messaging-resources';
import { refused } from './refused';

const INSTANCE = 'arn:aws:chime:us-east-1:123456789012:app-instance/8d1e9c52-0a3f-4c8e-9d0b-1f6a2b3c4d5e';

test('everything that is wrong is said at once, with its path', () => {
  const said = refused((stack) => {
    new chime.ChimeChannelFlow(stack, 'Flow', {
      appInstanceArn: 'arn:aws:s3:::bucket',
      name: 'n'.repeat(257),
      processors: [
        {
          name: '',
          executionOrder: 4,
          fallbackAction: 'GO_ON' as chime.ChimeChannelFlowProcessorFallbackAction,
          configuration: { lambda: { resourceArn: 'filter' } },
        },
      ],
      tags: [{ key: 'aws:mine', value: 'x' }],
    });
    new chime.ChimeAppInstance(stack, 'Instance', { metadata: 'a\nb' });
    new chime.ChimeAppInstance(stack, 'Long', { metadata: 'm'.repeat(1025) });
    new chime.ChimeAppInstanceUser(stack, 'User', { appInstanceArn: INSTANCE, appInstanceUserId: 'u'.repeat(65), name: ' ' });
  });
  for (const part of [
    '[Default/Flow] AppInstanceArn must be the ARN of an app instance (arn:aws:chime:<region>:<account>:app-instance/<id>), not "arn:aws:s3:::bucket"',
    `[Default/Flow] Name must be text of 1 to 256 characters, not "${'n'.repeat(60)}…"`,
    '[Default/Flow] Processors[0].Name must be text of 1 to 256 characters, not ""',
    '[Default/Flow] Processors[0].ExecutionOrder must be a whole number from 1 to 3, not 4',
    '[Default/Flow] Processors[0].FallbackAction must be CONTINUE or ABORT, not "GO_ON"',
    '[Default/Flow] Processors[0].Configuration.Lambda.ResourceArn must be the ARN of a Lambda function',
    '[Default/Flow] Tags[0].Key must not begin with aws: or cfn:, which are reserved',
    '[Default/Instance] Metadata must not hold line breaks; write JSON on one line',
    '[Default/Long] Metadata must be at most 1024 characters, it has 1025',
    `[Default/User] AppInstanceUserId must be 1 to 64 letters, digits and : - _ . @, with a letter or digit at either end, not "${'u'.repeat(60)}…"`,
    '[Default/User] Name must be text of 1 to 100 characters on one line, not all blank, not " "',
  ]) {
    expect(said).toContain(part);
  }
  // Nobody has to read a regular expression.
  expect(said).not.toContain('^');
});

test('lists have a length, and numbers are whole', () => {
  const said = refused((stack) => {
    new chime.ChimeChannelFlow(stack, 'Flow', { appInstanceArn: INSTANCE, processors: [] });
    new chime.ChimeAppInstanceRetentionSettings(stack, 'Half', { appInstanceArn: INSTANCE, retentionDays: 0.5 });
    new chime.ChimeAppInstanceRetentionSettings(stack, 'Long', { appInstanceArn: INSTANCE, retentionDays: 5476 });
  });
  expect(said).toContain('[Default/Flow] Processors must be a list of 1 to 3 items, it has 0');
  expect(said).toContain('[Default/Half] RetentionDays must be a whole number from 1 to 5475, not 0.5');
  expect(said).toContain('[Default/Long] RetentionDays must be a whole number from 1 to 5475, not 5476');
});

test('what JavaScript leaves out is missed', () => {
  const said = refused((stack) => {
    new chime.ChimeAppInstanceUser(stack, 'User', { appInstanceArn: INSTANCE } as chime.ChimeAppInstanceUserProps);
    new chime.AppInstanceStreamingConfigurations(stack, 'Streaming', {
      appInstanceArn: INSTANCE,
      streamingConfigs: [{ resourceArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a' }],
    });
  });
  expect(said).toContain('[Default/User] AppInstanceUserId is required');
  expect(said).toContain('[Default/Streaming/Resource] StreamingConfigurations[0].DataType is required');
});

test('limits hold at the edge, and characters are counted as Chime counts them', () => {
  const said = refused((stack) => {
    new chime.ChimeAppInstance(stack, 'Instance', { name: '😀'.repeat(256), metadata: '' });
    new chime.ChimeAppInstanceRetentionSettings(stack, 'Least', { appInstanceArn: INSTANCE, retentionDays: 1 });
    new chime.ChimeAppInstanceRetentionSettings(stack, 'Most', { appInstanceArn: `${INSTANCE}f`, retentionDays: 5475 });
  });
  expect(said).toBe('');
});

test('what only CloudFormation knows is let through', () => {
  const said = refused((stack) => {
    const days = new CfnParameter(stack, 'Days', { type: 'Number' });
    new chime.ChimeAppInstanceRetentionSettings(stack, 'Retention', {
      appInstanceArn: Fn.importValue('instance'),
      retentionDays: days.valueAsNumber,
    });
    new chime.ChimeAppInstance(stack, 'Instance', { metadata: SecretValue.secretsManager('chat').unsafeUnwrap() });
    new chime.ChimeChannelMemberships(stack, 'Members', {
      channelArn: Fn.importValue('channel'),
      chimeBearer: Fn.importValue('bearer'),
      memberArns: Fn.split(',', Fn.importValue('members')),
    });
  });
  expect(said).toBe('');
});

test('members are a list of ARNs', () => {
  const acting = { channelArn: `${INSTANCE}/channel/lobby`, chimeBearer: `${INSTANCE}/user/ann` };
  const member = `${INSTANCE}/user/bob`;
  const members = (count: number) => [...Array(count).keys()].map((at) => `${INSTANCE}/user/${at}`);
  const said = refused((stack) => {
    new chime.ChimeChannelMemberships(stack, 'None', { ...acting, memberArns: [] });
    new chime.ChimeChannelMemberships(stack, 'Most', { ...acting, memberArns: members(10000) });
    new chime.ChimeChannelMemberships(stack, 'Many', { ...acting, memberArns: members(10001) });
    new chime.ChimeChannelMemberships(stack, 'Empty', { ...acting, memberArns: [''] });
    new chime.ChimeChannelMemberships(stack, 'Channel', { ...acting, memberArns: [member, acting.channelArn] });
    new chime.ChimeChannelMemberships(stack, 'Left', acting as chime.ChimeChannelMembershipsProps);
  });
  for (const part of [
    '[Default/Many] MemberArns must be a list of 0 to 10000 items, it has 10001',
    '[Default/Empty] MemberArns[0] must be the ARN of an app instance user or bot',
    `or …/bot/<id>), not "${acting.channelArn}"`,
    '[Default/Left] MemberArns is required',
  ]) {
    expect(said).toContain(part);
  }
  for (const right of ['None', 'Most']) expect(said).not.toContain(`[Default/${right}]`);
});

test('what is known only at the end is checked then', () => {
  const said = refused((stack) => {
    new chime.ChimeAppInstance(stack, 'Instance', { name: Lazy.string({ produce: () => '' }) });
  });
  expect(said).toContain('[Default/Instance] Name must be text of 1 to 256 characters, not ""');
});

test('a device token is a secret, and is never repeated', () => {
  const said = refused((stack) => {
    for (const [at, deviceToken] of ['se\ncret', 'secret'.repeat(300)].entries()) {
      new chime.ChimeAppInstanceUserEndpoint(stack, `Endpoint${at}`, {
        appInstanceUserArn: `${INSTANCE}/user/ann`,
        type: chime.ChimeAppInstanceUserEndpointType.GCM,
        resourceArn: 'arn:aws:mobiletargeting:us-east-1:123456789012:apps/0a1b2c3d',
        endpointAttributes: { deviceToken },
      });
    }
  });
  const sentence = 'EndpointAttributes.DeviceToken must be text of 1 to 1600 characters on one line';
  expect(said).toContain(`[Default/Endpoint0] ${sentence}\n`);
  expect(said).toContain(`[Default/Endpoint1] ${sentence}`);
  expect(said).not.toContain('cret');
});
