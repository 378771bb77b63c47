import { Aspects, CfnResource, Fn, IAspect, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The ServiceToken that the function's stack exports. */
export const serviceToken = Fn.importValue('chime-messaging-resources-ServiceToken');

/** Sends the constructs of cdk-amazon-chime-resources to the function. */
class UseChimeMessagingResources implements IAspect {
  visit(node: IConstruct) {
    if (node instanceof CfnResource && node.cfnResourceType === 'AWS::CloudFormation::CustomResource') {
      node.addPropertyOverride('ServiceToken', serviceToken);
    }
  }
}

/** To be called after the constructs: the library's own function is then not deployed. */
export function useChimeMessagingResources(stack: Stack) {
  Aspects.of(stack).add(new UseChimeMessagingResources());
  stack.node.tryRemoveChild('Custom:MessagingResourcesCustomResourceProvider');
}
