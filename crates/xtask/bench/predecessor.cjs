#!/usr/bin/env node
// Runs the handler of cdk-amazon-chime-resources under the Lambda Runtime API, for `cargo xtask bench --constructs --vs`.
//
// The library's bundle runs behind CDK's entry point, as in a deployed stack. This loop stands for AWS's Node.js runtime, and does less. Both
// packages come from `npm ci` in examples/cdk.

const http = require('http');
const https = require('https');
const path = require('path');

const installed = path.join(__dirname, '../../../examples/cdk/node_modules');
const bundle = path.join(installed, 'cdk-amazon-chime-resources/assets/resources/messaging/index.js');
const entryPoint = path.join(installed, 'aws-cdk-lib/custom-resource-handlers/dist/core/nodejs-entrypoint-handler/index.js');

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new http.Agent({ keepAlive: true });

function call(method, url, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function main() {
  // Set by AWS; the library uses it for its physical IDs.
  process.env.AWS_LAMBDA_LOG_GROUP_NAME ??= '/aws/lambda/predecessor';
  // The bundle is loaded now, because Lambda loads it during init.
  const { handler, external } = require(entryPoint);
  external.userHandlerIndex = bundle;
  require(bundle);
  let url;
  // The entry point always connects to port 443.
  external.sendHttpRequest = (options, body) =>
    new Promise((resolve, reject) => {
      const client = url.protocol === 'https:' ? https : http;
      const request = client.request({ ...options, port: url.port }, (response) => {
        response.resume();
        response.statusCode >= 400 ? reject(new Error(`Unsuccessful HTTP response: ${response.statusCode}`)) : resolve();
      });
      request.on('error', reject);
      request.end(body);
    });
  for (;;) {
    const next = await call('GET', `${api}/next`);
    const event = JSON.parse(next.body);
    url = new URL(event.ResponseURL);
    const id = next.headers['lambda-runtime-aws-request-id'];
    await handler(event, { awsRequestId: id });
    await call('POST', `${api}/${id}/response`, 'null');
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
