/**
 * Tests that the lock file installs the same everywhere: complete for every platform, without install scripts or
 * registry addresses, with exact versions.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inRepository } from './repositoryRoot.ts';

type Names = Record<string, string>;

interface Manifest {
  workspaces?: string[];
  dependencies?: Names;
  devDependencies?: Names;
  optionalDependencies?: Names;
  peerDependencies?: Names;
}

interface LockEntry extends Manifest {
  link?: boolean;
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
}

const readJson = <Content>(path: string): Content => JSON.parse(readFileSync(inRepository(path), 'utf8'));

const lock = readJson<{ packages: Record<string, LockEntry> }>('package-lock.json');
const entries = Object.entries(lock.packages);
const workspaces = readJson<Manifest>('package.json').workspaces ?? [];

/** Where Node looks for a package from inside another one, nearest first. */
function lookUpPaths(from: string, name: string): string[] {
  const folders = from.split('/node_modules/');
  const nested = folders.map((_, index) => folders.slice(0, folders.length - index).join('/node_modules/'));
  return [
    ...nested.filter((folder) => folder !== '').map((folder) => `${folder}/node_modules/${name}`),
    `node_modules/${name}`,
  ];
}

test('every optional dependency of every package has its own entry', () => {
  const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !lookUpPaths(path, name).some((candidate) => candidate in lock.packages))
      .map((name) => `${name}, wanted by ${path || 'the root'}`),
  );
  expect(missing).toEqual([]);
});

test('every package from the registry has its checksum', () => {
  const fromRegistry = entries.filter(([path, { link }]) => path.includes('node_modules/') && link !== true);
  expect(fromRegistry.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual(
    [],
  );
});

test('no package runs a script when it is installed', () => {
  expect(entries.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
});

test('the lock file contains no registry address', () => {
  const resolved = entries.flatMap(([, { resolved: address, link }]) =>
    address && link !== true ? [address] : [],
  );
  expect(resolved).toEqual([]);
  expect(readFileSync(inRepository('package-lock.json'), 'utf8')).not.toMatch(/"resolved": "[^"]*:\/\//);
});

test.each(['', ...workspaces])(
  '"%s/package.json" pins exact versions, and the lock file agrees',
  (folder) => {
    const path = folder === '' ? 'package.json' : `${folder}/package.json`;
    if (!existsSync(inRepository(path))) throw new Error(`${path} is missing`);
    const locked = lock.packages[folder] ?? {};
    const manifest = readJson<Manifest>(path);
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
      const versions = manifest[kind] ?? {};
      expect(Object.values(versions).filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual(
        [],
      );
      expect(locked[kind] ?? {}).toEqual(versions);
    }
  },
);

test('lookUpPaths climbs from a nested package to the root', () => {
  expect(lookUpPaths('node_modules/a/node_modules/b', 'c')).toEqual([
    'node_modules/a/node_modules/b/node_modules/c',
    'node_modules/a/node_modules/c',
    'node_modules/c',
  ]);
});
