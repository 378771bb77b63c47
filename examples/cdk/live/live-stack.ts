import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import * as chime from 'cdk-amazon-chime-resources';
import { Construct } from 'constructs';

/** A chat back end on the unmodified library, as somebody has it in production. */
export class LiveStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const appInstance = new chime.MessagingAppInstance(this, 'appInstance', { name: 'Support chat' });
    const { appInstanceArn } = appInstance;

    const supervisor = new chime.MessagingAppInstanceUser(this, 'supervisor', {
      appInstanceArn,
      appInstanceUserId: 'supervisor',
    });
    const agent = new chime.MessagingAppInstanceUser(this, 'agent', { appInstanceArn, appInstanceUserId: 'agent', name: 'Agent' });

    const admin = new chime.MessagingAppInstanceAdmin(this, 'admin', {
      appInstanceArn,
      appInstanceAdminArn: supervisor.appInstanceUserArn,
    });

    const bot = new chime.MessagingAppInstanceBot(this, 'bot', {
      appInstanceArn,
      name: 'Bot',
      configuration: {
        lex: {
          lexBotAliasArn: this.formatArn({ service: 'lex', resource: 'bot-alias', resourceName: 'ABCDE12345/TSTALIASID' }),
          localeId: 'en_US',
          respondsTo: chime.LexConfigurationRespondsTo.STANDARD_MESSAGES,
        },
      },
    });

    const processor = new Function(this, 'processor', {
      runtime: Runtime.PYTHON_3_13,
      handler: 'channelFlowHandler.lambda_handler',
      code: Code.fromAsset('src'),
    });
    processor.addPermission('chime', {
      principal: new iam.ServicePrincipal('messaging.chime.amazonaws.com'),
      sourceArn: this.formatArn({ service: 'chime', resource: 'app-instance', resourceName: '*' }),
      sourceAccount: this.account,
    });
    const channelFlow = new chime.ChannelFlow(this, 'channelFlow', {
      appInstanceArn,
      name: 'Filter',
      clientRequestToken: 'filter',
      processors: [
        {
          name: 'Filter',
          executionOrder: 1,
          fallbackAction: chime.FallbackAction.ABORT,
          configuration: { lambda: { resourceArn: processor.functionArn, invocationType: chime.InvocationType.ASYNC } },
        },
      ],
    });

    const stream = new kinesis.Stream(this, 'stream', {
      streamName: 'chime-messaging-live',
      shardCount: 2,
      encryption: kinesis.StreamEncryption.MANAGED,
    });
    appInstance.streaming([{ dataType: chime.MessagingDataType.CHANNEL, resourceArn: stream.streamArn }]);
    appInstance.retention(30);

    new CfnOutput(this, 'appInstanceArn', { value: appInstanceArn });
    new CfnOutput(this, 'supervisorArn', { value: supervisor.appInstanceUserArn });
    new CfnOutput(this, 'agentArn', { value: agent.appInstanceUserArn });
    new CfnOutput(this, 'adminName', { value: admin.appInstanceAdminName });
    new CfnOutput(this, 'botArn', { value: bot.appInstanceBotArn });
    new CfnOutput(this, 'channelFlowArn', { value: channelFlow.channelFlowArn });
  }
}
