import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';

/** The id of the permission, in the scope of the function. */
const PERMISSION = 'ChimeMessaging';

/** A Lambda function that a channel flow passes messages through. */
export class ChannelFlowProcessor {
  /**
   * Lets Chime invoke the function, and the function give messages back to Chime (`chime:ChannelFlowCallback`).
   *
   * @param handler The function.
   * @param appInstanceArn The app instance, of this library's types or of AWS's.
   * @param flows The channel flows with the function, which wait for both: Chime invokes it as soon as a channel uses the flow.
   */
  public static grant(handler: lambda.IFunction, appInstanceArn: string, ...flows: IConstruct[]): iam.Grant {
    const stack = Stack.of(handler);
    // One function may work for several app instances.
    if (!handler.permissionsNode.tryFindChild(PERMISSION)) {
      handler.addPermission(PERMISSION, {
        principal: new iam.ServicePrincipal('messaging.chime.amazonaws.com'),
        sourceAccount: stack.account,
        sourceArn: stack.formatArn({ service: 'chime', resource: 'app-instance', resourceName: '*' }),
      });
    }
    const grant = iam.Grant.addToPrincipal({
      grantee: handler,
      actions: ['chime:ChannelFlowCallback'],
      resourceArns: [`${appInstanceArn}/*`],
    });
    grant.applyBefore(...flows);
    // There is none for a function that is not of this app and whose account is not known.
    const permission = handler.permissionsNode.tryFindChild(PERMISSION);
    if (permission) {
      flows.forEach((flow) => flow.node.addDependency(permission));
    }
    if (!permission || !grant.success) {
      Annotations.of(handler).addWarningV2(
        'chime-messaging-resources:processor',
        'This function is not of this app, so that its permission for messaging.chime.amazonaws.com, or the right to chime:ChannelFlowCallback of its role, ' +
          'has to be given where it is',
      );
    }
    return grant;
  }

  private constructor() {}
}
