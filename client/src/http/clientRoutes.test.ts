/** Tests that the client's table of routes is the protocol's, without its schemas. */
import { routes } from '@rill/protocol';
import { expect, test } from 'vitest';
import {
  chatExportPath,
  clientRoutes,
  contentPath,
  exportPath,
  feedPath,
  streamPath,
} from './clientRoutes.ts';
import { fillPath } from './routePath.ts';

const isField = (schema: unknown, name: string): boolean =>
  typeof schema === 'object' &&
  schema !== null &&
  'properties' in schema &&
  Object.hasOwn(Object(schema.properties), name);

test('every route of the protocol has the same verb and path here, and there is no other', () => {
  const ours = Object.entries(clientRoutes).map(([name, { method, path }]) => [name, method, path]);
  const streams = [
    ['sendMessageStream', 'POST', streamPath],
    ['resumeStream', 'GET', streamPath],
    ['followFeed', 'GET', feedPath],
    ['getFileContent', 'GET', contentPath],
    ['exportArchive', 'GET', exportPath],
    ['exportChat', 'GET', chatExportPath],
  ];
  const theirs = Object.entries(routes).map(([name, { method, path }]) => [name, method, path]);
  expect([...ours, ...streams].sort()).toEqual(theirs.sort());
});

test('every field that the client insists on is a field of the route, and a route without fields has no body', () => {
  const jsonRoutes = Object.entries(routes).filter(
    ([, route]) => !('isStream' in route) && !('givesBytes' in route),
  );
  const tableOf = new Map(Object.entries(clientRoutes));
  for (const [name, { response }] of jsonRoutes) {
    const fields = tableOf.get(name)?.fields ?? [];
    const bodies = Object.entries(response).filter(([code]) => code !== '204');
    expect(fields.length > 0, name).toBe(bodies.length > 0);
    for (const [, schema] of bodies) {
      expect(
        fields.filter((field) => !isField(schema, field)),
        name,
      ).toEqual([]);
    }
  }
});

test('an id cannot leave its segment of the path, and a missing one is refused', () => {
  expect(fillPath('/api/runs/:runId', { runId: '../x?y#z' })).toBe('/api/runs/..%2Fx%3Fy%23z');
  expect(() => fillPath('/api/runs/:runId', {})).toThrow('needs runId');
});
