import { CfnTag } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { ChannelFlowProcessor } from './channel-flow-processor';
import { AdoptableResourceProps } from './chime-resource';
import { ChimeChannelFlow, ChimeChannelFlowProcessor } from './generated';

/** How Chime invokes a processor. */
export enum InvocationType {
  /** Without waiting for it. */
  ASYNC = 'ASYNC',
}

/** What becomes of a message that its processor does not process. */
export enum FallbackAction {
  /** It goes on. */
  CONTINUE = 'CONTINUE',
  /** It is not delivered. */
  ABORT = 'ABORT',
}

/** The Lambda function of a processor. */
export interface ChannelFlowLambda {
  /** The ARN of the function, in the account and region of the app instance. */
  readonly resourceArn: string;

  /**
   * How Chime invokes it.
   *
   * @default InvocationType.ASYNC
   */
  readonly invocationType?: InvocationType;
}

/** What a processor runs. */
export interface ChannelFlowConfiguration {
  /** A Lambda function. */
  readonly lambda: ChannelFlowLambda;
}

/** One step of a channel flow. */
export interface Processors {
  /** Its name, 1 to 256 characters. */
  readonly name: string;

  /** What it runs. */
  readonly configuration: ChannelFlowConfiguration;

  /** Its place among the steps, each taken once: 1 to 3. */
  readonly executionOrder: number;

  /** What becomes of a message that it does not process. */
  readonly fallbackAction: FallbackAction;
}

/** A tag of a channel flow. */
export interface ChannelFlowTags {
  /** The key. */
  readonly key: string;
  /** The value. */
  readonly value: string;
}

/** The props of a channel flow of a known app instance. */
export interface ChannelFlowOptions extends AdoptableResourceProps {
  /** What messages pass through, 1 to 3. An account is allowed one unless AWS has raised that quota. */
  readonly processors: Processors[];

  /**
   * Its tags, beside those of `Tags.of`.
   *
   * @default - none but those of Tags.of
   */
  readonly tags?: ChannelFlowTags[];

  /**
   * Its name, 1 to 256 characters.
   *
   * @default - `<stack>-<logical id>`, cut to fit
   */
  readonly name?: string;

  /**
   * Taken and not used: Chime gets the id of CloudFormation's request as its token.
   *
   * @default - none
   */
  readonly clientRequestToken?: string;
}

/** The props of `ChannelFlow`. */
export interface ChannelFlowProps extends ChannelFlowOptions {
  /** The ARN of the app instance. */
  readonly appInstanceArn: string;
}

/** Lambda functions that see each message of a channel before it is delivered. */
export interface IChannelFlow extends IConstruct {
  /** The ARN of the channel flow. */
  readonly channelFlowArn: string;
}

/** Lambda functions that see each message of a channel before it is delivered. */
export class ChannelFlow extends Construct implements IChannelFlow {
  /**
   * A channel flow that is not created here.
   *
   * @param scope The scope, such as the stack.
   * @param id The id in the scope.
   * @param channelFlowArn The ARN of the channel flow.
   */
  public static fromChannelFlowArn(scope: Construct, id: string, channelFlowArn: string): IChannelFlow {
    class Import extends Construct implements IChannelFlow {
      public readonly channelFlowArn = channelFlowArn;
    }
    return new Import(scope, id);
  }

  /** The ARN of the channel flow. */
  public readonly channelFlowArn: string;

  private readonly appInstanceArn: string;

  constructor(scope: Construct, id: string, props: ChannelFlowProps) {
    super(scope, id);
    const { clientRequestToken, processors, tags, ...own } = props;
    const resource = new ChimeChannelFlow(this, 'Resource', {
      ...own,
      // The enums differ by name alone.
      processors: processors as unknown as ChimeChannelFlowProcessor[],
      tags: tags as CfnTag[] | undefined,
    });
    this.channelFlowArn = resource.channelFlowArn;
    this.appInstanceArn = props.appInstanceArn;
  }

  /**
   * Lets Chime invoke the function of a processor, and the function give messages back to Chime (`chime:ChannelFlowCallback`). The flow
   * waits for both.
   */
  public grantProcessor(handler: lambda.IFunction): iam.Grant {
    return ChannelFlowProcessor.grant(handler, this.appInstanceArn, this);
  }
}
