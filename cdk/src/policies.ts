import { Aws } from 'aws-cdk-lib';
import { TEMPLATE } from './generated/template';

/** A statement of template.yaml, in which `${Region}` stands for the region of the Chime calls. */
type Statement = { readonly Resource: string | { readonly 'Fn::Sub': string } };

/**
 * The statements of a policy of template.yaml, as a CDK app writes them.
 *
 * @param policyName The name of the policy.
 * @param chimeRegion The region of the Chime calls.
 * @param logGroupArn The ARN of the function's log group. Only the policy Log names it.
 */
export function statementsOf(policyName: string, chimeRegion: string, logGroupArn = ''): object[] {
  const { Policies } = TEMPLATE.Resources.Role.Properties;
  const policy = Policies.find(({ PolicyName }) => PolicyName === policyName)!;
  const statements: readonly Statement[] = policy.PolicyDocument.Statement;
  const values = {
    'LogGroup.Arn': logGroupArn,
    'AWS::Partition': Aws.PARTITION,
    'AWS::AccountId': Aws.ACCOUNT_ID,
    Region: chimeRegion,
  };
  return statements.map((statement) => {
    const { Resource } = statement;
    if (typeof Resource === 'string') return statement;
    const text = Object.entries(values).reduce((it, [name, value]) => it.replace(`\${${name}}`, value), Resource['Fn::Sub']);
    return { ...statement, Resource: text };
  });
}
