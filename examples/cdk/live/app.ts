import { App, Duration } from 'aws-cdk-lib';
import { LiveStack } from './live-stack';
import { moveInPlace, takeOver } from './move-in-place';

const app = new App();
const stack = new LiveStack(app, 'MessagingLive');

// The first deployment puts the function in the place of the library's: cdk deploy -c code=FUNCTION.zip
const code = app.node.tryGetContext('code');
if (code) {
  moveInPlace(stack, { code, architecture: app.node.tryGetContext('architecture') ?? 'x86_64' });
}

// The second lets it take everything over: cdk deploy -c code=FUNCTION.zip -c takeOver=true
if (app.node.tryGetContext('takeOver')) {
  takeOver(stack, Duration.minutes(10));
}
