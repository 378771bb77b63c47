import { CfnResource, Duration, IAspect, Aspects, Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { MessagingResources } from 'cdk-amazon-chime-resources';
import { Construct, IConstruct } from 'constructs';

// For whoever wants no further package. `LiveStacks` of the construct library (cdk/) is the same, for Python too.

/** Where the library puts its function, in each stack that has constructs of its own. */
const PROVIDER = 'Custom:MessagingResourcesCustomResourceProvider';

export interface MoveInPlaceProps {
  /** The path of the function's package: a zip with `bootstrap` in it. */
  readonly code: string;

  /** What the package is built for: `x86_64` or `arm64`. */
  readonly architecture: string;
}

/**
 * Puts the function in the place of the library's own, in all stacks of `scope`, nested ones too. The function's name, its ARN and the
 * resources stay as they are. To be called after the constructs.
 */
export function moveInPlace(scope: Construct, props: MoveInPlaceProps) {
  const stacks = scope.node.findAll().filter((node): node is Stack => Stack.isStack(node));
  const providers = stacks.flatMap((stack) => stack.node.tryFindChild(PROVIDER) ?? []);
  if (providers.length === 0) {
    throw new Error(`No stack of ${scope.node.path || 'the app'} has messaging constructs of cdk-amazon-chime-resources yet`);
  }
  for (const provider of providers) {
    const code = new Asset(provider, 'ChimeMessagingResources', { path: props.code });
    const handler = provider.node.findChild('Handler') as CfnResource;
    handler.addPropertyOverride('Code', { S3Bucket: code.s3BucketName, S3Key: code.s3ObjectKey });
    handler.addPropertyOverride('Runtime', 'provided.al2023');
    handler.addPropertyOverride('Handler', 'bootstrap');
    handler.addPropertyOverride('Architectures', [props.architecture]);
    handler.addPropertyOverride('Timeout', 300);
    handler.addPropertyOverride('MemorySize', 128);
    const role = provider.node.findChild('Role') as CfnResource;
    role.addPropertyOverride('Policies', [{ PolicyName: 'Inline', PolicyDocument: policy(Stack.of(provider)) }]);
  }
}

/** A ServiceTimeout for all messaging constructs in `scope`: an update of each, after which the function knows them as its own. */
export function takeOver(scope: Construct, serviceTimeout: Duration) {
  Aspects.of(scope).add(new TakeOver(serviceTimeout));
}

class TakeOver implements IAspect {
  constructor(private readonly serviceTimeout: Duration) {}

  visit(node: IConstruct) {
    if (node instanceof MessagingResources) {
      const resource = node.messagingCustomResource.node.defaultChild as CfnResource;
      resource.addPropertyOverride('ServiceTimeout', this.serviceTimeout.toSeconds());
    }
  }
}

/** What the function may do for the constructs: template.yaml has the same for all of its types. */
function policy(stack: Stack) {
  const arn = (service: string, resource: string) =>
    `arn:${stack.partition}:${service}:${stack.region}:${stack.account}:${resource}`;
  const chime = (actions: string) => actions.trim().split(/\s+/).map((action) => `chime:${action}`);
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: chime('CreateAppInstance CreateAppInstanceBot CreateAppInstanceUser'), Resource: '*' },
      {
        Effect: 'Allow',
        Action: chime(`
          CreateAppInstanceAdmin CreateChannelFlow
          DeleteAppInstance DeleteAppInstanceAdmin DeleteAppInstanceBot DeleteAppInstanceUser DeleteChannelFlow
          DeleteMessagingStreamingConfigurations
          DescribeAppInstance DescribeAppInstanceAdmin DescribeAppInstanceBot DescribeAppInstanceUser DescribeChannelFlow
          GetAppInstanceRetentionSettings GetMessagingStreamingConfigurations
          ListAppInstanceAdmins ListAppInstanceBots ListAppInstanceUsers ListAppInstances ListChannelFlows
          ListChannelsAssociatedWithChannelFlow ListTagsForResource
          PutAppInstanceRetentionSettings PutAppInstanceUserExpirationSettings PutMessagingStreamingConfigurations
          TagResource UntagResource
          UpdateAppInstance UpdateAppInstanceBot UpdateAppInstanceUser UpdateChannelFlow`),
        Resource: arn('chime', 'app-instance/*'),
      },
      // What the library has made is found by the parameters that it has written, and they go when it goes.
      { Effect: 'Allow', Action: ['ssm:GetParameterHistory', 'ssm:DeleteParameter'], Resource: arn('ssm', 'parameter/chime/*') },
      {
        Effect: 'Allow',
        Action: ['kinesis:DescribeStream', 'kinesis:DescribeStreamSummary', 'kinesis:PutRecord', 'kinesis:PutRecords'],
        Resource: arn('kinesis', 'stream/chime-messaging-*'),
      },
      {
        Effect: 'Allow',
        Action: 'iam:CreateServiceLinkedRole',
        Resource:
          `arn:${stack.partition}:iam::${stack.account}:role/aws-service-role/messaging.chime.amazonaws.com/` +
          'AWSServiceRoleForChimeSDKMessaging',
        Condition: { StringLike: { 'iam:AWSServiceName': 'messaging.chime.amazonaws.com' } },
      },
    ],
  };
}
