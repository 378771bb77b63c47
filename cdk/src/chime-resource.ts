import { CfnTag, CustomResource, Duration, IResolvable, ITaggableV2, Lazy, RemovalPolicy, TagManager, TagType } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { problemsOf, Schema } from './problems';
import { serviceTokenFor } from './service-token';
import { warnOfMissingDependencies } from './missing-dependencies';

/** What the props of every `Custom::Chime…` resource have. */
export interface ChimeResourceProps {
  /**
   * The ARN of the function.
   *
   * @default - the function of the ChimeMessagingProvider that serves the scope; otherwise the one that the account's stack exports as
   * `chime-messaging-resources-ServiceToken`
   */
  readonly serviceToken?: string;

  /**
   * How long CloudFormation waits for the function, 3600 seconds at most.
   *
   * @default Duration.minutes(10)
   */
  readonly serviceTimeout?: Duration;

  /**
   * What becomes of the thing in Chime when the resource leaves the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** What the props of a resource have whose thing in Chime can be tagged. */
export interface TaggedChimeResourceProps extends ChimeResourceProps {
  /**
   * Its tags, beside those of `Tags.of`. 44 at most, with values that are not empty; keys that begin with `aws:` or `cfn:` are reserved.
   *
   * @default - none but those of Tags.of
   */
  readonly tags?: CfnTag[];
}

/** What a class says of its type. */
export interface ChimeResourceDefinition<Props> {
  readonly resourceType: string;
  readonly schema: Schema;
  /** As CloudFormation gets them. */
  readonly properties: Record<string, unknown>;
  readonly props: Props;
}

/**
 * A resource of a `Custom::Chime…` type.
 *
 * @internal
 */
export abstract class ChimeResource extends CustomResource {
  constructor(scope: Construct, id: string, definition: ChimeResourceDefinition<ChimeResourceProps>) {
    const { resourceType, schema, properties, props } = definition;
    super(scope, id, {
      resourceType,
      properties,
      // Whoever serves the scope may do so after the resource is there.
      serviceToken: props.serviceToken ?? Lazy.string({ produce: () => serviceTokenFor(scope) }),
      serviceTimeout: props.serviceTimeout ?? Duration.minutes(10),
      removalPolicy: props.removalPolicy,
    });
    this.node.addValidation({ validate: () => problemsOf(this.stack.resolve(properties), schema) });
    warnOfMissingDependencies(this.stack);
  }
}

/**
 * A resource whose thing in Chime can be tagged.
 *
 * @internal
 */
export abstract class TaggedChimeResource extends ChimeResource implements ITaggableV2 {
  /** Holds the tags, those of `Tags.of` among them. */
  public readonly cdkTagManager: TagManager;

  constructor(scope: Construct, id: string, definition: ChimeResourceDefinition<TaggedChimeResourceProps>) {
    const tags = new TagManager(TagType.STANDARD, definition.resourceType, definition.props.tags);
    super(scope, id, { ...definition, properties: { ...definition.properties, Tags: rendered(tags) } });
    this.cdkTagManager = tags;
  }
}

/** The tags as CloudFormation gets them, once all are known; nothing where there are none. */
function rendered(tags: TagManager): IResolvable {
  const produce = () => tags.renderTags()?.map((tag: CfnTag) => ({ Key: tag.key, Value: tag.value }));
  return Lazy.any({ produce });
}
