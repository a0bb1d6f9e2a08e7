import { expect, test } from 'vitest';
import { runtimePackages } from './runtimePackages.ts';

test('a workspace needs its dependencies, also those of our own packages, but not those of other workspaces', () => {
  const packages = {
    backend: { dependencies: { '@rill/protocol': '1', fastify: '1' } },
    frontend: { dependencies: { svelte: '1' } },
    protocol: { dependencies: { typebox: '1' } },
    'node_modules/@rill/protocol': { link: true, resolved: 'protocol' },
    'node_modules/fastify': { dependencies: { pino: '1' } },
    'node_modules/fastify/node_modules/pino': {},
    'node_modules/pino': {},
    'node_modules/svelte': {},
    'node_modules/typebox': {},
  };
  expect(runtimePackages(packages, 'backend')).toEqual([
    'node_modules/fastify',
    'node_modules/fastify/node_modules/pino',
    'node_modules/typebox',
  ]);
});
