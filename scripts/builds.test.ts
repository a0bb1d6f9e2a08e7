/** Tests when the page and the server count as out of date, and that every named input exists. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builds, isFresh } from './builds.js';
import { inRepository } from './repositoryRoot.ts';

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
  write('backend/src/runs/execute/executeRun.ts', 100);
  write('protocol/src/index.ts', 100);
});
afterEach(() => rmSync(root, { recursive: true }));

describe.each([
  {
    name: 'page',
    build: builds.page,
    source: 'frontend/src/lib/view/View.svelte',
    others: ['protocol/src/new.ts', 'client/src/index.ts', 'package-lock.json', 'frontend/markBuild.ts'],
    foreign: 'backend/src/runs/execute/executeRun.ts',
  },
  {
    name: 'server',
    build: builds.server,
    source: 'backend/src/runs/execute/executeRun.ts',
    others: ['protocol/src/new.ts', 'simulator/src/index.ts', 'package-lock.json', 'backend/vite.config.ts'],
    foreign: 'frontend/src/lib/view/View.svelte',
  },
])('the $name', ({ build, source, others, foreign }) => {
  test('is out of date when it was never built', () => {
    expect(isFresh(build, root)).toBe(false);
  });

  test('is fresh when it was built after its inputs', () => {
    write(build.output, 200);
    expect(isFresh(build, root)).toBe(true);
  });

  test.each([source, ...others])('is out of date after a later change of %s', (path) => {
    write(build.output, 200);
    write(path, 300);
    expect(isFresh(build, root)).toBe(false);
  });

  test('is out of date when an input was deleted', () => {
    write(build.output, 200);
    rmSync(join(root, source));
    expect(isFresh(build, root)).toBe(false);
  });

  test.each([
    ['a test', source.replace(/\.\w+$/, '.test.ts')],
    ['a helper of its tests', `${build.folder}/test/helper.ts`],
    ['an unfinished build', `${build.folder}/.builds/new-1/main.cjs`],
    ['what it is not made from', foreign],
  ])('is not built again for %s', (_, path) => {
    write(build.output, 200);
    write(path, 300);
    expect(isFresh(build, root)).toBe(true);
  });

  test('names no input that does not exist', () => {
    expect(build.otherInputs.filter((input) => !existsSync(inRepository(input)))).toEqual([]);
  });
});
