import { CfnTag } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AdoptableResourceProps } from './chime-resource';
import { ChimeAppInstanceBot, ChimeAppInstanceBotRespondsTo } from './generated';
import { IMessagingMember } from './member';

/** A tag of a bot. */
export interface InstanceBotTags {
  /** The key. */
  readonly key: string;
  /** The value. */
  readonly value: string;
}

/** Which messages a bot responds to. */
export enum LexConfigurationRespondsTo {
  /** Messages to all. */
  STANDARD_MESSAGES = 'STANDARD_MESSAGES',
}

/** The Amazon Lex V2 bot behind a bot. */
export interface AppInstanceBotLexConfiguration {
  /** Which messages it responds to. Chime has deprecated it: `invokedBy` of `ChimeAppInstanceBot` says more. */
  readonly respondsTo: LexConfigurationRespondsTo;

  /** The ARN of the alias of the Lex bot, in the same account and region. */
  readonly lexBotAliasArn: string;

  /** The language of the Lex bot, such as en_US. */
  readonly localeId: string;

  /**
   * The intent that greets whoever joins a channel.
   *
   * @default - none
   */
  readonly welcomeIntent?: string;
}

/** What a bot runs on. */
export interface AppInstanceBotConfiguration {
  /** An Amazon Lex V2 bot. */
  readonly lex: AppInstanceBotLexConfiguration;
}

/** The props of a bot of a known app instance. */
export interface AppInstanceBotOptions extends AdoptableResourceProps {
  /** What the bot runs on. */
  readonly configuration: AppInstanceBotConfiguration;

  /**
   * The bot's name, at most 256 characters.
   *
   * @default - none
   */
  readonly name?: string;

  /**
   * Whatever the application wants to keep with the bot, at most 1024 characters.
   *
   * @default - none
   */
  readonly metadata?: string;

  /**
   * The bot's tags, beside those of `Tags.of`.
   *
   * @default - none but those of Tags.of
   */
  readonly tags?: InstanceBotTags[];

  /**
   * Taken and not used: Chime gets the id of CloudFormation's request as its token.
   *
   * @default - none
   */
  readonly clientRequestToken?: string;
}

/** The props of `MessagingAppInstanceBot`. */
export interface AppInstanceBotProps extends AppInstanceBotOptions {
  /** The ARN of the app instance. */
  readonly appInstanceArn: string;
}

/** A Lex bot that takes part in the channels of an app instance. */
export interface IMessagingAppInstanceBot extends IMessagingMember {
  /** The ARN of the bot. */
  readonly appInstanceBotArn: string;
}

/** A Lex bot that takes part in the channels of an app instance. */
export class MessagingAppInstanceBot extends Construct implements IMessagingAppInstanceBot {
  /**
   * A bot that is not created here.
   *
   * @param scope The scope, such as the stack.
   * @param id The id in the scope.
   * @param appInstanceBotArn The ARN of the bot.
   */
  public static fromAppInstanceBotArn(scope: Construct, id: string, appInstanceBotArn: string): IMessagingAppInstanceBot {
    class Import extends Construct implements IMessagingAppInstanceBot {
      public readonly appInstanceBotArn = appInstanceBotArn;
      public readonly memberArn = appInstanceBotArn;
    }
    return new Import(scope, id);
  }

  /** The ARN of the bot. */
  public readonly appInstanceBotArn: string;

  constructor(scope: Construct, id: string, props: AppInstanceBotProps) {
    super(scope, id);
    const { clientRequestToken, configuration, tags, ...own } = props;
    const respondsTo = configuration.lex.respondsTo as unknown as ChimeAppInstanceBotRespondsTo;
    const resource = new ChimeAppInstanceBot(this, 'Resource', {
      ...own,
      configuration: { lex: { ...configuration.lex, respondsTo } },
      tags: tags as CfnTag[] | undefined,
    });
    this.appInstanceBotArn = resource.appInstanceBotArn;
  }

  /** The ARN of the bot, as a member of channels. */
  public get memberArn(): string {
    return this.appInstanceBotArn;
  }
}
