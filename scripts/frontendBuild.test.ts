/** When the page counts as out of date. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isFrontendFresh } from './frontendBuild.ts';

let root: string;

function write(path: string, atSeconds: number): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), '');
  utimesSync(join(root, path), atSeconds, atSeconds);
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder))
    utimesSync(join(root, folder), 1, 1);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rill-build-'));
  write('frontend/src/lib/view/View.svelte', 100);
  write('protocol/src/index.ts', 100);
});
afterEach(() => rmSync(root, { recursive: true }));

test('a page that was never built is out of date', () => {
  expect(isFrontendFresh(root)).toBe(false);
});

test('a page built after its inputs is fresh', () => {
  write('frontend/dist/index.html', 200);
  expect(isFrontendFresh(root)).toBe(true);
});

test.each([
  'frontend/src/lib/view/View.svelte',
  'protocol/src/new.ts',
  'client/src/index.ts',
  'package-lock.json',
])('a later change of %s makes it out of date', (path) => {
  write('frontend/dist/index.html', 200);
  write(path, 300);
  expect(isFrontendFresh(root)).toBe(false);
});

test('a changed test does not rebuild the page', () => {
  write('frontend/dist/index.html', 200);
  write('frontend/src/lib/view/view.test.ts', 300);
  expect(isFrontendFresh(root)).toBe(true);
});

test('a deleted input makes it out of date', () => {
  write('frontend/dist/index.html', 200);
  rmSync(join(root, 'frontend/src/lib/view/View.svelte'));
  expect(isFrontendFresh(root)).toBe(false);
});
