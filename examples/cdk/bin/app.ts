import { App } from 'aws-cdk-lib';
import { ConstructsStack } from '../lib/constructs-stack';
import { PlainStack } from '../lib/plain-stack';

const app = new App();
new ConstructsStack(app, 'MessagingConstructs');
new PlainStack(app, 'MessagingPlain');
