import { CfnTag, CustomResource, Duration, IResolvable, ITaggableV2, Lazy, RemovalPolicy, Stack, TagManager, TagType } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { conflictsOf, identityOf, misplacedOf } from './consistency';
import { problemsOf, Schema } from './problems';
import { misfitsOf } from './references';
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

/** What the props of a construct have that may take over what exists. */
export interface AdoptableResourceProps extends ChimeResourceProps {
  /**
   * The `ref` of an existing resource to take over, such as its ARN. It has to match the props. As long as this is stated, a delete leaves the
   * resource in Chime.
   *
   * @default - a new resource is created
   */
  readonly adoptExisting?: string;

  /**
   * Any text. When it changes, the update reads the resource from Chime and corrects whatever differs.
   *
   * @default - none
   */
  readonly resync?: string;
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
    this.node.addValidation({
      validate: () => {
        const resolved = this.stack.resolve(properties);
        return [
          ...misplacedOf(resourceType, props),
          ...misfitsOf(properties, schema),
          ...problemsOf(resolved, schema),
          ...conflictsOf(resolved),
          ...twinOf(this, resourceType, resolved),
        ];
      },
    });
    warnOfMissingDependencies(this.stack);
  }
}

/** The constructs of each stack, by what they are in Chime. */
const BY_IDENTITY = new WeakMap<Stack, Map<string, ChimeResource>>();

/** A problem if another construct of the stack is the same thing in Chime. The function would refuse it, or each undo the other. */
function twinOf(resource: ChimeResource, resourceType: string, properties: Record<string, unknown>): string[] {
  const identity = identityOf(resourceType, properties);
  if (!identity) return [];
  const known = BY_IDENTITY.get(resource.stack) ?? new Map<string, ChimeResource>();
  BY_IDENTITY.set(resource.stack, known);
  const first = known.get(identity.key);
  // An app may be synthesized more than once, and a construct may have been removed since.
  const isThere = first?.node.scope?.node.tryFindChild(first.node.id) === first;
  if (first && first !== resource && isThere) return [`${identity.names.join(' and ')} must not be those of ${first.node.path}: both would be the same thing in Chime`];
  known.set(identity.key, resource);
  return [];
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

/** What the resources about a thing take over from it. */
export function commonOf({ serviceToken, serviceTimeout, removalPolicy }: ChimeResourceProps): ChimeResourceProps {
  return { serviceToken, serviceTimeout, removalPolicy };
}
