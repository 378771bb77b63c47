import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as chime from 'chime-messaging-resources';
import { MessagingResources } from './snippets/messaging-resources';
import { Readme } from './snippets/readme';

/** What a library offers, as jsii describes it to other languages. */
function types(folder: string): Record<string, any> {
  const described = JSON.parse(readFileSync(`${folder}/.jsii`, 'utf8'));
  if (described.schema === 'jsii/file-redirect') {
    return JSON.parse(gunzipSync(readFileSync(`${folder}/${described.filename}`)).toString()).types;
  }
  return described.types;
}

const OURS = types('.');
const THEIRS = types('node_modules/cdk-amazon-chime-resources');

/** What only the provider of that library needs. */
const INTERNAL = ['MessagingResources', 'MessagingResourceProps'];

/** The names of that library's types for messaging. */
const NAMES = Object.values(THEIRS)
  .filter((type) => type.locationInModule.filename.startsWith('src/messaging/') && !INTERNAL.includes(type.name))
  .map((type) => type.name);

/** Names of that library that say nothing, and what they are here. An app in TypeScript or JavaScript seldom writes them. */
const RENAMED: Record<string, string> = { Lambda: 'ChannelFlowLambda', Configuration: 'ChannelFlowConfiguration' };

function ours(name: string): any {
  return OURS[`chime-messaging-resources.${RENAMED[name] ?? name}`];
}

/** The members of a struct and of those that it extends. */
function propertiesOf(type: any): any[] {
  // An interface of another library, such as IConstruct, is none of its props or attributes.
  const inherited = (type.interfaces ?? []).filter((fqn: string) => fqn in OURS).flatMap((fqn: string) => propertiesOf(OURS[fqn]));
  return [...(type.properties ?? []), ...inherited];
}

/** A type without the name of the library. */
function local(type: any): string {
  return JSON.stringify(type).replaceAll(
    /(?:cdk-amazon-chime-resources|chime-messaging-resources)\.(\w+)/g,
    (_, name) => `chime-messaging-resources.${RENAMED[name] ?? name}`,
  );
}

test('there are all of its types for messaging', () => {
  expect(NAMES).toContain('MessagingAppInstance');
  expect(NAMES.filter((name) => !ours(name))).toEqual([]);
});

describe.each(NAMES)('%s', (name) => {
  const theirs = THEIRS[`cdk-amazon-chime-resources.${name}`];

  test('has every member, of the same type', () => {
    const type = ours(name);
    expect(type.kind).toBe(theirs.kind);
    const values = (it: any) => (it.members ?? []).map((member: any) => member.name);
    expect(values(type)).toEqual(expect.arrayContaining(values(theirs)));
    for (const property of theirs.properties ?? []) {
      const own = propertiesOf(type).find((it) => it.name === property.name);
      expect(own && local(own.type)).toBe(local(property.type));
      // A prop may be left out wherever it may be there, and an attribute is always there.
      const [may, must] = type.datatype ? [own, property] : [property, own];
      expect(!must.optional || may.optional).toBe(true);
    }
    const names = (theirs.methods ?? []).map((it: any) => it.name);
    expect((type.methods ?? []).map((it: any) => it.name)).toEqual(expect.arrayContaining(names));
  });

  test('demands nothing more', () => {
    const required = propertiesOf(ours(name)).filter((it) => ours(name).datatype && !it.optional);
    const known = (theirs.properties ?? []).map((it: any) => it.name);
    expect(required.map((it) => it.name).filter((it) => !known.includes(it))).toEqual([]);
  });
});

test('its document of the messaging resources is a stack of our types', () => {
  const template = Template.fromStack(new MessagingResources(new App(), 'Snippets'));
  const instance = { 'Fn::GetAtt': [Object.keys(template.findResources('Custom::ChimeAppInstance'))[0], 'AppInstanceArn'] };
  const user = { 'Fn::GetAtt': [Object.keys(template.findResources('Custom::ChimeAppInstanceUser'))[0], 'AppInstanceUserArn'] };
  const common = { ServiceToken: { 'Fn::ImportValue': 'chime-messaging-resources-ServiceToken' }, ServiceTimeout: '600' };
  const has = (type: string, properties: object) => template.hasResourceProperties(type, Match.exact({ ...common, ...properties }));
  has('Custom::ChimeAppInstance', { Name: 'MessagingAppInstanceExample' });
  has('Custom::ChimeAppInstanceUser', { AppInstanceArn: instance, AppInstanceUserId: '1234' });
  has('Custom::ChimeAppInstanceAdmin', { AppInstanceArn: instance, AppInstanceAdminArn: user });
  has('Custom::ChimeAppInstanceRetentionSettings', { AppInstanceArn: instance, RetentionDays: 2 });
  has('Custom::ChimeMessagingStreamingConfigurations', {
    AppInstanceArn: instance,
    StreamingConfigurations: [{ DataType: 'Channel', ResourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^kinesisStream'), 'Arn'] } }],
  });
  has('Custom::ChimeChannelFlow', {
    AppInstanceArn: instance,
    Processors: [
      {
        Name: 'channelFlowName',
        ExecutionOrder: 1,
        FallbackAction: 'ABORT',
        Configuration: {
          Lambda: { InvocationType: 'ASYNC', ResourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^channelFlowHandler'), 'Arn'] } },
        },
      },
    ],
  });
  template.resourceCountIs('AWS::CloudFormation::CustomResource', 0);
  // Synthesized again it is the same, for all its random tokens.
  expect(Template.fromStack(new MessagingResources(new App(), 'Snippets')).toJSON()).toEqual(template.toJSON());
});

test('its README is a stack as well', () => {
  Template.fromStack(new Readme(new App(), 'Snippets')).hasResourceProperties('Custom::ChimeMessagingStreamingConfigurations', {
    StreamingConfigurations: [{ DataType: 'Channel' }],
  });
});

test('the settings of an app instance are made by its function', () => {
  const stack = new Stack();
  const serviceToken = 'arn:aws:lambda:us-east-1:123456789012:function:mine';
  const instance = new chime.MessagingAppInstance(stack, 'Instance', { serviceToken, serviceTimeout: Duration.minutes(5) });
  instance.retention(30);
  instance.streaming([
    { dataType: chime.MessagingDataType.CHANNELMESSAGE, resourceArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a' },
  ]);
  const template = Template.fromStack(stack);
  for (const type of ['AppInstance', 'AppInstanceRetentionSettings', 'MessagingStreamingConfigurations']) {
    template.hasResourceProperties(`Custom::Chime${type}`, { ServiceToken: serviceToken, ServiceTimeout: '300' });
  }
});

test('what its documents do not show is passed on as well', () => {
  const stack = new Stack();
  const appInstanceArn = 'arn:aws:chime:us-east-1:123456789012:app-instance/one';
  const stated = { name: 'Name', metadata: '{}', tags: [{ key: 'team', value: 'support' }], clientRequestToken: 'random' };
  new chime.MessagingAppInstance(stack, 'Instance', stated);
  new chime.MessagingAppInstanceUser(stack, 'User', { ...stated, appInstanceArn, appInstanceUserId: 'agent' });
  const lexBotAliasArn = 'arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDE12345/TSTALIASID';
  const lex = { lexBotAliasArn, localeId: 'en_US', respondsTo: chime.LexConfigurationRespondsTo.STANDARD_MESSAGES, welcomeIntent: 'Hello' };
  const bot = new chime.MessagingAppInstanceBot(stack, 'Bot', { ...stated, appInstanceArn, configuration: { lex } });
  const resourceArn = 'arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a';
  const streamingConfigs = [{ appInstanceDataType: chime.AppInstanceDataType.CHANNELMESSAGE, resourceArn }];
  new chime.AppInstanceStreamingConfigurations(stack, 'Streaming', { appInstanceArn, streamingConfigs });

  const template = Template.fromStack(stack);
  const properties = (type: string) => {
    const [{ Properties }] = Object.values(template.findResources(`Custom::Chime${type}`));
    const { ServiceToken, ServiceTimeout, ...own } = Properties;
    return own;
  };
  const common = { Name: 'Name', Metadata: '{}', Tags: [{ Key: 'team', Value: 'support' }] };
  expect(properties('AppInstance')).toEqual(common);
  expect(properties('AppInstanceUser')).toEqual({ ...common, AppInstanceArn: appInstanceArn, AppInstanceUserId: 'agent' });
  expect(properties('AppInstanceBot')).toEqual({
    ...common,
    AppInstanceArn: appInstanceArn,
    Configuration: {
      Lex: { LexBotAliasArn: lexBotAliasArn, LocaleId: 'en_US', RespondsTo: 'STANDARD_MESSAGES', WelcomeIntent: 'Hello' },
    },
  });
  expect(properties('MessagingStreamingConfigurations')).toEqual({
    AppInstanceArn: appInstanceArn,
    StreamingConfigurations: [{ DataType: 'ChannelMessage', ResourceArn: resourceArn }],
  });
  expect(stack.resolve(bot.appInstanceBotArn)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Bot/), 'AppInstanceBotArn'] });
});
