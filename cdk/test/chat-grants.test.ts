import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as chime from 'chime-messaging-resources';
import { parse } from 'yaml';

const INSTANCE = 'arn:aws:chime:us-east-1:123456789012:app-instance/one';

function role(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Role', { assumedBy: new iam.SessionTagsPrincipal(new iam.AccountRootPrincipal()) });
}

function statements(stack: Stack): any[] {
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  return policy.Properties.PolicyDocument.Statement;
}

/** The statements of the role in the tutorial. */
function tutorial(): any[] {
  const customTags = ['!Sub', '!Ref', '!GetAtt', '!ImportValue'].map((tag) => ({ tag, resolve: (text: string) => text }));
  const { UserRole } = parse(readFileSync('../examples/tutorial/2-role.yaml', 'utf8'), { customTags }).Resources;
  const written = JSON.stringify(UserRole.Properties.Policies[0].PolicyDocument.Statement);
  return JSON.parse(written.replaceAll('${AppInstance}', INSTANCE).replaceAll('${!', '${'));
}

test('one role of all users has the policy of the tutorial', () => {
  const stack = new Stack();
  chime.MessagingAppInstance.fromAppInstanceArn(stack, 'Instance', INSTANCE).grantChat(role(stack));
  const sorted = (all: any[]) => all.map((it) => ({ ...it, Action: [it.Action].flat().sort() }));
  expect(sorted(statements(stack))).toEqual(sorted(tutorial()));
  // Without it, a request with a tag is denied.
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: { Statement: [{ Action: ['sts:AssumeRole', 'sts:TagSession'] }] },
  });
});

test('the user may be told by another variable, and the channels may be some', () => {
  const stack = new Stack();
  const instance = chime.MessagingAppInstance.fromAppInstanceArn(stack, 'Instance', INSTANCE);
  instance.grantRead(role(stack), { appInstanceUserId: '${cognito-identity.amazonaws.com:sub}', channelId: 'public-*' });
  const [, messages] = statements(stack);
  expect(messages.Resource).toEqual([`${INSTANCE}/user/\${cognito-identity.amazonaws.com:sub}`, `${INSTANCE}/channel/public-*`]);
  expect(messages.Action).toContain('chime:ListChannelMessages');
  expect(messages.Action).not.toContain('chime:SendChannelMessage');
});

test('a role of one user acts as nobody else', () => {
  const stack = new Stack();
  const user = chime.MessagingAppInstanceUser.fromAppInstanceUserArn(stack, 'Ann', `${INSTANCE}/user/ann`);
  const grant = user.grantChat(role(stack));
  expect(grant.success).toBe(true);
  expect(statements(stack)[1].Resource).toEqual([`${INSTANCE}/user/ann`, `${INSTANCE}/channel/*`]);
});

test('a back end manages channels as its user', () => {
  const stack = new Stack();
  const instance = new chime.MessagingAppInstance(stack, 'Instance');
  const backEnd = instance.addUser('BackEnd', { appInstanceUserId: 'back-end' });
  backEnd.grantManageChannels(role(stack));
  const [{ Action, Resource }] = statements(stack);
  expect(Action).toContain('chime:CreateChannelMembership');
  expect(Action).not.toContain('chime:SendChannelMessage');
  const arn = stack.resolve(backEnd.appInstanceUserArn);
  const home = { 'Fn::Select': [0, { 'Fn::Split': ['/user/', arn] }] };
  const within = (part: string) => ({ 'Fn::Join': ['', [home, part]] });
  expect(Resource).toEqual([arn, within('/channel/*'), within('/channel-flow/*')]);
});
