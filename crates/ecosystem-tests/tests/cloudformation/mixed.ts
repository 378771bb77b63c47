// A stack with messaging constructs of the library, another of its constructs, a foreign custom resource, and nested stacks.
import { App, CustomResource, NestedStack, Stack } from 'aws-cdk-lib';
import * as chime from 'cdk-amazon-chime-resources';
import { useChimeMessagingResources } from './lib/use-chime-messaging-resources';

const stack = new Stack(new App(), 'Mixed');
useChimeMessagingResources(stack);

new chime.MessagingAppInstance(stack, 'appInstance', { name: 'Chat' }).retention(2);
new CustomResource(stack, 'theirs', { serviceToken: 'arn:theirs', properties: { resourceType: 'AppInstance' } });
new chime.KinesisVideoStreamPool(stack, 'pool', {
  poolName: 'pool',
  streamConfiguration: { region: 'us-east-1', dataRetentionInHours: 1 },
});

const told = new NestedStack(stack, 'told');
useChimeMessagingResources(told);
new chime.MessagingAppInstance(told, 'appInstance', { name: 'Told' });

const untold = new NestedStack(stack, 'other');
new chime.MessagingAppInstance(untold, 'appInstance', { name: 'Untold' });
