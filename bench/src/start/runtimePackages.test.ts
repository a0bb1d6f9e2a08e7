import { expect, test } from 'vitest';
import { runtimePackages } from './runtimePackages.ts';

test('finds what a workspace needs, through its own packages, and nothing that only others need', () => {
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
