// Prints the diagnostics of yaml-language-server for files as `FILE:LINE MESSAGE`: `node yaml-diagnostics.mjs SERVER TAGS FILE...`
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [serverPath, tags, ...files] = process.argv.slice(2);
const server = spawn(process.execPath, [serverPath, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
const settings = { yaml: { validate: true, completion: true, hover: true, customTags: JSON.parse(tags), schemaStore: { enable: false } } };
const waiting = new Map(files.map((file) => [pathToFileURL(file).href, file]));

function send(message) {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function received(message) {
  if (message.method === 'workspace/configuration') {
    send({ id: message.id, result: message.params.items.map(({ section }) => settings[section] ?? null) });
  } else if (message.method === 'textDocument/publishDiagnostics' && waiting.has(message.params.uri)) {
    const file = waiting.get(message.params.uri);
    waiting.delete(message.params.uri);
    for (const { range, message: text } of message.params.diagnostics) {
      console.log(`${file}:${range.start.line + 1} ${text}`);
    }
    if (waiting.size === 0) {
      server.kill();
    }
  } else if (message.id !== undefined && message.method) {
    send({ id: message.id, result: null });
  } else if (message.id === 1) {
    send({ method: 'initialized', params: {} });
    send({ method: 'workspace/didChangeConfiguration', params: { settings } });
    for (const [uri, file] of waiting) {
      const textDocument = { uri, languageId: 'yaml', version: 1, text: readFileSync(file, 'utf8') };
      send({ method: 'textDocument/didOpen', params: { textDocument } });
    }
  }
}

let buffer = Buffer.alloc(0);
server.stdout.on('data', (data) => {
  buffer = Buffer.concat([buffer, data]);
  for (;;) {
    const end = buffer.indexOf('\r\n\r\n');
    const length = end < 0 ? undefined : Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1]);
    if (length === undefined || buffer.length < end + 4 + length) {
      return;
    }
    const message = JSON.parse(buffer.subarray(end + 4, end + 4 + length).toString());
    buffer = buffer.subarray(end + 4 + length);
    received(message);
  }
});
const capabilities = { workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } } };
send({ id: 1, method: 'initialize', params: { processId: process.pid, rootUri: null, capabilities } });
