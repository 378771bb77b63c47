import { CfnTag } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ChimeResourceProps } from './chime-resource';
import { ChimeAppInstanceUser } from './generated';

/** A tag of a user. */
export interface InstanceUserTags {
  /** The key. */
  readonly key: string;
  /** The value. */
  readonly value: string;
}

/** The props of `MessagingAppInstanceUser`. */
export interface AppInstanceUserProps extends ChimeResourceProps {
  /** The ARN of the app instance. */
  readonly appInstanceArn: string;

  /** The id of the user, the last part of its ARN: 1 to 64 characters. */
  readonly appInstanceUserId: string;

  /**
   * The user's name, 1 to 100 characters.
   *
   * @default - the appInstanceUserId
   */
  readonly name?: string;

  /**
   * Whatever the application wants to keep with the user, at most 1024 characters.
   *
   * @default - none
   */
  readonly metadata?: string;

  /**
   * The user's tags, beside those of `Tags.of`.
   *
   * @default - none but those of Tags.of
   */
  readonly tags?: InstanceUserTags[];

  /**
   * Taken and not used: Chime gets the id of CloudFormation's request as its token.
   *
   * @default - none
   */
  readonly clientRequestToken?: string;
}

/** Somebody who can chat in an app instance. */
export class MessagingAppInstanceUser extends Construct {
  /** The ARN of the user. */
  public readonly appInstanceUserArn: string;

  constructor(scope: Construct, id: string, props: AppInstanceUserProps) {
    super(scope, id);
    const { clientRequestToken, tags, ...own } = props;
    const resource = new ChimeAppInstanceUser(this, 'Resource', { ...own, tags: tags as CfnTag[] | undefined });
    this.appInstanceUserArn = resource.appInstanceUserArn;
  }
}
