import { randomUUID } from 'node:crypto';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import * as chime from 'cdk-amazon-chime-resources';
import { Construct } from 'constructs';
import { useChimeMessagingResources } from './use-chime-messaging-resources';

/** Everything that the constructs of cdk-amazon-chime-resources make for messaging, as that library documents it. */
export class ConstructsStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    useChimeMessagingResources(this);

    const appInstance = new chime.MessagingAppInstance(this, 'appInstance', {
      name: 'MessagingAppInstanceExample',
    });

    const appInstanceUser = new chime.MessagingAppInstanceUser(this, 'appInstanceUser', {
      appInstanceArn: appInstance.appInstanceArn,
      appInstanceUserId: '1234',
    });

    new chime.MessagingAppInstanceAdmin(this, 'appInstanceAdmin', {
      appInstanceAdminArn: appInstanceUser.appInstanceUserArn,
      appInstanceArn: appInstance.appInstanceArn,
    });

    const channelFlowLambdaRole = new iam.Role(this, 'channelFlowLambdaRole', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        chimePolicy: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              resources: [`arn:aws:chime:${this.region}:${this.account}:app-instance/*`],
              actions: ['chime:ChannelFlowCallback'],
            }),
          ],
        }),
      },
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole')],
    });

    const channelFlowHandler = new Function(this, 'channelFlowHandler', {
      runtime: Runtime.PYTHON_3_13,
      handler: 'channelFlowHandler.lambda_handler',
      code: Code.fromAsset('src'),
      role: channelFlowLambdaRole,
    });

    channelFlowHandler.addPermission('Chime Resource Policy', {
      principal: new iam.ServicePrincipal('messaging.chime.amazonaws.com'),
      sourceArn: `arn:aws:chime:${this.region}:${this.account}:app-instance/*`,
      sourceAccount: this.account,
    });

    const channelFlow = new chime.ChannelFlow(this, 'channelFlow', {
      appInstanceArn: appInstance.appInstanceArn,
      processors: [
        {
          name: 'channelFlowName',
          configuration: {
            lambda: {
              resourceArn: channelFlowHandler.functionArn,
              invocationType: chime.InvocationType.ASYNC,
            },
          },
          executionOrder: 1,
          fallbackAction: chime.FallbackAction.ABORT,
        },
      ],
      // The library insists on one. The function does without it.
      clientRequestToken: randomUUID(),
    });

    const kinesisStream = new kinesis.Stream(this, 'kinesisStream', {
      streamName: 'chime-messaging-channel-stream',
      shardCount: 2,
      encryption: kinesis.StreamEncryption.MANAGED,
    });

    appInstance.streaming([
      {
        dataType: chime.MessagingDataType.CHANNEL,
        resourceArn: kinesisStream.streamArn,
      },
    ]);

    appInstance.retention(2);

    new CfnOutput(this, 'appInstanceArn', { value: appInstance.appInstanceArn });
    new CfnOutput(this, 'appInstanceUserArn', { value: appInstanceUser.appInstanceUserArn });
    new CfnOutput(this, 'channelFlowArn', { value: channelFlow.channelFlowArn });
  }
}
