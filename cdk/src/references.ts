import { CfnResource, IResolvable, Reference, Token, Tokenization } from 'aws-cdk-lib';
import { REFS } from './generated/declarations';
import { Schema } from './problems';

const SCOPE = 'us-east-1:123456789012';
const APP_INSTANCE = `arn:aws:chime:${SCOPE}:app-instance/8d1e9c52`;
const USER = `${APP_INSTANCE}/user/ann`;
const BOT = `${APP_INSTANCE}/bot/b0b`;
const CHANNEL = `${APP_INSTANCE}/channel/lobby`;
const FLOW = `${APP_INSTANCE}/channel-flow/5f10a7c2`;
const STREAM = `arn:aws:kinesis:${SCOPE}:stream/chime-messaging-a`;
const FUNCTION = `arn:aws:lambda:${SCOPE}:function:filter`;
const ID = '8d1e9c52';

/** Examples of what an attribute can be, by the attributes whose name says it, of every `Custom::Chime…` type. */
const ATTRIBUTES: Record<string, readonly string[]> = {
  AppInstanceArn: [APP_INSTANCE],
  AppInstanceUserArn: [USER],
  AppInstanceBotArn: [BOT],
  AppInstanceAdminArn: [USER, BOT],
  MemberArn: [USER, BOT],
  ChannelModeratorArn: [USER, BOT],
  ChannelArn: [CHANNEL],
  ChannelFlowArn: [FLOW],
  AppInstanceId: [ID],
  AppInstanceUserId: [ID],
  ChannelFlowId: [ID],
  ChannelId: [ID],
  EndpointId: [ID],
};

/** The same of types of AWS's own: of their Ref, and of their attributes. */
const AWS_TYPES: Record<string, Record<string, readonly string[]>> = {
  'AWS::Chime::AppInstance': both(APP_INSTANCE),
  'AWS::Chime::AppInstanceUser': both(USER),
  'AWS::Chime::AppInstanceBot': both(BOT),
  // Its Ref is the ARN and the bearer, with a bar between them.
  'AWS::Chime::Channel': { Ref: [`${CHANNEL}|${USER}`], Arn: [CHANNEL] },
  'AWS::Chime::ChannelFlow': both(FLOW),
  'AWS::Kinesis::Stream': { Ref: [ID], Arn: [STREAM] },
  'AWS::Lambda::Function': { Ref: [ID], Arn: [FUNCTION] },
};

function both(arn: string): Record<string, readonly string[]> {
  return { Ref: [arn], Arn: [arn] };
}

/** Examples of what an attribute, or Ref, of a `Custom::Chime…` type can be. */
function examplesOf(type: string, attribute: string): readonly string[] | undefined {
  const ref = REFS[type];
  if (!ref) return undefined;
  if (attribute === 'Ref') return [ref.replace(/<([^>]+)>/g, (_, name) => ATTRIBUTES[name]?.[0] ?? ID)];
  // Some types have their ARN under this name too.
  return ATTRIBUTES[attribute === 'Arn' ? `${type.replace('Custom::Chime', '')}Arn` : attribute];
}

/**
 * Every problem of unresolved properties that lies in what they refer to: an attribute of a construct, of this stack or of another, whose
 * type tells that it does not fit.
 */
export function misfitsOf(value: unknown, schema: Schema, name = ''): string[] {
  if (typeof value === 'string') {
    const problem = misfit(value, schema);
    return problem ? [`${name} ${problem}`] : [];
  }
  if (Token.isUnresolved(value) || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, at) => misfitsOf(item, schema.items ?? { type: 'string' }, `${name}[${at}]`));
  return Object.entries(schema.properties ?? {}).flatMap(([property, its]) =>
    misfitsOf((value as Record<string, unknown>)[property], its, name ? `${name}.${property}` : property),
  );
}

function misfit(value: string, { pattern, patternErrorMessage }: Schema): string | undefined {
  const tokens = Tokenization.reverseString(value);
  const token: IResolvable | undefined = tokens.length === 1 ? tokens.firstToken : undefined;
  if (!pattern || !token || !Reference.isReference(token) || !CfnResource.isCfnResource(token.target)) return undefined;
  const { cfnResourceType, node } = token.target;
  const examples = AWS_TYPES[cfnResourceType]?.[token.displayName] ?? examplesOf(cfnResourceType, token.displayName);
  if (!examples || examples.some((example) => new RegExp(pattern, 'u').test(example))) return undefined;
  // The construct that an app's author wrote is the one around it.
  return `${patternErrorMessage}, not the ${token.displayName} of ${node.path.replace(/\/(Default|Resource(\/Default)?)$/, '')}`;
}
