import { Construct } from 'constructs';
import { AdoptableResourceProps } from './chime-resource';
import { ChimeAppInstanceAdmin } from './generated';
import { adminRightsOf } from './member';

/** The props of `MessagingAppInstanceAdmin`. */
export interface AppInstanceAdminProps extends AdoptableResourceProps {
  /** The ARN of the user or bot that becomes an admin. */
  readonly appInstanceAdminArn: string;

  /** The ARN of the app instance. */
  readonly appInstanceArn: string;
}

/**
 * A user or a bot that may do everything in its app instance. The channels that it manages, as the `bearer` of a `MessagingChannel`, are
 * created after it and deleted before it.
 */
export class MessagingAppInstanceAdmin extends Construct {
  /** The ARN of the user or bot. */
  public readonly appInstanceAdminArn: string;

  /** The name of the user or bot. */
  public readonly appInstanceAdminName: string;

  constructor(scope: Construct, id: string, props: AppInstanceAdminProps) {
    super(scope, id);
    const resource = new ChimeAppInstanceAdmin(this, 'Resource', props);
    this.appInstanceAdminArn = resource.appInstanceAdminArn;
    this.appInstanceAdminName = resource.appInstanceAdminName;
    adminRightsOf(this, props.appInstanceAdminArn).add(this);
  }
}
