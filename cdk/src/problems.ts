/** A schema as the generator writes it, of schemas/. */
export interface Schema {
  readonly type: string | readonly string[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** What the function says of a text that does not match the pattern. */
  readonly patternErrorMessage?: string;
}

/** How much of a wrong value is repeated, in characters: all of an ARN, whose end says what it names. */
const SHOWN = 60;
const SHOWN_OF_AN_ARN = 256;

/**
 * Every problem of resolved properties, in the function's own words. What only CloudFormation knows, the value of an intrinsic function
 * or of a dynamic reference, is none.
 */
export function problemsOf(value: unknown, schema: Schema, name = ''): string[] {
  if (isUnknown(value)) return [];
  if (schema.type === 'object') return ofMap(value, schema, name);
  if (schema.type === 'array') return ofList(value, schema, name);
  const problem = schema.enum ? ofChoice(value, schema.enum) : schema.type === 'string' ? ofText(value, schema) : ofWhole(value, schema);
  return problem ? [`${name} ${problem}`] : [];
}

/** Whether only CloudFormation knows the value. */
export function isUnknown(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('{{resolve:');
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0].startsWith('Fn::'));
}

function ofMap(value: unknown, schema: Schema, name: string): string[] {
  const properties = schema.properties!;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${name} must be a map of ${Object.keys(properties).join(', ')}, not ${shown(value)}`];
  }
  const within = (property: string) => (name ? `${name}.${property}` : property);
  const given = value as Record<string, unknown>;
  const stated = Object.keys(properties).filter((property) => given[property] !== undefined);
  const wrong = stated.flatMap((property) => problemsOf(given[property], properties[property], within(property)));
  const left = (schema.required ?? []).filter((property) => given[property] === undefined);
  return [...wrong, ...left.map((property) => `${within(property)} is required`)];
}

function ofList(value: unknown, schema: Schema, name: string): string[] {
  const { minItems = 0, maxItems = Infinity, items } = schema;
  const wanted = `${name} must be a list of ${minItems} to ${maxItems} items`;
  if (!Array.isArray(value)) return [`${wanted}, not ${shown(value)}`];
  const wrong = value.flatMap((item, at) => problemsOf(item, items!, `${name}[${at}]`));
  return value.length < minItems || value.length > maxItems ? [...wrong, `${wanted}, it has ${value.length}`] : wrong;
}

function ofChoice(value: unknown, choices: readonly string[]): string | undefined {
  return choices.includes(value as string) ? undefined : `must be ${choices.join(' or ')}, not ${shown(value)}`;
}

function ofWhole(value: unknown, { minimum = 0, maximum = Infinity }: Schema): string | undefined {
  const number = typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value;
  const fits = Number.isInteger(number) && (number as number) >= minimum && (number as number) <= maximum;
  return fits ? undefined : `must be a whole number from ${minimum} to ${maximum}, not ${shown(value)}`;
}

function ofText(value: unknown, { minLength = 0, maxLength, pattern, patternErrorMessage = '' }: Schema): string | undefined {
  // Chime counts characters, of which some are two to JavaScript.
  const length = typeof value === 'string' ? [...value].length : undefined;
  const fits = length !== undefined && length >= minLength && length <= (maxLength ?? Infinity);
  if (fits && (!pattern || new RegExp(pattern, 'u').test(value as string))) return undefined;
  if (patternErrorMessage.startsWith('must be ')) {
    // It names all that the text has to be. Device tokens only have to be one line: as they are secrets, none is repeated.
    return patternErrorMessage.endsWith('on one line') ? patternErrorMessage : `${patternErrorMessage}, not ${shown(value)}`;
  }
  if (fits) return patternErrorMessage;
  if (minLength) return `must be text of ${minLength} to ${maxLength} characters, not ${shown(value)}`;
  if (length !== undefined) return `must be at most ${maxLength} characters, it has ${length}`;
  return maxLength ? 'must be text; a map has to be written as a JSON string' : `must be text, not ${shown(value)}`;
}

/** A wrong value as a message repeats it. */
function shown(value: unknown): string {
  if (typeof value === 'string') {
    const limit = value.startsWith('arn:') ? SHOWN_OF_AN_ARN : SHOWN;
    return JSON.stringify(value.length > limit ? `${value.slice(0, limit)}…` : value);
  }
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map';
  return String(value);
}
