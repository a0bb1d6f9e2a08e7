/** Tests that users load nothing that only the developers of Rill need. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

const dist = fileURLToPath(new URL('../frontend/dist/', import.meta.url));

test('the built page has none of the stories of /dev/states', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.js'),
  );
  expect(files.length).toBeGreaterThan(3);
  const source = files.map((path) => readFileSync(join(dist, path), 'utf8')).join('\n');
  expect(source).toContain('Queued messages');
  expect(source).not.toContain('How do tides work?');
  expect(source).not.toContain('dev/states');
});
