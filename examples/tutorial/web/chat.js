import {
  ChimeSDKMessagingClient,
  ListChannelMessagesCommand,
  SendChannelMessageCommand,
} from '@aws-sdk/client-chime-sdk-messaging';
import { DefaultMessagingSession, LogLevel, MessagingSessionConfiguration } from 'amazon-chime-sdk-js';

/** A channel as one user sees it. */
export class Chat {
  /**
   * `userArn` and `channelArn` come from the stack's outputs, `credentials` from your back end: an object, or a function that gets new
   * ones when they are about to expire.
   */
  constructor({ userArn, channelArn, credentials }) {
    this.userArn = userArn;
    this.channelArn = channelArn;
    // The region of the app instance, which may differ from that of your back end.
    const region = channelArn.split(':')[3];
    this.client = new ChimeSDKMessagingClient({ region, credentials });
  }

  /** Opens the websocket. `onMessage` gets the type of each event and the message; `log` gets each line of the session's log. */
  async connect(onMessage, log) {
    const configuration = new MessagingSessionConfiguration(this.userArn, null, undefined, this.client);
    this.session = new DefaultMessagingSession(configuration, logger(log));
    this.session.addObserver({
      messagingSessionDidReceiveMessage: (message) => {
        if (message.type.endsWith('_CHANNEL_MESSAGE')) onMessage(message.type, JSON.parse(message.payload));
      },
    });
    try {
      await this.session.start();
    } catch (event) {
      throw new Error(`The websocket was refused: ${event.code} ${event.reason}`);
    }
  }

  /** Sends a message, as the user. */
  async send(text) {
    const { MessageId, Status } = await this.client.send(
      new SendChannelMessageCommand({
        ChannelArn: this.channelArn,
        ChimeBearer: this.userArn,
        Content: text,
        Type: 'STANDARD',
        Persistence: 'PERSISTENT',
        ClientRequestToken: crypto.randomUUID(),
      }),
    );
    return { id: MessageId, status: Status?.Value };
  }

  /** The latest messages, the oldest of them first. */
  async history() {
    const { ChannelMessages } = await this.client.send(
      new ListChannelMessagesCommand({ ChannelArn: this.channelArn, ChimeBearer: this.userArn, MaxResults: 20 }),
    );
    return (ChannelMessages ?? []).reverse();
  }

  /** Closes the websocket. */
  stop() {
    this.session?.stop();
  }
}

/** The session's log, without the signed URL: while that is valid, whoever has it can connect as the user. */
function logger(log) {
  const line = (text) => {
    const said = String(typeof text === 'function' ? text() : text);
    if (!said.startsWith('opening connection')) log(said);
  };
  const ignore = () => {};
  return { info: line, warn: line, error: line, debug: ignore, setLogLevel: ignore, getLogLevel: () => LogLevel.INFO };
}
