import { Chat } from './chat.js';

const element = (id) => document.getElementById(id);
const show = (text) => element('log').append(`${text}\n`);

// http://localhost:8000/?user=customer reads customer.json and chats as that user.
const user = new URLSearchParams(location.search).get('user') ?? 'customer';
const outputs = await (await fetch('outputs.json')).json();
const { AppInstanceArn, ChannelArn } = Object.fromEntries(outputs.map((output) => [output.OutputKey, output.OutputValue]));

/** In place of your back end: what `aws sts assume-role` has printed. */
async function credentials() {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = await (await fetch(`${user}.json`)).json();
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: new Date(Expiration),
  };
}

const chat = new Chat({ userArn: `${AppInstanceArn}/user/${user}`, channelArn: ChannelArn, credentials });
const showMessage = (type, message) => {
  show(type === 'CREATE_CHANNEL_MESSAGE' ? `${message.Sender?.Name}: ${message.Content}` : `(${type})`);
};

/** Shows why something has failed. */
async function attempt(what) {
  try {
    await what();
  } catch (error) {
    show(`${error.name}: ${error.message}`);
  }
}

element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(async () => {
    await chat.send(new FormData(event.target).get('text'));
    event.target.reset();
  });
});

// First the websocket, then the history: so no message is missed between the two.
await attempt(async () => {
  await chat.connect(showMessage, show);
  for (const message of await chat.history()) {
    showMessage('CREATE_CHANNEL_MESSAGE', message);
  }
});
