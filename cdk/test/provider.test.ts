import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement, User } from 'aws-cdk-lib/aws-iam';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsSolutionsChecks } from 'cdk-nag';
import * as chime from 'chime-messaging-resources';

const zip = join(mkdtempSync(join(tmpdir(), 'provider-')), 'bootstrap.zip');
writeFileSync(zip, 'not run here');

function serviceToken(stack: Stack) {
  const [instance] = Object.values(Template.fromStack(stack).findResources('Custom::ChimeAppInstance'));
  return instance.Properties.ServiceToken;
}

test('the nearest scope that a provider serves says which function it is', () => {
  const app = new App();
  const shared = new chime.ChimeMessagingProvider(new Stack(app, 'Shared'), 'Provider', { zip });
  const importing = new Stack(app, 'Importing');
  new chime.ChimeAppInstance(importing, 'Instance');
  const own = new Stack(app, 'Own');
  new chime.MessagingAppInstance(own, 'Instance');
  const provider = new chime.ChimeMessagingProvider(own, 'Provider', { zip });
  const stated = new Stack(app, 'Stated');
  new chime.ChimeAppInstance(stated, 'Instance', { serviceToken: 'arn:aws:lambda:us-east-1:123456789012:function:mine' });
  provider.serve(own);
  shared.serve(app);

  expect(serviceToken(own)).toEqual(own.resolve(provider.serviceToken));
  expect(serviceToken(importing)).toEqual({ 'Fn::ImportValue': expect.stringMatching(/^Shared:/) });
  expect(serviceToken(stated)).toBe('arn:aws:lambda:us-east-1:123456789012:function:mine');
});

test('a provider of one stack has no name that another could have', () => {
  const stack = new Stack();
  new chime.ChimeMessagingProvider(stack, 'Provider', { zip });
  new chime.ChimeMessagingProvider(stack, 'Other', { zip });
  const template = Template.fromStack(stack);
  template.allResourcesProperties('AWS::Lambda::Function', { FunctionName: Match.absent() });
  template.allResourcesProperties('AWS::Logs::LogGroup', { LogGroupName: Match.absent() });
  expect(template.findOutputs('*')).toEqual({});
});

test('its parameters are those of the template', () => {
  const stack = new Stack();
  new chime.ChimeMessagingProvider(stack, 'Provider', {
    zip,
    architecture: Architecture.ARM_64,
    chimeRegion: 'eu-central-1',
    logRetention: RetentionDays.ONE_WEEK,
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Architectures: ['arm64'],
    Environment: { Variables: { CHIME_REGION: 'eu-central-1' } },
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
});

test('its role reaches the region of the Chime calls alone', () => {
  const regions = (props: object, region?: string) => {
    const stack = new Stack(new App(), 'Chat', { env: { region } });
    new chime.ChimeMessagingProvider(stack, 'Provider', { zip, ...props });
    const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    const statements = role.Properties.Policies.flatMap((it: any) => it.PolicyDocument.Statement);
    const arns = statements.map((it: any) => JSON.stringify(it.Resource['Fn::Join']?.[1] ?? ''));
    const services = ['chime', 'kinesis', 'mobiletargeting'];
    return services.map((service) => arns.filter((arn: string) => arn.includes(`:${service}:`)).join());
  };
  const own = regions({}).map((arn) => arn.replaceAll('"', ''));
  for (const arn of own) expect(arn).toContain('{Ref:AWS::Region}');
  for (const arn of regions({ chimeRegion: 'eu-central-1' }, 'eu-west-1')) expect(arn).toMatch(/:(chime|kinesis|mobiletargeting):eu-central-1:/);
  for (const arn of regions({}, 'us-east-1')) expect(arn).toMatch(/:(chime|kinesis|mobiletargeting):us-east-1:/);
});

test("a stack in a region without Chime's control plane has to say where that is", () => {
  const stack = (region: string) => new Stack(new App(), 'Chat', { env: { region } });
  expect(() => new chime.ChimeMessagingProvider(stack('eu-west-1'), 'Provider', { zip })).toThrow(
    'Chat/Provider is in eu-west-1, where there is no messaging control plane of Chime: state chimeRegion, which must be us-east-1 or eu-central-1',
  );
  new chime.ChimeMessagingProvider(stack('eu-west-1'), 'Provider', { zip, chimeRegion: 'eu-central-1' });
  new chime.ChimeMessagingProvider(stack('eu-central-1'), 'Provider', { zip });
});

test("a region without Chime's control plane is refused at once", () => {
  const provider = () => new chime.ChimeMessagingProvider(new Stack(), 'Provider', { zip, chimeRegion: 'eu-west-1' });
  expect(provider).toThrow('chimeRegion must be us-east-1 or eu-central-1, not "eu-west-1"');
});

test.each([{}, { chimeRegion: 'eu-central-1' }])('cdk-nag has nothing against a stack with the function: %j', (props) => {
  const synthesize = (fill: (stack: Stack) => void) => {
    const app = new App();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    fill(new Stack(app, 'Chat'));
    app.synth();
  };
  synthesize((stack) => new chime.ChimeMessagingProvider(stack, 'Provider', { zip, ...props }));
  // It would say so.
  const everything = new PolicyStatement({ actions: ['s3:*'], resources: ['*'] });
  expect(() => synthesize((stack) => new User(stack, 'User').addToPolicy(everything))).toThrow('AwsSolutions-IAM5[Action::s3:*]');
});
