import { DependencyGroup, IConstruct } from 'constructs';

/** Who can act in an app instance and be a member of its channels: a user or a bot. */
export interface IMessagingMember extends IConstruct {
  /** The ARN of the user or bot. */
  readonly memberArn: string;
}

/** By app, the admin rights of each user and bot, by its ARN. */
const ADMIN_RIGHTS = new WeakMap<IConstruct, Map<string, DependencyGroup>>();

/**
 * What makes the user or bot an admin, in the app that the scope is in. What depends on it waits for the admins that are added later as
 * well. Nothing is in it for somebody who is no admin.
 */
export function adminRightsOf(scope: IConstruct, memberArn: string): DependencyGroup {
  return groupOf(ADMIN_RIGHTS, scope.node.root, memberArn);
}

/** The group of the ARN, which begins empty. */
export function groupOf(groups: WeakMap<IConstruct, Map<string, DependencyGroup>>, owner: IConstruct, arn: string): DependencyGroup {
  const known = groups.get(owner) ?? new Map<string, DependencyGroup>();
  groups.set(owner, known);
  const group = known.get(arn) ?? new DependencyGroup();
  known.set(arn, group);
  return group;
}
