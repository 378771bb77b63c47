import { CfnOutput, CustomResource, Duration, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { serviceToken } from './use-chime-messaging-resources';

/** The function's own types, with nothing but aws-cdk-lib. */
export class PlainStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const appInstance = this.chime('AppInstance', 'ChimeAppInstance', {
      Name: 'Support chat',
      Tags: [{ Key: 'team', Value: 'support' }],
    });

    const supervisor = this.chime('Supervisor', 'ChimeAppInstanceUser', {
      AppInstanceArn: appInstance.ref,
      AppInstanceUserId: 'supervisor',
      Name: 'Supervisor',
    });

    const admin = this.chime('SupervisorIsAdmin', 'ChimeAppInstanceAdmin', {
      AppInstanceAdminArn: supervisor.ref,
    });

    this.chime('Retention', 'ChimeAppInstanceRetentionSettings', {
      AppInstanceArn: appInstance.ref,
      RetentionDays: 365,
    });

    new CfnOutput(this, 'AppInstanceArn', { value: appInstance.ref });
    new CfnOutput(this, 'AdminName', { value: admin.getAttString('AppInstanceAdminName') });
  }

  private chime(id: string, type: string, properties: Record<string, unknown>): CustomResource {
    return new CustomResource(this, id, {
      resourceType: `Custom::${type}`,
      serviceToken,
      serviceTimeout: Duration.minutes(10),
      properties,
    });
  }
}
