// Writes test/snippets: the TypeScript of cdk-amazon-chime-resources' own documents, as it is, with the import changed.

const fs = require('node:fs');
const path = require('node:path');

const documents = path.join(__dirname, '..', 'node_modules', 'cdk-amazon-chime-resources');
const output = path.join(__dirname, 'snippets');

/** The blocks of TypeScript in a document, those in a quotation too. */
function blocks(document) {
  const text = fs.readFileSync(path.join(documents, document), 'utf8').replace(/^> ?/gm, '');
  return [...text.matchAll(/^```typescript\n(.*?)^```/gms)].map(([, block]) => block);
}

/** A stack whose constructor is made of the blocks. */
function stack(name, imports, before, document) {
  return `// From ${document} of cdk-amazon-chime-resources.
import { randomUUID as uuidv4 } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import ${imports} from 'chime-messaging-resources';

export class ${name} extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    ${before}
${blocks(document).join('\n')}
  }
}
`;
}

const stream = `const kinesisStream = new kinesis.Stream(this, 'kinesisStream', { streamName: 'chime-messaging-stream' });`;
const written = {
  'messaging-resources.ts': stack('MessagingResources', '* as chime', '', 'MESSAGINGRESOURCES.MD'),
  'readme.ts': stack('Readme', '{ MessagingAppInstance, MessagingDataType }', stream, 'README.md'),
};
fs.mkdirSync(output, { recursive: true });
for (const [name, text] of Object.entries(written)) {
  fs.writeFileSync(path.join(output, name), text);
}
