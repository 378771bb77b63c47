// Writes src/generated: a class for each schema of ../schemas, and what the provider takes from ../template.yaml.
//
// Nothing of it is stated twice: a new type, property or limit of the function is here with the next build.

const fs = require('node:fs');
const path = require('node:path');
const { TypeGenerator } = require('json2jsii');
const yaml = require('yaml');

const project = path.join(__dirname, '..');
const output = path.join(__dirname, 'src', 'generated');

/** What each type takes beside its own properties: src/chime-resource.ts has it, in the manner of CDK. */
const COMMON = ['ServiceToken', 'ServiceTimeout', 'ClientRequestToken', 'Tags'];

function main() {
  fs.rmSync(output, { recursive: true, force: true });
  fs.mkdirSync(output, { recursive: true });
  const index = [];
  const schemas = [];
  for (const file of fs.readdirSync(path.join(project, 'schemas')).sort()) {
    const schema = JSON.parse(fs.readFileSync(path.join(project, 'schemas', file), 'utf8'));
    schemas.push(schema);
    const name = schema.typeName.replace('Custom::', '');
    const module = name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
    fs.writeFileSync(path.join(output, `${module}.ts`), classOf(name, schema));
    index.push(`export * from './${module}';\n`);
  }
  fs.writeFileSync(path.join(output, 'index.ts'), index.join(''));
  fs.writeFileSync(path.join(output, 'template.ts'), template());
  fs.writeFileSync(path.join(output, 'declarations.ts'), declarations(schemas));
}

/** The source of a type's class, with its props. */
function classOf(name, schema) {
  const attributes = Object.keys(schema.attributes);
  const own = Object.entries(schema.properties).filter(([property]) => isOwn(property, schema));
  const isTagged = 'Tags' in schema.properties;
  const base = isTagged ? 'TaggedChimeResource' : 'ChimeResource';
  const required = schema.required.filter((property) => !COMMON.includes(property));
  const checked = {
    type: 'object',
    properties: Object.fromEntries(Object.entries(schema.properties).filter(([it]) => it === 'Tags' || isOwn(it, schema))),
    required,
  };
  const imports = [`import { Construct } from 'constructs';`, `import { ${base}, ${base}Props } from '../chime-resource';`];
  if (attributes.some((attribute) => isNumber(schema.properties[attribute]))) {
    imports.unshift(`import { Token } from 'aws-cdk-lib';`);
  }
  return `${imports.join('\n')}

${props(name, own, required, base, schema)}
const SCHEMA = ${JSON.stringify(checked, undefined, 2)} as const;

/**
${comment(`${schema.description}\n\n\`ref\`: ${schema.ref}\n\nWhen its logical id is renamed, ${lowered(schema.rename)}`, ' ')}
 */
export class ${name} extends ${base} {
  /** The type in CloudFormation. */
  public static readonly RESOURCE_TYPE = '${schema.typeName}';

${attributes.map((attribute) => field(attribute, schema)).join('\n')}
  constructor(scope: Construct, id: string, props: ${name}Props${required.length ? '' : ' = {}'}) {
    super(scope, id, { resourceType: ${name}.RESOURCE_TYPE, properties: toJson_${name}Props(props)!, schema: SCHEMA, props });
${attributes.map((attribute) => `    this.${camel(attribute)} = ${value(attribute, schema)};\n`).join('')}  }
}
`;
}

/** Whether a property of the schema is one that the type alone has, and that a template may state. */
function isOwn(property, schema) {
  return !COMMON.includes(property) && !schema.readOnlyProperties.includes(`/properties/${property}`);
}

function isNumber(schema) {
  return [schema.type].flat().includes('integer');
}

function field(attribute, schema) {
  const type = isNumber(schema.properties[attribute]) ? 'number' : 'string';
  return `  /** ${schema.attributes[attribute]} */\n  public readonly ${camel(attribute)}: ${type};\n`;
}

function value(attribute, schema) {
  const isNumeric = isNumber(schema.properties[attribute]);
  return isNumeric ? `Token.asNumber(this.getAtt('${attribute}'))` : `this.getAttString('${attribute}')`;
}

/** The source of a type's props, and of the structs and enums in them. */
function props(name, own, required, base, schema) {
  const definitions = {};
  const properties = own.map(([property, its]) => {
    const replaces = schema.createOnlyProperties.includes(`/properties/${property}`);
    return [property, typed(its, nested(name, property), name, definitions, replaces)];
  });
  const generator = new TypeGenerator({ definitions });
  generator.emitType(`${name}Props`, {
    type: 'object',
    description: `The props of \`${name}\`.`,
    properties: Object.fromEntries(properties),
    required,
  });
  return (
    generator
      .render()
      .replace(`export interface ${name}Props {`, `export interface ${name}Props extends ${base}Props {`)
      // json2jsii spells out what it takes for no part of a name.
      .replaceAll(/\b[A-Z0-9_]+_UNDERSCORE_[A-Z0-9_]+\b/g, (member) => member.replaceAll('_UNDERSCORE_', '_'))
      // Users of the library have the classes.
      .replaceAll('export function toJson_', 'function toJson_')
      .replaceAll(/^\/\* eslint.*\n/gm, '')
      .replaceAll(/^ *\* @schema .*\n( *\*\n)?/gm, '')
      .replaceAll(/( *\*\n)(?= *\*\/)/g, '')
  );
}

/**
 * The schema as json2jsii takes it, where nothing is nested: what is becomes a definition under a name of its own.
 *
 * The names in it begin with `base`: the name of the class, or of the nearest item of a list. What lies between is left out.
 */
function typed(schema, name, base, definitions, replaces = false) {
  const description = described(schema, replaces);
  if (schema.type === 'array') {
    const item = name.replace(/s$/, '');
    return { type: 'array', description, items: typed(schema.items, item, item, definitions) };
  }
  if (schema.type === 'object') {
    const properties = Object.entries(schema.properties);
    define(definitions, name, {
      type: 'object',
      description: schema.description,
      properties: Object.fromEntries(
        properties.map(([property, its]) => [property, typed(its, nested(base, property), base, definitions)]),
      ),
      required: schema.required,
    });
    return { $ref: `#/definitions/${name}`, description };
  }
  if (schema.enum) {
    define(definitions, name, { type: 'string', description: schema.description, enum: schema.enum });
    return { $ref: `#/definitions/${name}`, description };
  }
  return { type: isNumber(schema) ? 'number' : 'string', description };
}

function define(definitions, name, definition) {
  if (name in definitions) throw new Error(`two properties would be called ${name}`);
  definitions[name] = definition;
}

/** What a struct or an enum is called that is the value of a property: words that the base ends with are not repeated. */
function nested(base, property) {
  const [before, own] = [base, property].map((name) => name.match(/[A-Z][a-z0-9]*/g));
  const shared = own.findLastIndex((_, at) => before.slice(-at - 1).join() === own.slice(0, at + 1).join());
  return base + own.slice(shared + 1).join('');
}

/** The description with its limits, which a type of TypeScript does not show. */
function described(schema, replaces) {
  const { minItems, maxItems, minimum, maximum, minLength, maxLength } = schema;
  const said = [schema.description];
  if (maxItems) said.push(`${minItems} to ${maxItems} items.`);
  if (isNumber(schema)) said.push(`${minimum} to ${maximum}.`);
  // The length of an ARN is no limit that anyone meets.
  if (minLength) said.push(`${minLength} to ${maxLength} characters.`);
  else if (minLength === 0) said.push(`At most ${maxLength} characters.`);
  if (schema.default) said.push(`${schema.default} unless given.`);
  if (replaces) said.push('A change replaces the resource.');
  return said.filter(Boolean).join(' ');
}

/** What is declared of each type: who acts as a bearer or gets the rights of one, what identifies it, and what its Ref is. */
function declarations(schemas) {
  const name = (pointer) => pointer.replace('/properties/', '');
  const acting = schemas.filter((schema) => schema.bearer).map((schema) => [schema.typeName, name(schema.bearer)]);
  const granting = schemas
    .filter((schema) => schema.authorizes)
    .map(({ typeName, authorizes, additionalIdentifiers: [identifiers] }) => {
      const within = identifiers.filter((pointer) => pointer !== authorizes).map(name);
      return [typeName, { authorizes: name(authorizes), within }];
    });
  const identified = schemas
    .filter((schema) => schema.additionalIdentifiers)
    .map(({ typeName, additionalIdentifiers: [identifiers] }) => [typeName, identifiers.map(name)]);
  // The Ref is written as a path of attributes, or described: then it is the ARN of the thing.
  const refs = schemas.map(({ typeName, ref }) => [
    typeName,
    ref.match(/^`(.*)`$/)?.[1] ?? `<${typeName.replace('Custom::Chime', '')}Arn>`,
  ]);
  const constant = (comment, name, type, entries) =>
    `/** ${comment} */\nexport const ${name}: { readonly [type: string]: ${type} | undefined } = ${JSON.stringify(Object.fromEntries(entries), undefined, 2)};\n`;
  return [
    constant('The property that names the bearer, by type.', 'BEARERS', 'string', acting),
    constant(
      'The property that names who gets the rights of a bearer, and those that say where, by type.',
      'GRANTS',
      '{ readonly authorizes: string; readonly within: readonly string[] }',
      granting,
    ),
    constant('The properties that identify a thing in Chime, by type; none where Chime chooses its id.', 'IDENTIFIERS', 'readonly string[]', identified),
    constant('What Ref gives, by type, with the names of attributes in it.', 'REFS', 'string', refs),
  ].join('\n');
}

/** What the provider is made of, so that it is the same as what the template deploys. */
function template() {
  const short = (tag, name) => ({ tag, resolve: (text) => ({ [name]: text }) });
  const list = (tag, name) => ({ tag, collection: 'seq', resolve: (items) => ({ [name]: items.toJSON() }) });
  const customTags = [
    short('!Ref', 'Ref'), short('!Sub', 'Fn::Sub'), list('!Sub', 'Fn::Sub'), short('!GetAtt', 'Fn::GetAtt'),
    list('!If', 'Fn::If'), list('!Not', 'Fn::Not'), list('!Equals', 'Fn::Equals'),
  ];
  const { Parameters, Resources, Outputs } = yaml.parse(
    fs.readFileSync(path.join(project, 'template.yaml'), 'utf8'),
    { customTags },
  );
  const name = Parameters.NamePrefix.Default;
  const content = JSON.stringify(byDefault({ Parameters, Resources, Outputs }, name), undefined, 2);
  return `/** template.yaml, which deploys the function by itself. */\nexport const TEMPLATE = ${content};\n`;
}

/** What the template says with the name of the function that it has by default, and with nothing that its parameters turn on. */
function byDefault(value, name) {
  if (Array.isArray(value)) {
    return value.map((item) => byDefault(item, name));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if (value.Ref === 'NamePrefix') {
    return name;
  }
  if (value['Fn::If']) {
    return byDefault(value['Fn::If'][2], name);
  }
  if (value['Fn::Sub']) {
    // What the values of a list stand for is the provider's to say.
    const [text] = [value['Fn::Sub']].flat().map((it) => (typeof it === 'string' ? it.replaceAll('${NamePrefix}', name) : it));
    return text.includes('${') ? { 'Fn::Sub': text } : text;
  }
  const entries = Object.entries(value).map(([key, part]) => [key, byDefault(part, name)]);
  return Object.fromEntries(entries.filter(([, part]) => part?.Ref !== 'AWS::NoValue'));
}

function camel(name) {
  return name[0].toLowerCase() + name.slice(1);
}

function lowered(sentence) {
  return sentence[0].toLowerCase() + sentence.slice(1);
}

function comment(text, indent) {
  return text
    .split('\n')
    .map((line) => `${indent}* ${line}`.trimEnd())
    .join('\n');
}

main();
