import { CfnTag } from 'aws-cdk-lib';
import { Construct, DependencyGroup, IConstruct } from 'constructs';
import { IChannelFlow } from './channel-flow';
import { AdoptableResourceProps, ChimeResourceProps, commonOf } from './chime-resource';
import {
  ChimeChannel,
  ChimeChannelBan,
  ChimeChannelElasticChannelConfiguration,
  ChimeChannelExpirationSettings,
  ChimeChannelFlowAssociation,
  ChimeChannelMembership,
  ChimeChannelMemberships,
  ChimeChannelMembershipsType,
  ChimeChannelMembershipPreferences,
  ChimeChannelMembershipType,
  ChimeChannelMode,
  ChimeChannelModerator,
  ChimeChannelPrivacy,
} from './generated';
import { adminRightsOf, groupOf, IMessagingMember } from './member';

/** The props of a channel of a known app instance. */
export interface ChannelOptions extends AdoptableResourceProps {
  /**
   * Who creates and manages the channel: an admin of the app instance, or any other of its users and bots. Everything about the channel is
   * created after the bearer's admin rights and deleted before them.
   */
  readonly bearer: IMessagingMember;

  /** Its name, 1 to 256 characters. */
  readonly name: string;

  /**
   * The last part of its ARN, 1 to 64 characters. A channel that has one stays the same when its construct is renamed.
   *
   * @default - an id that is made up
   */
  readonly channelId?: string;

  /**
   * Who may add members.
   *
   * @default ChimeChannelMode.RESTRICTED
   */
  readonly mode?: ChimeChannelMode;

  /**
   * Who can find the channel. A change replaces it.
   *
   * @default ChimeChannelPrivacy.PRIVATE
   */
  readonly privacy?: ChimeChannelPrivacy;

  /**
   * Makes the channel elastic, for up to a million members. In us-east-1 only. A change replaces it.
   *
   * @default - not elastic
   */
  readonly elasticChannelConfiguration?: ChimeChannelElasticChannelConfiguration;

  /**
   * Whatever the application wants to keep with it, at most 1024 characters.
   *
   * @default - none
   */
  readonly metadata?: string;

  /**
   * When Chime deletes the channel by itself.
   *
   * @default - never
   */
  readonly expirationSettings?: ChimeChannelExpirationSettings;

  /**
   * Its tags, beside those of `Tags.of`.
   *
   * @default - none but those of Tags.of
   */
  readonly tags?: CfnTag[];
}

/** The props of `MessagingChannel`. */
export interface ChannelProps extends ChannelOptions {
  /** The ARN of the app instance. */
  readonly appInstanceArn: string;
}

/** How somebody is a member of a channel. */
export interface ChannelMemberOptions extends AdoptableResourceProps {
  /**
   * Whether the other members see the member.
   *
   * @default ChimeChannelMembershipType.DEFAULT
   */
  readonly type?: ChimeChannelMembershipType;

  /**
   * The member's push notifications.
   *
   * @default - as they are
   */
  readonly preferences?: ChimeChannelMembershipPreferences;
}

/** A channel that is not created here, and who manages it. */
export interface ChannelAttributes {
  /** The ARN of the channel. */
  readonly channelArn: string;

  /** Who manages the channel: an admin of the app instance, or a moderator of the channel. */
  readonly bearer: IMessagingMember;
}

/** Where messages are sent and received. */
export interface IMessagingChannel extends IConstruct {
  /** The ARN of the channel. */
  readonly channelArn: string;

  /** Who manages the channel. */
  readonly bearer: IMessagingMember;

  /**
   * Makes a user or bot a member.
   *
   * @param id The id of the construct. Rename none that is deployed: the member would be lost.
   * @param member The user or bot.
   * @param options How it is a member.
   */
  addMember(id: string, member: IMessagingMember, options?: ChannelMemberOptions): ChimeChannelMembership;

  /**
   * Makes many users and bots members, up to 10,000, as one resource.
   *
   * @param id The id of the construct.
   * @param members The users and bots.
   * @param type Whether the other members see them. `DEFAULT` unless given.
   */
  addMembers(id: string, members: IMessagingMember[], type?: ChimeChannelMembershipsType): ChimeChannelMemberships;

  /**
   * Makes a user or bot a moderator. A moderator is a member too: if a membership is added as well, before or after, the moderator waits for it.
   *
   * @param id The id of the construct.
   * @param moderator The user or bot.
   * @param options What it takes over.
   */
  addModerator(id: string, moderator: IMessagingMember, options?: AdoptableResourceProps): ChimeChannelModerator;

  /**
   * Keeps a user or bot out.
   *
   * @param id The id of the construct.
   * @param member The user or bot.
   * @param options What it takes over.
   */
  addBan(id: string, member: IMessagingMember, options?: AdoptableResourceProps): ChimeChannelBan;

  /**
   * Lets all messages pass through a channel flow. To be called once.
   *
   * @param flow The channel flow.
   * @param options What it takes over.
   */
  useFlow(flow: IChannelFlow, options?: AdoptableResourceProps): ChimeChannelFlowAssociation;
}

/** By channel, the memberships of each user and bot, by its ARN. */
const MEMBERSHIPS = new WeakMap<IConstruct, Map<string, DependencyGroup>>();

/**
 * What a channel is, whether it is created here or not.
 *
 * @internal
 */
abstract class ChannelBase extends Construct implements IMessagingChannel {
  public abstract readonly channelArn: string;
  public abstract readonly bearer: IMessagingMember;

  /**
   * What the resources about the channel take over from it.
   *
   * @internal
   */
  protected abstract readonly _common: ChimeResourceProps;

  public addMember(id: string, member: IMessagingMember, options: ChannelMemberOptions = {}): ChimeChannelMembership {
    const props = { ...this.acting(), ...options, memberArn: member.memberArn };
    const membership = this.inOrder(new ChimeChannelMembership(this, id, props));
    groupOf(MEMBERSHIPS, this, member.memberArn).add(membership);
    return membership;
  }

  public addMembers(id: string, members: IMessagingMember[], type?: ChimeChannelMembershipsType): ChimeChannelMemberships {
    const props = { ...this.acting(), memberArns: members.map((member) => member.memberArn), type };
    const memberships = this.inOrder(new ChimeChannelMemberships(this, id, props));
    members.forEach((member) => groupOf(MEMBERSHIPS, this, member.memberArn).add(memberships));
    return memberships;
  }

  public addModerator(id: string, moderator: IMessagingMember, options: AdoptableResourceProps = {}): ChimeChannelModerator {
    const props = { ...this.acting(), ...options, channelModeratorArn: moderator.memberArn };
    const resource = this.inOrder(new ChimeChannelModerator(this, id, props));
    resource.node.addDependency(groupOf(MEMBERSHIPS, this, moderator.memberArn));
    return resource;
  }

  public addBan(id: string, member: IMessagingMember, options: AdoptableResourceProps = {}): ChimeChannelBan {
    return this.inOrder(new ChimeChannelBan(this, id, { ...this.acting(), ...options, memberArn: member.memberArn }));
  }

  public useFlow(flow: IChannelFlow, options: AdoptableResourceProps = {}): ChimeChannelFlowAssociation {
    const props = { ...this.acting(), ...options, channelFlowArn: flow.channelFlowArn };
    return this.inOrder(new ChimeChannelFlowAssociation(this, 'Flow', props));
  }

  private acting() {
    return { ...this._common, channelArn: this.channelArn, chimeBearer: this.bearer.memberArn };
  }

  /** Without the admin rights of the bearer, Chime would neither create nor delete it. */
  protected inOrder<T extends IConstruct>(resource: T): T {
    resource.node.addDependency(adminRightsOf(this, this.bearer.memberArn));
    return resource;
  }
}

/** Where messages are sent and received. */
export class MessagingChannel extends ChannelBase {
  /**
   * A channel that is not created here.
   *
   * @param scope The scope, such as the stack.
   * @param id The id in the scope.
   * @param attributes The channel, and who manages it.
   */
  public static fromChannelAttributes(scope: Construct, id: string, attributes: ChannelAttributes): IMessagingChannel {
    class Import extends ChannelBase {
      public readonly channelArn = attributes.channelArn;
      public readonly bearer = attributes.bearer;
      /** @internal */
      protected readonly _common = {};
    }
    return new Import(scope, id);
  }

  /** The ARN of the channel. */
  public readonly channelArn: string;

  /** The last part of the ARN. */
  public readonly channelId: string;

  /** Who manages the channel. */
  public readonly bearer: IMessagingMember;

  /** @internal */
  protected readonly _common: ChimeResourceProps;

  constructor(scope: Construct, id: string, props: ChannelProps) {
    super(scope, id);
    const { bearer, ...own } = props;
    this.bearer = bearer;
    this._common = commonOf(props);
    const resource = this.inOrder(new ChimeChannel(this, 'Resource', { ...own, chimeBearer: bearer.memberArn }));
    this.channelArn = resource.channelArn;
    this.channelId = resource.channelId;
  }
}
