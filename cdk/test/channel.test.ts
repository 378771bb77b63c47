import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnAppInstance } from 'aws-cdk-lib/aws-chime';
import * as chime from 'chime-messaging-resources';

const INSTANCE = 'arn:aws:chime:us-east-1:123456789012:app-instance/one';

/** What the only resource of the type waits for, by their types. */
function waitsFor(template: Template, type: string): string[] {
  const { Resources } = template.toJSON();
  const [resource] = Object.values<any>(template.findResources(`Custom::${type}`));
  return (resource.DependsOn ?? []).map((id: string) => Resources[id].Type.replace('Custom::', '')).sort();
}

const OF_A_CHANNEL = [
  'ChimeChannel',
  'ChimeChannelBan',
  'ChimeChannelFlowAssociation',
  'ChimeChannelMembership',
  'ChimeChannelMemberships',
  'ChimeChannelModerator',
];

test.each(['before', 'after'])('everything about a channel waits for the admin that is added %s it', (when) => {
  const stack = new Stack();
  const instance = new chime.MessagingAppInstance(stack, 'Instance');
  const backEnd = instance.addUser('BackEnd', { appInstanceUserId: 'back-end' });
  const [agent, deputy, troll] = ['Agent', 'Deputy', 'Troll'].map((id) => instance.addUser(id, { appInstanceUserId: id.toLowerCase() }));
  if (when === 'before') instance.addAdmin('BackEndIsAdmin', backEnd);
  const lobby = instance.addChannel('Lobby', { bearer: backEnd, name: 'Lobby', channelId: 'lobby' });
  lobby.addModerator('AgentModerates', agent);
  lobby.addMember('Agent', agent);
  lobby.addMembers('Others', [deputy]);
  lobby.addBan('NoTroll', troll);
  lobby.useFlow(chime.ChannelFlow.fromChannelFlowArn(stack, 'Flow', `${INSTANCE}/channel-flow/one`));
  if (when === 'after') instance.addAdmin('BackEndIsAdmin', backEnd);
  const template = Template.fromStack(stack);
  for (const type of OF_A_CHANNEL) {
    const membership = type === 'ChimeChannelModerator' ? ['ChimeChannelMembership'] : [];
    expect([type, waitsFor(template, type)]).toEqual([type, ['ChimeAppInstanceAdmin', ...membership]]);
  }
});

test('a bearer that is no admin is waited for by its ARN alone', () => {
  const stack = new Stack();
  const instance = new chime.MessagingAppInstance(stack, 'Instance');
  const [ann, bob] = ['ann', 'bob'].map((appInstanceUserId) => instance.addUser(appInstanceUserId, { appInstanceUserId }));
  instance.addAdmin('BobIsAdmin', bob);
  instance.addChannel('Lobby', { bearer: ann, name: 'Lobby' });
  expect(waitsFor(Template.fromStack(stack), 'ChimeChannel')).toEqual([]);
});

test('a bot is an admin and a bearer as a user is', () => {
  const stack = new Stack();
  const instance = new chime.MessagingAppInstance(stack, 'Instance');
  const lexBotAliasArn = 'arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDE12345/FGHIJ67890';
  const lex = { lexBotAliasArn, localeId: 'en_US', respondsTo: chime.LexConfigurationRespondsTo.STANDARD_MESSAGES };
  const bot = instance.addBot('Concierge', { configuration: { lex } });
  instance.addAdmin('ConciergeIsAdmin', bot);
  instance.addChannel('Lobby', { bearer: bot, name: 'Lobby' });
  const template = Template.fromStack(stack);
  const arn = stack.resolve(bot.appInstanceBotArn);
  template.hasResourceProperties('Custom::ChimeAppInstanceAdmin', { AppInstanceAdminArn: arn });
  template.hasResourceProperties('Custom::ChimeChannel', { ChimeBearer: arn });
  expect(waitsFor(template, 'ChimeChannel')).toEqual(['ChimeAppInstanceAdmin']);
});

test('what is not created here is added to all the same', () => {
  const stack = new Stack();
  const instance = chime.MessagingAppInstance.fromAppInstanceArn(stack, 'Instance', INSTANCE);
  const boss = chime.MessagingAppInstanceUser.fromAppInstanceUserArn(stack, 'Boss', `${INSTANCE}/user/boss`);
  const bot = chime.MessagingAppInstanceBot.fromAppInstanceBotArn(stack, 'Bot', `${INSTANCE}/bot/one`);
  const lobby = chime.MessagingChannel.fromChannelAttributes(stack, 'Lobby', { channelArn: `${INSTANCE}/channel/lobby`, bearer: boss });
  instance.addAdmin('BossIsAdmin', boss);
  instance.addUser('Ann', { appInstanceUserId: 'ann' });
  instance.retention(30);
  lobby.addMember('BotIsMember', bot, { type: chime.ChimeChannelMembershipType.HIDDEN });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('Custom::ChimeAppInstanceUser', { AppInstanceArn: INSTANCE });
  template.hasResourceProperties('Custom::ChimeAppInstanceRetentionSettings', { AppInstanceArn: INSTANCE });
  template.hasResourceProperties('Custom::ChimeChannelMembership', {
    ChannelArn: `${INSTANCE}/channel/lobby`,
    ChimeBearer: `${INSTANCE}/user/boss`,
    MemberArn: `${INSTANCE}/bot/one`,
    Type: 'HIDDEN',
  });
  expect(waitsFor(template, 'ChimeChannelMembership')).toEqual(['ChimeAppInstanceAdmin']);
});

test("an app instance of AWS's own type is one that is not created here", () => {
  const stack = new Stack();
  const native = new CfnAppInstance(stack, 'Native', { name: 'Chat' });
  chime.MessagingAppInstance.fromAppInstanceArn(stack, 'Instance', native.attrAppInstanceArn).addUser('Ann', { appInstanceUserId: 'ann' });
  Template.fromStack(stack).hasResourceProperties('Custom::ChimeAppInstanceUser', { AppInstanceArn: { 'Fn::GetAtt': ['Native', 'AppInstanceArn'] } });
});

test('what exists is taken over', () => {
  const stack = new Stack();
  const instance = new chime.MessagingAppInstance(stack, 'Instance', { adoptExisting: INSTANCE, resync: '1' });
  const ann = instance.addUser('Ann', { appInstanceUserId: 'ann', adoptExisting: `${INSTANCE}/user/ann` });
  instance.addAdmin('AnnIsAdmin', ann, { adoptExisting: `${INSTANCE}/admins/${INSTANCE}/user/ann` });
  const lobby = instance.addChannel('Lobby', { bearer: ann, name: 'Lobby', adoptExisting: `${INSTANCE}/channel/lobby` });
  lobby.addMember('Ann', ann, { adoptExisting: `${INSTANCE}/channel/lobby/memberships/${INSTANCE}/user/ann` });
  const template = Template.fromStack(stack);
  const adopted = (type: string, AdoptExisting: string) => template.hasResourceProperties(`Custom::Chime${type}`, { AdoptExisting });
  template.hasResourceProperties('Custom::ChimeAppInstance', { Resync: '1' });
  adopted('AppInstance', INSTANCE);
  adopted('AppInstanceUser', `${INSTANCE}/user/ann`);
  adopted('AppInstanceAdmin', `${INSTANCE}/admins/${INSTANCE}/user/ann`);
  adopted('Channel', `${INSTANCE}/channel/lobby`);
  adopted('ChannelMembership', `${INSTANCE}/channel/lobby/memberships/${INSTANCE}/user/ann`);
});

test('what is added takes over what the app instance and the channel state', () => {
  const stack = new Stack();
  const serviceToken = 'arn:aws:lambda:us-east-1:123456789012:function:mine';
  const removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
  const instance = new chime.MessagingAppInstance(stack, 'Instance', { serviceToken, removalPolicy });
  const ann = instance.addUser('Ann', { appInstanceUserId: 'ann' });
  instance.addAdmin('AnnIsAdmin', ann);
  instance.addChannel('Lobby', { bearer: ann, name: 'Lobby' }).addMember('Bob', instance.addUser('Bob', { appInstanceUserId: 'bob' }));
  instance.addUser('Guest', { appInstanceUserId: 'guest', removalPolicy: RemovalPolicy.DESTROY });
  const template = Template.fromStack(stack);
  const policies = Object.values<any>(template.toJSON().Resources).map((it) => [it.Properties.ServiceToken, it.DeletionPolicy]);
  expect(policies.filter(([, policy]) => policy === 'RetainExceptOnCreate')).toHaveLength(6);
  expect(policies.filter(([, policy]) => policy === 'Delete')).toHaveLength(1);
  expect(policies.every(([token]) => token === serviceToken)).toBe(true);
});

test('a channel may be in another stack than its bearer', () => {
  const app = new App();
  const home = new Stack(app, 'Home');
  const instance = new chime.MessagingAppInstance(home, 'Instance');
  const ann = instance.addUser('Ann', { appInstanceUserId: 'ann' });
  const away = new Stack(app, 'Away');
  new chime.MessagingChannel(away, 'Lobby', { appInstanceArn: instance.appInstanceArn, bearer: ann, name: 'Lobby' });
  instance.addAdmin('AnnIsAdmin', ann);
  expect(waitsFor(Template.fromStack(away), 'ChimeChannel')).toEqual([]);
  expect(away.dependencies).toContain(home);
  Template.fromStack(away).hasResourceProperties('Custom::ChimeChannel', { ChimeBearer: { 'Fn::ImportValue': Match.stringLikeRegexp('^Home:') } });
});
