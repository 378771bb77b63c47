#!/usr/bin/env node
// The handler of cdk-amazon-chime-resources under the Lambda Runtime API, for `cargo xtask bench --constructs --vs`.
//
// The library's own bundle runs behind the entry point that CDK puts before it, as in a deployed stack. What stands for AWS's Node.js runtime is
// this loop, which does less than that does. Both packages come from `npm ci` in examples/cdk.

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
  // AWS sets it; the library takes it for its physical ids.
  process.env.AWS_LAMBDA_LOG_GROUP_NAME ??= '/aws/lambda/predecessor';
  // A bundle is read where it lies, as Lambda reads it in its start.
  const { handler, external } = require(entryPoint);
  external.userHandlerIndex = bundle;
  require(bundle);
  let url;
  // The entry point speaks to port 443 alone.
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
