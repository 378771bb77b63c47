// Runs the tutorial's chat.js, bundled for a browser, with a websocket and an HTTP server of this script: node chat.mjs BUNDLE

const [bundle] = process.argv.slice(2);
const calls = [];
const sockets = [];

globalThis.window = globalThis;
globalThis.document = { addEventListener() {}, removeEventListener() {} };
globalThis.addEventListener = () => {};
globalThis.removeEventListener = () => {};
globalThis.fetch = async (request) => {
  const { pathname } = new URL(request.url);
  calls.push(`${request.method} ${decodeURIComponent(pathname)} ${request.headers.get('x-amz-chime-bearer')}`);
  const answers = {
    '/endpoints/messaging-session': { Endpoint: { Url: 'node.ws-messaging.chime.aws' } },
    POST: { MessageId: '3', Status: { Value: 'PENDING' } },
    GET: { ChannelMessages: [{ Content: 'second' }, { Content: 'first' }] },
  };
  const answer = answers[pathname] ?? answers[request.method];
  return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } });
};
globalThis.WebSocket = class extends EventTarget {
  constructor(url) {
    super();
    this.url = new URL(url);
    sockets.push(this);
  }
  close() {}
};

const { Chat } = await import(bundle);
const instance = 'arn:aws:chime:eu-central-1:123456789012:app-instance/one';
const credentials = async () => ({ accessKeyId: 'A', secretAccessKey: 'B', sessionToken: 'C', expiration: new Date(Date.now() + 3.6e6) });
const chatOf = (user) => new Chat({ userArn: `${instance}/user/${user}`, channelArn: `${instance}/channel/help`, credentials });
const opened = async (count) => {
  while (sockets.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  // The session listens from the next turn on.
  await new Promise((resolve) => setTimeout(resolve, 10));
  return sockets[count - 1];
};
const receive = (socket, type, payload) => {
  const data = JSON.stringify({ Headers: { 'x-amz-chime-event-type': type }, Payload: payload && JSON.stringify(payload) });
  socket.dispatchEvent(new MessageEvent('message', { data }));
};

const [received, log] = [[], []];
const chat = chatOf('customer');
const connected = chat.connect((type, message) => received.push([type, message.Content]), (line) => log.push(line));
const socket = await opened(1);
socket.dispatchEvent(new Event('open'));
receive(socket, 'SESSION_ESTABLISHED');
await connected;
receive(socket, 'CREATE_CHANNEL_MESSAGE', { Content: 'hello' });
receive(socket, 'CREATE_CHANNEL_MEMBERSHIP', { Member: {} });
const sent = await chat.send('hello');
const history = (await chat.history()).map((message) => message.Content);

const refused = chatOf('agent').connect(() => {}, (line) => log.push(line)).catch((error) => error.message);
(await opened(2)).dispatchEvent(Object.assign(new Event('close'), { code: 4401, reason: 'Unauthorized' }));

const query = socket.url.searchParams;
console.log(
  JSON.stringify({
    userArn: query.get('userArn'),
    signed: query.has('X-Amz-Security-Token') && query.has('X-Amz-Signature'),
    received,
    sent,
    history,
    refused: await refused,
    calls,
    leaks: log.filter((line) => line.includes('X-Amz')),
  }),
);
process.exit(0);
