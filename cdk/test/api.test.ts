import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

test('API.md is what jsii-docgen writes: npm run docs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  const written = join(folder, 'API.md');
  execFileSync('node_modules/.bin/jsii-docgen', ['--language', 'typescript', '--output', written]);
  const current = readFileSync(written, 'utf8');
  rmSync(folder, { recursive: true });
  // Not toBe: the difference of two texts of half a megabyte would take minutes.
  expect(readFileSync('API.md', 'utf8') === current).toBe(true);
}, 120_000);
