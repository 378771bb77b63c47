import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CustomResource, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import * as library from 'cdk-amazon-chime-resources';
import * as chime from 'chime-messaging-resources';

const zip = join(mkdtempSync(join(tmpdir(), 'live-stacks-')), 'bootstrap.zip');
writeFileSync(zip, 'not run here');

/** A stack as somebody has it: with messaging, in a nested stack too, and with other custom resources of the same type. */
function liveStack() {
  const stack = new Stack(new App(), 'Live');
  new library.MessagingAppInstance(stack, 'Instance', { name: 'Chat' }).retention(2);
  new CustomResource(stack, 'Theirs', { serviceToken: 'arn:theirs', properties: { resourceType: 'AppInstance' } });
  new library.KinesisVideoStreamPool(stack, 'Pool', { streamConfiguration: { region: 'us-east-1', dataRetentionInHours: 1 } });
  const nested = new NestedStack(stack, 'Nested');
  new library.MessagingAppInstance(nested, 'Instance', { name: 'Nested' });
  return { stack, nested };
}

type Resource = { Type: string; Properties: Record<string, unknown> };

function resources(stack: Stack): Record<string, Resource> {
  return Template.fromStack(stack).toJSON().Resources;
}

test("the library's messaging functions are moved, in nested stacks too, and nothing else is changed", () => {
  const [before, after] = [liveStack(), liveStack()];
  chime.LiveStacks.moveInPlace(after.stack, { zip, architecture: Architecture.ARM_64 });
  for (const [old, moved] of [[before.stack, after.stack], [before.nested, after.nested]] as const) {
    const expected = resources(old);
    const found = resources(moved);
    const changed = Object.keys(found).filter((id) => JSON.stringify(found[id]) !== JSON.stringify(expected[id]));
    const own = changed.filter((id) => id.startsWith('CustomMessagingResources'));
    // The nested stack's template is another file now.
    expect(changed.filter((id) => found[id].Type !== 'AWS::CloudFormation::Stack').sort()).toEqual(own.sort());
    expect(own.map((id) => found[id].Type).sort()).toEqual(['AWS::IAM::Role', 'AWS::Lambda::Function']);
    const [handler] = own.map((id) => found[id]).filter((it) => it.Type === 'AWS::Lambda::Function');
    expect(handler.Properties).toMatchObject({ Runtime: 'provided.al2023', Handler: 'bootstrap', Architectures: ['arm64'] });
  }
});

test('all messaging resources are taken over, and no other custom resource', () => {
  const { stack, nested } = liveStack();
  chime.LiveStacks.takeOver(stack, Duration.minutes(10));
  const timeouts = [stack, nested].flatMap((it) =>
    Object.values(resources(it))
      .filter((resource) => resource.Type === 'AWS::CloudFormation::CustomResource')
      .map((resource) => [String(resource.Properties.resourceType), resource.Properties.ServiceTimeout]),
  );
  expect(timeouts.sort()).toEqual([
    ['AppInstance', undefined],
    ['AppInstance', 600],
    ['AppInstance', 600],
    ['DataRetention', 600],
    ['KinesisVideoStreamPool', undefined],
  ].sort());
});

test('a move of nothing is an error', () => {
  expect(() => chime.LiveStacks.moveInPlace(new Stack(undefined, 'Empty'), { zip })).toThrow('No stack of Empty has messaging constructs');
});
