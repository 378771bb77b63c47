import { App, CfnCondition, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as chime from 'chime-messaging-resources';

interface Chat {
  readonly stack: Stack;
  readonly boss: chime.ChimeAppInstanceUser;
  readonly bob: chime.ChimeAppInstanceUser;
  readonly admin: chime.ChimeAppInstanceAdmin;
  readonly appInstanceArn: string;
}

/** A stack with a user that is an admin, and one that is not. */
function chat(): Chat {
  const stack = new Stack(new App(), 'Chat');
  const { appInstanceArn } = new chime.ChimeAppInstance(stack, 'Instance');
  const boss = new chime.ChimeAppInstanceUser(stack, 'Boss', { appInstanceArn, appInstanceUserId: 'boss' });
  const bob = new chime.ChimeAppInstanceUser(stack, 'Bob', { appInstanceArn, appInstanceUserId: 'bob' });
  const admin = new chime.ChimeAppInstanceAdmin(stack, 'BossIsAdmin', { appInstanceAdminArn: boss.appInstanceUserArn });
  return { stack, boss, bob, admin, appInstanceArn };
}

function lobby({ stack, boss, appInstanceArn }: Chat, chimeBearer = boss.appInstanceUserArn) {
  return new chime.ChimeChannel(stack, 'Lobby', { appInstanceArn, chimeBearer, channelId: 'lobby', name: 'Lobby' });
}

/** The constructs that are warned of, with the construct that should be first. */
function warnings(stack: Stack): [string, string][] {
  const found = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('The chimeBearer gets its rights'));
  return found.map(({ id, entry }) => [id, /from (\S+), /.exec(entry.data as string)![1]]);
}

test('a channel that does not wait for its bearer is warned of, and its members are not', () => {
  const all = chat();
  const { stack, boss, bob } = all;
  const { channelArn } = lobby(all);
  new chime.ChimeChannelMembership(stack, 'BobInLobby', {
    channelArn, memberArn: bob.appInstanceUserArn, chimeBearer: boss.appInstanceUserArn,
  });
  expect(warnings(stack)).toEqual([['/Chat/Lobby', 'Chat/BossIsAdmin']]);
  Annotations.fromStack(stack).hasWarning('/Chat/Lobby', Match.stringLikeRegexp('add node.addDependency\\(BossIsAdmin\\)'));
});

test('nothing is said of one that waits, by itself or through another', () => {
  const all = chat();
  const { stack, boss, bob, admin } = all;
  const channel = lobby(all);
  channel.node.addDependency(admin);
  new chime.ChimeChannelMembership(stack, 'BobInLobby', {
    channelArn: channel.channelArn, memberArn: bob.appInstanceUserArn, chimeBearer: boss.appInstanceUserArn,
  });
  expect(warnings(stack)).toEqual([]);
});

test('what an attribute of the admin gives waits for it', () => {
  const all = chat();
  lobby(all, all.admin.getAttString('AppInstanceAdminArn'));
  expect(warnings(all.stack)).toEqual([]);
});

test('the bearer may be written in other words', () => {
  for (const bearer of [({ boss }: Chat) => boss.ref, ({ appInstanceArn }: Chat) => `${appInstanceArn}/user/boss`]) {
    const all = chat();
    lobby(all, bearer(all));
    expect(warnings(all.stack)).toEqual([['/Chat/Lobby', 'Chat/BossIsAdmin']]);
  }
});

test('bearers without rights of the stack, and conditions, are left alone', () => {
  const bearers = [({ bob }: Chat) => bob.appInstanceUserArn, () => Fn.importValue('boss'), ({ appInstanceArn }: Chat) => `${appInstanceArn}/user/x`];
  for (const bearer of bearers) {
    const all = chat();
    lobby(all, bearer(all));
    expect(warnings(all.stack)).toEqual([]);
  }
  const all = chat();
  lobby(all);
  const condition = new CfnCondition(all.stack, 'Live', { expression: Fn.conditionEquals(Fn.ref('AWS::Region'), 'us-east-1') });
  (all.admin.node.defaultChild as any).cfnOptions.condition = condition;
  expect(warnings(all.stack)).toEqual([]);
});

test('a moderator has rights in one channel', () => {
  const all = chat();
  const { stack, boss, bob, admin } = all;
  const { channelArn } = lobby(all);
  stack.node.findChild('Lobby').node.addDependency(admin);
  const [channelModeratorArn, chimeBearer] = [bob.appInstanceUserArn, boss.appInstanceUserArn];
  new chime.ChimeChannelModerator(stack, 'BobModerates', { channelArn, channelModeratorArn, chimeBearer });
  const ban = { memberArn: boss.appInstanceUserArn, chimeBearer: bob.appInstanceUserArn };
  new chime.ChimeChannelBan(stack, 'Here', { channelArn, ...ban });
  new chime.ChimeChannelBan(stack, 'There', { channelArn: Fn.importValue('hall'), ...ban });
  expect(warnings(stack)).toEqual([['/Chat/Here', 'Chat/BobModerates']]);
});
