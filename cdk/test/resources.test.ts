import { readdirSync, readFileSync } from 'node:fs';
import { App, CfnOutput, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnAppInstance, CfnChannelFlow } from 'aws-cdk-lib/aws-chime';
import * as chime from 'chime-messaging-resources';

// Jest runs in the folder of the package.
const SCHEMAS = readdirSync('../schemas').map((file) => JSON.parse(readFileSync(`../schemas/${file}`, 'utf8')));

/** The class of a type. */
const CLASSES = chime as unknown as Record<string, new (scope: Stack, id: string, props: object) => any>;

/** The properties as the class takes them: the same names with a small letter first, but of whole numbers, which an event has as text. */
function props(value: any, schema: any): any {
  if (schema.type === 'array') return value.map((item: any) => props(item, schema.items));
  if (schema.type === 'object') {
    const entries = Object.entries<any>(value);
    return Object.fromEntries(entries.map(([name, it]) => [camel(name), props(it, schema.properties[name])]));
  }
  return schema.type.includes('integer') ? Number(value) : value;
}

/** The properties with whole numbers as numbers. */
function typed(value: any, schema: any): any {
  if (schema.type === 'array') return value.map((item: any) => typed(item, schema.items));
  if (schema.type === 'object') {
    const entries = Object.entries<any>(value);
    return Object.fromEntries(entries.map(([name, it]) => [name, typed(it, schema.properties[name])]));
  }
  return schema.type.includes('integer') ? Number(value) : value;
}

function camel(name: string): string {
  return name[0].toLowerCase() + name.slice(1);
}

describe.each(SCHEMAS)('$typeName', (schema) => {
  const name = schema.typeName.replace('Custom::', '');

  const events = readdirSync(`../events/${name}`).filter((event) => !event.includes('delete'));

  test.each(events)('has all that the sample event %s states', (event) => {
    const { ServiceToken, ServiceTimeout, ...stated } = JSON.parse(readFileSync(`../events/${name}/${event}`, 'utf8')).ResourceProperties;
    const stack = new Stack();
    new CLASSES[name](stack, 'It', props(stated, schema));
    Template.fromStack(stack).templateMatches({
      Resources: {
        It: {
          Type: schema.typeName,
          Properties: Match.exact({
            ...typed(stated, schema),
            ServiceToken: { 'Fn::ImportValue': 'chime-messaging-resources-ServiceToken' },
            ServiceTimeout: '600',
          }),
        },
      },
    });
  });

  test('has every attribute', () => {
    const stated = JSON.parse(readFileSync(`../events/${name}/1-create.json`, 'utf8')).ResourceProperties;
    delete stated.ServiceToken;
    const stack = new Stack();
    const it = new CLASSES[name](stack, 'It', props(stated, schema));
    for (const attribute of Object.keys(schema.attributes)) {
      expect(stack.resolve(it[camel(attribute)])).toEqual({ 'Fn::GetAtt': ['It', attribute] });
    }
  });
});

test('there is no class of a type that is not', () => {
  const named = Object.values(chime).flatMap((it) => ('RESOURCE_TYPE' in it ? [it.RESOURCE_TYPE] : []));
  expect(named.sort()).toEqual(SCHEMAS.map((schema) => schema.typeName).sort());
});

test('what CloudFormation is told about a resource may be stated', () => {
  const stack = new Stack();
  new chime.ChimeAppInstance(stack, 'It', {
    serviceToken: 'arn:aws:lambda:us-east-1:123456789012:function:mine',
    serviceTimeout: Duration.minutes(5),
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Template.fromStack(stack).templateMatches({
    Resources: {
      It: {
        DeletionPolicy: 'Retain',
        Properties: Match.exact({ ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:mine', ServiceTimeout: '300' }),
      },
    },
  });
});

test('tags of a scope are put on what Chime can tag', () => {
  const stack = new Stack();
  const instance = new chime.ChimeAppInstance(stack, 'Instance', { tags: [{ key: 'team', value: 'support' }] });
  new chime.ChimeAppInstanceRetentionSettings(stack, 'Retention', { appInstanceArn: instance.ref, retentionDays: 30 });
  Tags.of(stack).add('stage', 'beta');
  const template = Template.fromStack(stack);
  template.hasResourceProperties('Custom::ChimeAppInstance', {
    Tags: [
      { Key: 'stage', Value: 'beta' },
      { Key: 'team', Value: 'support' },
    ],
  });
  template.hasResourceProperties('Custom::ChimeAppInstanceRetentionSettings', { Tags: Match.absent() });
});

test("AWS's own resources do as well as ours", () => {
  const stack = new Stack();
  const instance = new CfnAppInstance(stack, 'Instance', { name: 'Chat' });
  const user = new chime.ChimeAppInstanceUser(stack, 'User', { appInstanceArn: instance.attrAppInstanceArn, appInstanceUserId: 'agent' });
  new chime.ChimeAppInstanceAdmin(stack, 'Admin', { appInstanceAdminArn: user.ref, appInstanceArn: instance.ref });
  const lambda = { resourceArn: 'arn:aws:lambda:us-east-1:123456789012:function:filter', invocationType: 'ASYNC' };
  const processor = { name: 'Filter', executionOrder: 1, fallbackAction: 'ABORT', configuration: { lambda } };
  const flow = new CfnChannelFlow(stack, 'Flow', { appInstanceArn: instance.ref, name: 'Filter', processors: [processor] });
  new chime.ChimeChannelFlowAssociation(stack, 'Association', {
    channelArn: `${instance.ref}/channel/lobby`,
    channelFlowArn: flow.attrArn,
    chimeBearer: user.ref,
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('Custom::ChimeAppInstanceUser', { AppInstanceArn: { 'Fn::GetAtt': ['Instance', 'AppInstanceArn'] } });
  template.hasResourceProperties('Custom::ChimeAppInstanceAdmin', { AppInstanceArn: { Ref: 'Instance' } });
  template.hasResourceProperties('Custom::ChimeChannelFlowAssociation', { ChannelFlowArn: { 'Fn::GetAtt': ['Flow', 'Arn'] } });
});

test('a resource is used in another stack', () => {
  const app = new App();
  const instance = new chime.ChimeAppInstance(new Stack(app, 'One'), 'Instance');
  const other = new Stack(app, 'Other');
  const { appInstanceArn } = instance;
  const retention = new chime.ChimeAppInstanceRetentionSettings(other, 'It', { appInstanceArn, retentionDays: 2 });
  new CfnOutput(other, 'Days', { value: `${retention.retentionDays}` });
  const template = Template.fromStack(other);
  template.hasResourceProperties('Custom::ChimeAppInstanceRetentionSettings', {
    AppInstanceArn: { 'Fn::ImportValue': Match.stringLikeRegexp('^One:') },
  });
  template.hasOutput('Days', { Value: { 'Fn::GetAtt': ['It', 'RetentionDays'] } });
});
