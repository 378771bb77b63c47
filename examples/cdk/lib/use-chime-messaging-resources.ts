import { Aspects, CfnResource, Duration, Fn, IAspect, Stack } from 'aws-cdk-lib';
import { MessagingResources } from 'cdk-amazon-chime-resources';
import { Construct, IConstruct } from 'constructs';

/** The ServiceToken that the function's stack exports. */
export const serviceToken = Fn.importValue('chime-messaging-resources-ServiceToken');

/** Where the library looks for its own function, in each stack, before it makes one. */
const PROVIDER = 'Custom:MessagingResourcesCustomResourceProvider';

/** What the library finds in its function's place. */
class Provider extends Construct {
  readonly serviceToken = serviceToken;
}

/**
 * Sends the messaging constructs of cdk-amazon-chime-resources in `stack` and in its nested stacks to the function. Call it before the
 * constructs, and in each nested stack: then the library's own function and its code are not deployed at all. For new stacks alone.
 */
export function useChimeMessagingResources(stack: Stack) {
  if (!stack.node.tryFindChild(PROVIDER)) {
    new Provider(stack, PROVIDER);
  }
  Aspects.of(stack).add(new UseChimeMessagingResources());
}

class UseChimeMessagingResources implements IAspect {
  visit(node: IConstruct) {
    // Only this class of the library's is messaging: telephony and media pipelines send the same type to functions of their own.
    if (node instanceof MessagingResources) {
      const resource = node.messagingCustomResource.node.defaultChild as CfnResource;
      resource.addPropertyOverride('ServiceToken', serviceToken);
      resource.addPropertyOverride('ServiceTimeout', Duration.minutes(10).toSeconds());
    }
    // A nested stack that came without a call of its own.
    if (Stack.isStack(node) && !(node.node.tryFindChild(PROVIDER) instanceof Provider)) {
      node.node.tryRemoveChild(PROVIDER);
    }
  }
}
