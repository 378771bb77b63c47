import { CfnTag } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ChimeResourceProps } from './chime-resource';
import { ChimeAppInstance, ChimeAppInstanceRetentionSettings, ChimeMessagingStreamingConfigurations } from './generated';
import { StreamingConfig, streamingConfigurations } from './streaming';

/** A tag of an app instance. */
export interface AppInstanceTags {
  /** The key. */
  readonly key: string;
  /** The value. */
  readonly value: string;
}

/** The props of `MessagingAppInstance`. */
export interface AppInstanceProps extends ChimeResourceProps {
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

/** An app instance: the home of a chat back end. */
export class MessagingAppInstance extends Construct {
  /** The ARN of the app instance. */
  public readonly appInstanceArn: string;

  private readonly common: ChimeResourceProps;

  constructor(scope: Construct, id: string, props: AppInstanceProps = {}) {
    super(scope, id);
    const { clientRequestToken, tags, ...own } = props;
    const resource = new ChimeAppInstance(this, 'Resource', { ...own, tags: tags as CfnTag[] | undefined });
    this.appInstanceArn = resource.appInstanceArn;
    this.common = commonOf(props);
  }

  /** Streams what happens in the app instance to Kinesis. To be called once. */
  public streaming(streamingConfigs: StreamingConfig[]): ChimeMessagingStreamingConfigurations {
    return streamingConfigurations(this, 'Streaming', { ...this.common, appInstanceArn: this.appInstanceArn, streamingConfigs });
  }

  /** Keeps messages for so many days, 1 to 5475, and not longer. To be called once. */
  public retention(days: number): ChimeAppInstanceRetentionSettings {
    return new ChimeAppInstanceRetentionSettings(this, 'Retention', {
      ...this.common,
      appInstanceArn: this.appInstanceArn,
      retentionDays: days,
    });
  }
}

/** What the settings of an app instance take over from it. */
function commonOf({ serviceToken, serviceTimeout, removalPolicy }: ChimeResourceProps): ChimeResourceProps {
  return { serviceToken, serviceTimeout, removalPolicy };
}
