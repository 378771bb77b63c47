import { Construct } from 'constructs';
import { AdoptableResourceProps } from './chime-resource';
import { ChimeMessagingStreamingConfigurationDataType, ChimeMessagingStreamingConfigurations } from './generated';

/** What is streamed. */
export enum MessagingDataType {
  /** What happens to channels. */
  CHANNEL = 'Channel',
  /** What happens to messages. */
  CHANNELMESSAGE = 'ChannelMessage',
}

/** What is streamed, as `appInstanceDataType` calls it. */
export enum AppInstanceDataType {
  /** What happens to channels. */
  CHANNEL = 'Channel',
  /** What happens to messages. */
  CHANNELMESSAGE = 'ChannelMessage',
}

/** What is streamed where. */
export interface StreamingConfig {
  /**
   * What is streamed.
   *
   * @default - appInstanceDataType, one of the two has to be stated
   */
  readonly dataType?: MessagingDataType;

  /**
   * What is streamed, under the name that it had first.
   *
   * @default - dataType
   */
  readonly appInstanceDataType?: AppInstanceDataType;

  /**
   * The ARN of a Kinesis data stream in the account and region of the app instance, whose name begins with `chime-messaging-`, with at
   * least two shards and encryption.
   */
  readonly resourceArn: string;
}

/** The props of `AppInstanceStreamingConfigurations`. */
export interface StreamingConfigurationProps extends AdoptableResourceProps {
  /** The ARN of the app instance. */
  readonly appInstanceArn: string;

  /** What is streamed where, each type of data once. */
  readonly streamingConfigs: StreamingConfig[];
}

/** Where an app instance streams what happens in it. There is one for each app instance. */
export class AppInstanceStreamingConfigurations extends Construct {
  /** What is streamed where. */
  public readonly streamingConfigs: StreamingConfig[];

  constructor(scope: Construct, id: string, props: StreamingConfigurationProps) {
    super(scope, id);
    this.streamingConfigs = props.streamingConfigs;
    streamingConfigurations(this, 'Resource', props);
  }
}

/**
 * The resource for it.
 *
 * @internal
 */
export function streamingConfigurations(
  scope: Construct,
  id: string,
  props: StreamingConfigurationProps,
): ChimeMessagingStreamingConfigurations {
  const { streamingConfigs, ...others } = props;
  return new ChimeMessagingStreamingConfigurations(scope, id, {
    ...others,
    streamingConfigurations: streamingConfigs.map(({ dataType, appInstanceDataType, resourceArn }) => ({
      dataType: (dataType ?? appInstanceDataType) as unknown as ChimeMessagingStreamingConfigurationDataType,
      resourceArn,
    })),
  });
}
