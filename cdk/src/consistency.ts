import { IDENTIFIERS } from './generated/declarations';
import { isUnknown } from './problems';

/** Resolved properties. */
type Properties = Readonly<Record<string, unknown>>;

/** Props of Chime's calls, or of a similar type, that are resources of another type. A caller without types can pass them. */
const ELSEWHERE: Record<string, Record<string, string>> = {
  'Custom::ChimeChannel': {
    MemberArns: 'Custom::ChimeChannelMemberships',
    ModeratorArns: 'Custom::ChimeChannelModerator',
    ChannelFlowArn: 'Custom::ChimeChannelFlowAssociation',
  },
  'Custom::ChimeChannelMembership': { MemberArns: 'Custom::ChimeChannelMemberships' },
  'Custom::ChimeChannelMemberships': { MemberArn: 'Custom::ChimeChannelMembership', Preferences: 'Custom::ChimeChannelMembership' },
};

/** The properties by which a thing in Chime is one thing, and their values as a text; nothing where Chime chooses its id. */
export function identityOf(resourceType: string, properties: Properties): { readonly names: readonly string[]; readonly key: string } | undefined {
  const names = IDENTIFIERS[resourceType];
  if (!names) return undefined;
  const values = names.map((name) => properties[name]);
  if (values.includes(undefined)) return undefined;
  return { names, key: JSON.stringify([resourceType, ...values]) };
}

/** A problem for each prop that the type does not have, because another type is made for it. */
export function misplacedOf(resourceType: string, props: object): string[] {
  return Object.entries(ELSEWHERE[resourceType] ?? {})
    .filter(([name]) => (props as Properties)[name[0].toLowerCase() + name.slice(1)] !== undefined)
    .map(([name, other]) => `${name} is not a property here, use a ${other} resource instead`);
}

/** Every problem of resolved properties that are right each by itself and do not fit together, in the function's own words. */
export function conflictsOf(properties: Properties): string[] {
  return [...strangersOf(properties), ...repetitionsOf(properties), ...farOf(properties)];
}

/** What belongs to another app instance. */
function strangersOf(properties: Properties): string[] {
  const home = appInstanceOf(properties.AppInstanceArn) ?? appInstanceOf(properties.ChannelArn);
  const admin = appInstanceOf(properties.AppInstanceAdminArn);
  if (home && admin && home !== admin) {
    return [`AppInstanceArn must be ${admin}, the app instance of AppInstanceAdminArn, or be omitted`];
  }
  const others = ['ChimeBearer', 'MemberArn', 'ChannelModeratorArn', 'ChannelFlowArn'].map((name) => [name, properties[name]] as const);
  const members = list(properties.MemberArns).map((member, at) => [`MemberArns[${at}]`, member] as const);
  return [...others, ...members].flatMap(([name, value]) => {
    const own = appInstanceOf(value);
    return home && own && own !== home ? [`${name} must belong to ${home}, not to ${own}`] : [];
  });
}

/** What may be there once only. */
function repetitionsOf(properties: Properties): string[] {
  const repeated = (name: string, part: string) => {
    const values = list(properties[name]).map((item) => (item as Properties | undefined)?.[part]);
    return values.flatMap((value, at) =>
      value !== undefined && !isUnknown(value) && values.indexOf(value) < at ? [`${name}[${at}].${part} must not repeat ${value}`] : [],
    );
  };
  const members = list(properties.MemberArns).map((member) => JSON.stringify(member));
  const first = new Map<string, number>();
  const twice = members.flatMap((member, at) => {
    if (!first.has(member)) first.set(member, at);
    return first.get(member) === at ? [] : [`MemberArns[${at}] is the same as MemberArns[${first.get(member)}]`];
  });
  return [...twice, ...repeated('Processors', 'ExecutionOrder'), ...repeated('StreamingConfigurations', 'DataType')];
}

/** What is in another partition, region or account than the app instance. */
function farOf(properties: Properties): string[] {
  const home = scopeOf(properties.AppInstanceArn) ?? scopeOf(properties.AppInstanceUserArn);
  if (!home) return [];
  const isEndpoint = properties.EndpointAttributes !== undefined;
  const used: [string, unknown][] = [
    ['Configuration.Lex.LexBotAliasArn', at(properties, 'Configuration', 'Lex', 'LexBotAliasArn')],
    ...list(properties.Processors).map((processor, number): [string, unknown] => [
      `Processors[${number}].Configuration.Lambda.ResourceArn`,
      at(processor, 'Configuration', 'Lambda', 'ResourceArn'),
    ]),
    ...list(properties.StreamingConfigurations).map((configuration, number): [string, unknown] => [
      `StreamingConfigurations[${number}].ResourceArn`,
      at(configuration, 'ResourceArn'),
    ]),
    ...(isEndpoint ? [['ResourceArn', properties.ResourceArn] as [string, unknown]] : []),
  ];
  const far = used.flatMap(([name, arn]) => {
    const scope = scopeOf(arn);
    const parts = ['partition', 'region', 'account'] as const;
    return parts
      .filter((part) => scope && scope[part] !== home[part])
      .map((part) => `${name} must be in ${home[part]}, the ${part} of the app instance, not in ${scope![part]}`);
  });
  if (properties.ElasticChannelConfiguration === undefined || home.region === 'us-east-1') return far;
  return [
    ...far,
    `ElasticChannelConfiguration must be left out: elastic channels are available only in us-east-1, and the app instance is in ${home.region}`,
  ];
}

/** The app instance that an ARN of Chime's is of, if the ARN is known. */
function appInstanceOf(arn: unknown): string | undefined {
  return typeof arn === 'string' ? arn.match(/^arn:[^:]+:chime:[^:]*:[^:]*:app-instance\/[^/]+/)?.[0] : undefined;
}

function scopeOf(arn: unknown): { readonly partition: string; readonly region: string; readonly account: string } | undefined {
  const [, partition, region, account] = (typeof arn === 'string' && arn.match(/^arn:([^:]+):[^:]+:([^:]+):([^:]+):/)) || [];
  return partition ? { partition, region, account } : undefined;
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce((it, name) => (it as Properties | undefined)?.[name], value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
