import { CfnTag } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { MessagingAppInstanceAdmin } from './app-instance-admin';
import { AppInstanceBotOptions, MessagingAppInstanceBot } from './app-instance-bot';
import { AppInstanceUserOptions, MessagingAppInstanceUser } from './app-instance-user';
import { ChannelOptions, MessagingChannel } from './channel';
import { ChannelFlow, ChannelFlowOptions } from './channel-flow';
import { grantChat, grantRead } from './chat-grants';
import { AdoptableResourceProps, ChimeResourceProps, commonOf } from './chime-resource';
import { ChimeAppInstance, ChimeAppInstanceRetentionSettings, ChimeMessagingStreamingConfigurations } from './generated';
import { IMessagingMember } from './member';
import { StreamingConfig, streamingConfigurations } from './streaming';

/** A tag of an app instance. */
export interface AppInstanceTags {
  /** The key. */
  readonly key: string;
  /** The value. */
  readonly value: string;
}

/** The props of `MessagingAppInstance`. */
export interface AppInstanceProps extends AdoptableResourceProps {
  /**
   * Its name, 1 to 256 characters.
   *
   * @default - `<stack>-<logical id>`, cut to fit
   */
  readonly name?: string;

  /**
   * Whatever the application wants to keep with it, at most 1024 characters.
   *
   * @default - none
   */
  readonly metadata?: string;

  /**
   * Its tags, beside those of `Tags.of`.
   *
   * @default - none but those of Tags.of
   */
  readonly tags?: AppInstanceTags[];

  /**
   * Taken and not used: Chime gets the id of CloudFormation's request as its token.
   *
   * @default - none
   */
  readonly clientRequestToken?: string;
}

/** As whom, and where, the holders of a role chat. */
export interface ChatGrantOptions {
  /**
   * The `appInstanceUserId` of the user who chats. It may be an IAM policy variable, so that one role serves all users and none of them can
   * act as another.
   *
   * @default '${aws:PrincipalTag/AppInstanceUserId}' - the tag that the session got from whoever called AssumeRole, which needs sts:TagSession
   */
  readonly appInstanceUserId?: string;

  /**
   * The last part of the ARNs of the channels, which may hold the wildcard `*`.
   *
   * @default '*' - all channels that the user is a member of
   */
  readonly channelId?: string;
}

/** An app instance: the home of a chat back end. */
export interface IMessagingAppInstance extends IConstruct {
  /** The ARN of the app instance. */
  readonly appInstanceArn: string;

  /** Adds a user. */
  addUser(id: string, options: AppInstanceUserOptions): MessagingAppInstanceUser;

  /** Adds a bot. */
  addBot(id: string, options: AppInstanceBotOptions): MessagingAppInstanceBot;

  /** Makes a user or bot an admin. The channels that it manages wait for that, those that are there already as well. */
  addAdmin(id: string, member: IMessagingMember, options?: AdoptableResourceProps): MessagingAppInstanceAdmin;

  /** Adds a channel, which waits for the admin rights of its bearer. */
  addChannel(id: string, options: ChannelOptions): MessagingChannel;

  /** Adds a channel flow. */
  addChannelFlow(id: string, options: ChannelFlowOptions): ChannelFlow;

  /** Streams what happens in the app instance to Kinesis. To be called once. */
  streaming(streamingConfigs: StreamingConfig[]): ChimeMessagingStreamingConfigurations;

  /** Keeps messages for so many days, 1 to 5475, and not longer. To be called once. */
  retention(days: number): ChimeAppInstanceRetentionSettings;

  /**
   * Lets the grantee, the role of end users, receive and send messages: what a chat client of Chime's needs.
   *
   * Chime itself refuses what the user's place in a channel does not allow: only members send.
   */
  grantChat(grantee: iam.IGrantable, options?: ChatGrantOptions): iam.Grant;

  /** Lets the grantee, the role of end users, receive messages, and send none. */
  grantRead(grantee: iam.IGrantable, options?: ChatGrantOptions): iam.Grant;
}

/**
 * What an app instance is, whether it is created here or not.
 *
 * @internal
 */
abstract class AppInstanceBase extends Construct implements IMessagingAppInstance {
  public abstract readonly appInstanceArn: string;

  /**
   * What everything in the app instance takes over from it.
   *
   * @internal
   */
  protected abstract readonly _common: ChimeResourceProps;

  public addUser(id: string, options: AppInstanceUserOptions): MessagingAppInstanceUser {
    return new MessagingAppInstanceUser(this, id, { ...this.own(), ...options });
  }

  public addBot(id: string, options: AppInstanceBotOptions): MessagingAppInstanceBot {
    return new MessagingAppInstanceBot(this, id, { ...this.own(), ...options });
  }

  public addAdmin(id: string, member: IMessagingMember, options: AdoptableResourceProps = {}): MessagingAppInstanceAdmin {
    return new MessagingAppInstanceAdmin(this, id, { ...this.own(), ...options, appInstanceAdminArn: member.memberArn });
  }

  public addChannel(id: string, options: ChannelOptions): MessagingChannel {
    return new MessagingChannel(this, id, { ...this.own(), ...options });
  }

  public addChannelFlow(id: string, options: ChannelFlowOptions): ChannelFlow {
    return new ChannelFlow(this, id, { ...this.own(), ...options });
  }

  public streaming(streamingConfigs: StreamingConfig[]): ChimeMessagingStreamingConfigurations {
    return streamingConfigurations(this, 'Streaming', { ...this.own(), streamingConfigs });
  }

  public retention(days: number): ChimeAppInstanceRetentionSettings {
    return new ChimeAppInstanceRetentionSettings(this, 'Retention', { ...this.own(), retentionDays: days });
  }

  public grantChat(grantee: iam.IGrantable, options: ChatGrantOptions = {}): iam.Grant {
    return grantChat(grantee, this.users(options), this.channels(options));
  }

  public grantRead(grantee: iam.IGrantable, options: ChatGrantOptions = {}): iam.Grant {
    return grantRead(grantee, this.users(options), this.channels(options));
  }

  private own() {
    return { ...this._common, appInstanceArn: this.appInstanceArn };
  }

  private users({ appInstanceUserId = '${aws:PrincipalTag/AppInstanceUserId}' }: ChatGrantOptions): string {
    return `${this.appInstanceArn}/user/${appInstanceUserId}`;
  }

  private channels({ channelId = '*' }: ChatGrantOptions): string {
    return `${this.appInstanceArn}/channel/${channelId}`;
  }
}

/**
 * An app instance: the home of a chat back end. What is added to it takes over its `serviceToken`, `serviceTimeout` and `removalPolicy`,
 * unless it has its own.
 */
export class MessagingAppInstance extends AppInstanceBase {
  /**
   * An app instance that is not created here: of another stack, of AWS's own type, or made by hand.
   *
   * @param scope The scope, such as the stack.
   * @param id The id in the scope.
   * @param appInstanceArn The ARN of the app instance.
   */
  public static fromAppInstanceArn(scope: Construct, id: string, appInstanceArn: string): IMessagingAppInstance {
    class Import extends AppInstanceBase {
      public readonly appInstanceArn = appInstanceArn;
      /** @internal */
      protected readonly _common = {};
    }
    return new Import(scope, id);
  }

  /** The ARN of the app instance. */
  public readonly appInstanceArn: string;

  /** @internal */
  protected readonly _common: ChimeResourceProps;

  constructor(scope: Construct, id: string, props: AppInstanceProps = {}) {
    super(scope, id);
    const { clientRequestToken, tags, ...own } = props;
    const resource = new ChimeAppInstance(this, 'Resource', { ...own, tags: tags as CfnTag[] | undefined });
    this.appInstanceArn = resource.appInstanceArn;
    this._common = commonOf(props);
  }
}
