import { Annotations, CfnResource, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { BEARERS, GRANTS } from './generated/declarations';

/** A resource as its stack's template states it. */
interface Stated {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string | string[];
  readonly Properties?: { readonly [name: string]: unknown };
}

/** A resource that makes a user or bot an admin or a moderator. */
interface Grant {
  readonly logicalId: string;
  readonly bearer: string;
  /** What the rights are for, by property; nothing for the whole app instance. */
  readonly scope: { readonly [name: string]: string };
}

/** The stacks that are looked at when their app is synthesized. */
const WATCHED = new WeakSet<Stack>();

/**
 * Warns where a construct of the stack acts as a user or bot that another one makes an admin or a moderator, and does not wait for that.
 *
 * A construct is not warned of if it depends on one that is: it waits as soon as that one does. What is under a condition is left alone.
 */
export function warnOfMissingDependencies(stack: Stack): void {
  if (WATCHED.has(stack)) return;
  WATCHED.add(stack);
  // Only now is everything there that CloudFormation gets: the references, and what other constructs have made dependencies of.
  stack.node.addValidation({ validate: () => (warn(stack), []) });
}

function warn(stack: Stack): void {
  const elements = stack.node.findAll().filter((node): node is CfnResource => CfnResource.isCfnResource(node) && node.stack === stack);
  const constructs = new Map(elements.map((element) => [stack.resolve(element.logicalId) as string, element]));
  const template = new Template(new Map([...constructs].flatMap(([logicalId, element]) => stated(stack, logicalId, element))));
  for (const [logicalId, grant] of template.missing()) {
    // People know the construct, not the resource in it.
    const construct = (element?: CfnResource): IConstruct | undefined => element?.node.scope ?? element;
    const [acting, granting] = [construct(constructs.get(logicalId)), construct(constructs.get(grant))];
    if (!acting || !granting) continue;
    Annotations.of(acting).addWarningV2(
      'chime-messaging-resources:missingDependency',
      `The chimeBearer gets its rights from ${granting.node.path}, and nothing puts that first: add node.addDependency(${granting.node.id})`,
    );
  }
}

/** The resource of an element, by its logical id, unless it is under a condition. */
function stated(stack: Stack, logicalId: string, element: CfnResource): [string, Stated][] {
  // What the stack itself puts into its template.
  const fragment = (element as unknown as { _toCloudFormation(): unknown })._toCloudFormation();
  const resource: Stated | undefined = stack.resolve(fragment)?.Resources?.[logicalId];
  return resource && !resource.Condition ? [[logicalId, resource]] : [];
}

class Template {
  constructor(private readonly resources: Map<string, Stated>) {}

  /** The logical id of each resource that should depend on another one, with that one. */
  missing(): [string, string][] {
    const grants = [...this.resources.keys()].flatMap((logicalId) => this.grant(logicalId));
    const found = [...this.resources.keys()].flatMap((logicalId) => this.missingOf(logicalId, grants));
    return found.filter(([logicalId, grant]) => {
      const before = this.before(logicalId);
      return !found.some(([other, its]) => its === grant && before.has(other));
    });
  }

  private grant(logicalId: string): Grant[] {
    const given = GRANTS[this.resources.get(logicalId)!.Type];
    const bearer = given && this.property(logicalId, given.authorizes);
    if (!bearer) return [];
    const scope = given.within.map((name) => [name, this.property(logicalId, name)]);
    return scope.every(([, text]) => text) ? [{ logicalId, bearer, scope: Object.fromEntries(scope) }] : [];
  }

  private missingOf(logicalId: string, grants: readonly Grant[]): [string, string][] {
    const name = BEARERS[this.resources.get(logicalId)!.Type];
    const bearer = name && this.property(logicalId, name);
    const usable = grants.filter(
      (grant) =>
        grant.bearer === bearer &&
        grant.logicalId !== logicalId &&
        Object.entries(grant.scope).every(([property, text]) => this.property(logicalId, property) === text) &&
        !this.before(grant.logicalId).has(logicalId),
    );
    const before = this.before(logicalId);
    if (!usable.length || usable.some((grant) => before.has(grant.logicalId))) return [];
    // An admin may do more than a moderator.
    const admin = usable.find((grant) => !Object.keys(grant.scope).length) ?? usable[0];
    return [[logicalId, admin.logicalId]];
  }

  /** What CloudFormation makes before a resource, because of references and DependsOn. */
  private before(logicalId: string): Set<string> {
    const before = new Set<string>();
    const pending = [logicalId];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const resource = this.resources.get(next);
      for (const name of [...references(resource), ...[resource?.DependsOn ?? []].flat()]) {
        if (this.resources.has(name) && !before.has(name)) {
          before.add(name);
          pending.push(name);
        }
      }
    }
    return before;
  }

  private property(logicalId: string, name: string): string | undefined {
    const value = this.resources.get(logicalId)?.Properties?.[name];
    return value === undefined ? undefined : this.text(value, [logicalId]);
  }

  /** The text that a value comes to: values with the same text are the same once they are deployed. What is not known is `${…}` in it. */
  private text(value: unknown, reading: readonly string[]): string | undefined {
    if (typeof value !== 'object' || value === null) return String(value);
    const [[name, argument] = ['', undefined], ...more] = Object.entries(value);
    if (Array.isArray(value) || more.length || name === 'Fn::If') return undefined;
    if (name === 'Ref') return this.read(argument, undefined, reading);
    if (name === 'Fn::GetAtt') return this.read(argument[0], argument[1], reading);
    // CDK writes texts with references in them as an Fn::Join.
    if (name === 'Fn::Join' && Array.isArray(argument[1])) {
      const parts = (argument[1] as unknown[]).map((part) => this.text(part, reading));
      return parts.includes(undefined) ? undefined : parts.join(argument[0]);
    }
    return `\${${JSON.stringify(value)}}`;
  }

  /** The text of what a reference gives. */
  private read(logicalId: string, attribute: string | undefined, reading: readonly string[]): string {
    const { Type, Properties = {} } = this.resources.get(logicalId) ?? { Type: '' };
    const noun = Type.replace('Custom::Chime', '');
    if (Type !== noun && !reading.includes(logicalId)) {
      const within = [...reading, logicalId];
      if (attribute === undefined || (attribute === `${noun}Arn` && !(attribute in Properties))) {
        return this.arn(noun, Properties, within) ?? `\${${logicalId}}`;
      }
      // An attribute with the name of a property gives what the property states.
      const text = attribute in Properties ? this.text(Properties[attribute], within) : undefined;
      if (text) return text;
    }
    return attribute === undefined ? `\${${logicalId}}` : `\${${logicalId}.${attribute}}`;
  }

  /** The ARN of a user or channel whose id the template states. */
  private arn(noun: string, properties: { readonly [name: string]: unknown }, reading: readonly string[]): string | undefined {
    const path = { AppInstanceUser: ['user', 'AppInstanceUserId'], Channel: ['channel', 'ChannelId'] }[noun];
    const [appInstance, id] = ['AppInstanceArn', path?.[1] ?? ''].map((name) => name in properties && this.text(properties[name], reading));
    return path && appInstance && id ? `${appInstance}/${path[0]}/${id}` : undefined;
  }
}

/** The logical ids that a value refers to. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    if (name === 'Ref') return [part as string];
    if (name === 'Fn::GetAtt') return [[part].flat()[0].split('.')[0]];
    const text = name === 'Fn::Sub' ? [part].flat()[0] : undefined;
    const inText = typeof text === 'string' ? [...text.matchAll(/\$\{([A-Za-z0-9]+)/g)].map((match) => match[1]) : [];
    return [...inText, ...references(part)];
  });
}
