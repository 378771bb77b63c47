import { CfnTag, Fn } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { grantChat, grantManageChannels, grantRead } from './chat-grants';
import { AdoptableResourceProps } from './chime-resource';
import { ChimeAppInstanceUser, ChimeAppInstanceUserExpirationSettings } from './generated';
import { IMessagingMember } from './member';

/** A tag of a user. */
export interface InstanceUserTags {
  /** The key. */
  readonly key: string;
  /** The value. */
  readonly value: string;
}

/** The props of a user of a known app instance. */
export interface AppInstanceUserOptions extends AdoptableResourceProps {
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
   * When Chime deletes the user by itself.
   *
   * @default - never
   */
  readonly expirationSettings?: ChimeAppInstanceUserExpirationSettings;

  /**
   * Taken and not used: Chime gets the id of CloudFormation's request as its token.
   *
   * @default - none
   */
  readonly clientRequestToken?: string;
}

/** The props of `MessagingAppInstanceUser`. */
export interface AppInstanceUserProps extends AppInstanceUserOptions {
  /** The ARN of the app instance. */
  readonly appInstanceArn: string;
}

/** Somebody who can chat in an app instance. */
export interface IMessagingAppInstanceUser extends IMessagingMember {
  /** The ARN of the user. */
  readonly appInstanceUserArn: string;

  /**
   * Lets the grantee receive and send messages as this user, in the channels that the user is a member of.
   *
   * For one role that serves all users, see `grantChat` of the app instance.
   */
  grantChat(grantee: iam.IGrantable): iam.Grant;

  /** Lets the grantee receive messages as this user, and send none. */
  grantRead(grantee: iam.IGrantable): iam.Grant;

  /**
   * Lets the grantee, a back end for one, create and manage channels as this user. Chime itself also asks that the user be an admin, or a
   * moderator of the channel.
   */
  grantManageChannels(grantee: iam.IGrantable): iam.Grant;
}

/**
 * What a user is, whether it is created here or not.
 *
 * @internal
 */
abstract class UserBase extends Construct implements IMessagingAppInstanceUser {
  public abstract readonly appInstanceUserArn: string;

  public get memberArn(): string {
    return this.appInstanceUserArn;
  }

  public grantChat(grantee: iam.IGrantable): iam.Grant {
    return grantChat(grantee, this.appInstanceUserArn, `${this.appInstance()}/channel/*`);
  }

  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return grantRead(grantee, this.appInstanceUserArn, `${this.appInstance()}/channel/*`);
  }

  public grantManageChannels(grantee: iam.IGrantable): iam.Grant {
    return grantManageChannels(grantee, this.appInstanceUserArn, this.appInstance());
  }

  /** The ARN of the app instance, with which that of the user begins. */
  private appInstance(): string {
    return Fn.select(0, Fn.split('/user/', this.appInstanceUserArn));
  }
}

/** Somebody who can chat in an app instance. */
export class MessagingAppInstanceUser extends UserBase {
  /**
   * A user that is not created here, of a stack of AWS's own types or of the back end.
   *
   * @param scope The scope, such as the stack.
   * @param id The id in the scope.
   * @param appInstanceUserArn The ARN of the user.
   */
  public static fromAppInstanceUserArn(scope: Construct, id: string, appInstanceUserArn: string): IMessagingAppInstanceUser {
    class Import extends UserBase {
      public readonly appInstanceUserArn = appInstanceUserArn;
    }
    return new Import(scope, id);
  }

  /** The ARN of the user. */
  public readonly appInstanceUserArn: string;

  constructor(scope: Construct, id: string, props: AppInstanceUserProps) {
    super(scope, id);
    const { clientRequestToken, tags, ...own } = props;
    const resource = new ChimeAppInstanceUser(this, 'Resource', { ...own, tags: tags as CfnTag[] | undefined });
    this.appInstanceUserArn = resource.appInstanceUserArn;
  }
}
