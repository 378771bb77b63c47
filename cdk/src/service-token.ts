import { Fn } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { TEMPLATE } from './generated/template';

/** The name under which template.yaml exports the function's ARN, and a shared provider as well. */
export const EXPORT_NAME = TEMPLATE.Outputs.ServiceToken.Export.Name;

/** The function's ARN by the scope that it serves. */
const SERVED = new WeakMap<IConstruct, string>();

/** From now on the function serves what is in the scope. */
export function serve(scope: IConstruct, serviceToken: string): void {
  SERVED.set(scope, serviceToken);
}

/** The function that serves the scope, by the nearest scope around it; otherwise the account's own. */
export function serviceTokenFor(scope: IConstruct): string {
  const served = scope.node.scopes.reverse().find((it) => SERVED.has(it));
  return served ? SERVED.get(served)! : Fn.importValue(EXPORT_NAME);
}
