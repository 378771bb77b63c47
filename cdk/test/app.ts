// The app that is rehearsed: see tests/cdk.rs.
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import * as chime from 'chime-messaging-resources';
import { Construct } from 'constructs';
import { MessagingResources } from './snippets/messaging-resources';

/** The path of the function's zip. */
const zip = process.env.CHIME_MESSAGING_ZIP!;

/** All types, and the function itself, in one stack. */
class Everything extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new chime.ChimeMessagingProvider(this, 'Provider', { zip }).serve(this);

    const instance = new chime.ChimeAppInstance(this, 'Instance', { name: 'Chat', tags: [{ key: 'team', value: 'support' }] });
    const { appInstanceArn } = instance;
    const supervisor = new chime.ChimeAppInstanceUser(this, 'Supervisor', { appInstanceArn, appInstanceUserId: 'supervisor' });
    const agent = new chime.ChimeAppInstanceUser(this, 'Agent', { appInstanceArn, appInstanceUserId: 'agent', name: 'Agent' });
    const troll = new chime.ChimeAppInstanceUser(this, 'Troll', { appInstanceArn, appInstanceUserId: 'troll' });
    const admin = new chime.ChimeAppInstanceAdmin(this, 'Admin', { appInstanceAdminArn: supervisor.appInstanceUserArn });
    const invokedBy = {
      standardMessages: chime.ChimeAppInstanceBotStandardMessages.AUTO,
      targetedMessages: chime.ChimeAppInstanceBotTargetedMessages.ALL,
    };
    const lexBotAliasArn = this.formatArn({ service: 'lex', resource: 'bot-alias', resourceName: 'ABCDE12345/TSTALIASID' });
    new chime.ChimeAppInstanceBot(this, 'Bot', {
      appInstanceArn,
      name: 'Concierge',
      configuration: { lex: { lexBotAliasArn, localeId: 'en_US', invokedBy } },
    });
    new chime.ChimeAppInstanceRetentionSettings(this, 'Retention', { appInstanceArn, retentionDays: 30 });
    new chime.ChimeAppInstanceUserEndpoint(this, 'Phone', {
      appInstanceUserArn: agent.appInstanceUserArn,
      type: chime.ChimeAppInstanceUserEndpointType.GCM,
      resourceArn: this.formatArn({ service: 'mobiletargeting', resource: 'apps', resourceName: '0a1b2c3d4e5f60718293a4b5c6d7e8f9' }),
      endpointAttributes: { deviceToken: 'token' },
    });

    const stream = new kinesis.Stream(this, 'Stream', { streamName: 'chime-messaging-everything', shardCount: 2 });
    new chime.ChimeMessagingStreamingConfigurations(this, 'Streaming', {
      appInstanceArn,
      streamingConfigurations: [
        { dataType: chime.ChimeMessagingStreamingConfigurationDataType.CHANNEL_MESSAGE, resourceArn: stream.streamArn },
      ],
    });

    const filter = new Function(this, 'Filter', { runtime: Runtime.PYTHON_3_13, handler: 'index.handler', code: Code.fromInline('pass') });
    const flow = new chime.ChimeChannelFlow(this, 'Flow', {
      appInstanceArn,
      processors: [
        {
          name: 'Filter',
          executionOrder: 1,
          fallbackAction: chime.ChimeChannelFlowProcessorFallbackAction.ABORT,
          configuration: { lambda: { resourceArn: filter.functionArn } },
        },
      ],
    });
    chime.ChannelFlowProcessor.grant(filter, appInstanceArn, flow);

    const acting = { chimeBearer: supervisor.appInstanceUserArn };
    const lobby = new chime.ChimeChannel(this, 'Lobby', { ...acting, appInstanceArn, channelId: 'lobby', name: 'Lobby' });
    lobby.node.addDependency(admin);
    const { channelArn } = lobby;
    const member = new chime.ChimeChannelMembership(this, 'Member', { ...acting, channelArn, memberArn: agent.appInstanceUserArn });
    const deputy = new chime.ChimeAppInstanceUser(this, 'Deputy', { appInstanceArn, appInstanceUserId: 'deputy' });
    new chime.ChimeChannelMemberships(this, 'Members', { ...acting, channelArn, memberArns: [deputy.appInstanceUserArn] });
    const moderator = new chime.ChimeChannelModerator(this, 'Moderator', {
      ...acting,
      channelArn,
      channelModeratorArn: agent.appInstanceUserArn,
    });
    moderator.node.addDependency(member);
    new chime.ChimeChannelBan(this, 'Ban', { ...acting, channelArn, memberArn: troll.appInstanceUserArn });
    new chime.ChimeChannelFlowAssociation(this, 'Filtered', { ...acting, channelArn, channelFlowArn: flow.channelFlowArn });

    new CfnOutput(this, 'MemberName', { value: member.memberName });
  }
}

const app = new App();
new Everything(app, 'Everything');
new chime.ChimeMessagingProvider(new Stack(app, 'Provider'), 'Provider', { zip, shared: true });

const snippets = new MessagingResources(app, 'Snippets');
const flow = snippets.node.findChild('channelFlow') as chime.ChannelFlow;
// What the document lets invoke the function is chime.amazonaws.com.
flow.grantProcessor(snippets.node.findChild('channelFlowHandler') as Function);
