import { Aws, Token } from 'aws-cdk-lib';
import { TEMPLATE } from './generated/template';

/** A statement of template.yaml, in which `${Region}` stands for the region of the Chime calls. */
type Statement = { readonly Resource: string | { readonly 'Fn::Sub': string } };

/** Why the role has wildcards, by the policy. */
const WILDCARDS: Record<string, string> = {
  Log: 'The streams of the function\'s own log group, whose names Lambda makes up.',
  Chime: 'App instances and what is in them, whose ids Chime makes up. The three creates with "*" know no resource.',
  Push: 'The push applications that endpoints name, whose ids AWS makes up.',
  Streaming: 'The streams that Chime may write to: their names begin with chime-messaging-.',
};

/** What cdk-nag says of the role, `AwsSolutions-IAM5`, and why it is so. */
export function wildcardsOf(policyName: string, chimeRegion: string, logGroupId: string): { readonly id: string; readonly reason: string }[] {
  const region = Token.isUnresolved(chimeRegion) ? '<AWS::Region>' : chimeRegion;
  const texts = rawStatementsOf(policyName).map(({ Resource }) => (typeof Resource === 'string' ? Resource : Resource['Fn::Sub']));
  return texts
    .filter((text) => text.includes('*'))
    .map((text) => text.replace('${Region}', region).replace('LogGroup', logGroupId).replace(/\$\{(.*?)\}/g, '<$1>'))
    .map((text) => ({ id: `AwsSolutions-IAM5[Resource::${text}]`, reason: WILDCARDS[policyName] }));
}

function rawStatementsOf(policyName: string): readonly Statement[] {
  return TEMPLATE.Resources.Role.Properties.Policies.find(({ PolicyName }) => PolicyName === policyName)!.PolicyDocument.Statement;
}

/**
 * The statements of a policy of template.yaml, as a CDK app writes them.
 *
 * @param policyName The name of the policy.
 * @param chimeRegion The region of the Chime calls.
 * @param logGroupArn The ARN of the function's log group. Only the policy Log names it.
 */
export function statementsOf(policyName: string, chimeRegion: string, logGroupArn = ''): object[] {
  const values = {
    'LogGroup.Arn': logGroupArn,
    'AWS::Partition': Aws.PARTITION,
    'AWS::AccountId': Aws.ACCOUNT_ID,
    Region: chimeRegion,
  };
  return rawStatementsOf(policyName).map((statement) => {
    const { Resource } = statement;
    if (typeof Resource === 'string') return statement;
    const text = Object.entries(values).reduce((it, [name, value]) => it.replace(`\${${name}}`, value), Resource['Fn::Sub']);
    return { ...statement, Resource: text };
  });
}
