import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/** What synthesis says against a stack. */
export function refused(fill: (stack: Stack) => void): string {
  const stack = new Stack();
  fill(stack);
  try {
    Template.fromStack(stack);
  } catch (error) {
    return String(error);
  }
  return '';
}
