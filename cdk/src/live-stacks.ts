import { Annotations, Aspects, Aws, CfnResource, Duration, IAspect, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct, IConstruct } from 'constructs';
import { TEMPLATE } from './generated/template';
import { statementsOf } from './policies';

/** Where cdk-amazon-chime-resources puts its function, in each stack that has messaging constructs of its own. */
const PROVIDER = 'Custom:MessagingResourcesCustomResourceProvider';

/** The class of its messaging resources, as jsii knows it. */
const RESOURCE = 'cdk-amazon-chime-resources.MessagingResources';

/** The policies of the function's role that these resources need. The library's role may write a log already. */
const POLICIES = ['Chime', 'Streaming'];

/** The props of `LiveStacks.moveInPlace`. */
export interface MoveInPlaceProps {
  /** The path of the function's zip, which holds the executable `bootstrap`. */
  readonly zip: string;

  /**
   * What the function is built for.
   *
   * @default lambda.Architecture.X86_64
   */
  readonly architecture?: lambda.Architecture;
}

/**
 * Stacks that run on cdk-amazon-chime-resources, whose resources stay as they are while this function takes the place of the library's
 * own: docs/moving.md has the steps.
 */
export class LiveStacks {
  /**
   * Puts the function in the place of the library's own, in all stacks of the scope, nested ones too, and changes nothing else. To be
   * called after the constructs. This is the first deployment.
   */
  public static moveInPlace(scope: Construct, props: MoveInPlaceProps): void {
    const stacks = scope.node.findAll().filter((node): node is Stack => Stack.isStack(node));
    const providers = stacks.flatMap((stack) => stack.node.tryFindChild(PROVIDER) ?? []);
    if (providers.length === 0) {
      throw new Error(`No stack of ${scope.node.path || 'the app'} has messaging constructs of cdk-amazon-chime-resources yet`);
    }
    const its = TEMPLATE.Resources.Function.Properties;
    for (const provider of providers) {
      const code = new Asset(provider, 'ChimeMessagingResources', { path: props.zip });
      const handler = provider.node.findChild('Handler') as CfnResource;
      handler.addPropertyOverride('Code', { S3Bucket: code.s3BucketName, S3Key: code.s3ObjectKey });
      handler.addPropertyOverride('Runtime', its.Runtime);
      handler.addPropertyOverride('Handler', its.Handler);
      handler.addPropertyOverride('Architectures', [(props.architecture ?? lambda.Architecture.X86_64).name]);
      handler.addPropertyOverride('Timeout', its.Timeout);
      handler.addPropertyOverride('MemorySize', its.MemorySize);
      const role = provider.node.findChild('Role') as CfnResource;
      role.addPropertyOverride('Policies', [
        { PolicyName: 'Inline', PolicyDocument: { Version: '2012-10-17', Statement: statements() } },
      ]);
    }
  }

  /**
   * Gives all messaging resources of the library in the scope a ServiceTimeout: an update of each, by which the function takes it over.
   * This is the second deployment.
   */
  public static takeOver(scope: IConstruct, serviceTimeout: Duration): void {
    Aspects.of(scope).add(new TakeOver(serviceTimeout));
  }

  private constructor() {}
}

class TakeOver implements IAspect {
  constructor(private readonly serviceTimeout: Duration) {}

  visit(node: IConstruct): void {
    const { fqn } = (Reflect.get(node.constructor, Symbol.for('jsii.rtti')) ?? {}) as { readonly fqn?: string };
    if (fqn !== RESOURCE) return;
    const { messagingCustomResource } = node as unknown as { readonly messagingCustomResource?: IConstruct };
    const resource = messagingCustomResource?.node.defaultChild;
    if (!CfnResource.isCfnResource(resource)) {
      Annotations.of(node).addError('This version of cdk-amazon-chime-resources is not known: its resource is not where 3.2.25 has it');
      return;
    }
    resource.addPropertyOverride('ServiceTimeout', this.serviceTimeout.toSeconds());
  }
}

function statements(): object[] {
  // The library's function makes its calls in its own region.
  const known = POLICIES.flatMap((name) => statementsOf(name, Aws.REGION));
  // What the library has made is found by the parameters that it has written, and they go when it goes.
  const parameters = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter/chime/*`;
  return [
    ...known,
    { Effect: 'Allow', Action: ['ssm:GetParameterHistory', 'ssm:DeleteParameter'], Resource: parameters },
  ];
}
