import { fileURLToPath } from 'node:url';
import { weighPage } from './support/pageWeight.ts';
import { expect, test } from './support/rillTest.ts';

const dist = fileURLToPath(new URL('../frontend/dist/', import.meta.url));
const limitBytes = 70 * 1024;

test('the scripts of the first load stay under 70 KB gzipped', () => {
  const scripts = weighPage(dist).filter(({ name, isInitial }) => isInitial && name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts.reduce((sum, { gzippedBytes }) => sum + gzippedBytes, 0)).toBeLessThan(limitBytes);
});
