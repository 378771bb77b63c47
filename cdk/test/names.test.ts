import * as chime from 'chime-messaging-resources';
import { readFileSync } from 'node:fs';

const TYPES: Record<string, any> = JSON.parse(readFileSync('.jsii', 'utf8')).types;
const NAMES = Object.values(TYPES).map((type) => type.name);

test('no name is too long to be read', () => {
  expect(NAMES.filter((name) => name.length > 44)).toEqual([]);
});

test('no name of the package is one that an app has for its own things', () => {
  expect(NAMES.filter((name) => ['Configuration', 'Lambda'].includes(name))).toEqual([]);
});

test('what is exported is what other languages see', () => {
  expect(Object.keys(chime).filter((name) => !NAMES.includes(name))).toEqual([]);
});

test('the members of an enum are the values of Chime', () => {
  const members = Object.values(TYPES).flatMap((type) => (type.members ?? []).map((member: any) => member.name));
  expect(members.filter((member) => member.includes('UNDERSCORE'))).toEqual([]);
  expect(chime.ChimeChannelExpirationCriterion.LAST_MESSAGE_TIMESTAMP).toBe('LAST_MESSAGE_TIMESTAMP');
  expect(chime.ChimeAppInstanceUserEndpointType.APNS_SANDBOX).toBe('APNS_SANDBOX');
});
