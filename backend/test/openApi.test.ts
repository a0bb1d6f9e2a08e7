/** Tests GET /api/openapi.json: it describes every route, from the schemas that validate. */
import { routes } from '@rill/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

interface Content {
  readonly [mediaType: string]: { readonly schema: object };
}
interface Operation {
  readonly summary?: string;
  readonly parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  readonly requestBody?: { content: Content; required?: boolean };
  readonly responses: Record<string, { description: string; content?: Content }>;
}
interface Description {
  readonly openapi: string;
  readonly info: { title: string; version: string };
  readonly paths: Record<string, Record<string, Operation>>;
}

let server: TestServer;
let description: Description;
beforeAll(async () => {
  server = await startTestServer();
  description = await jsonOf<Description>(server.request('GET', '/api/openapi.json'));
});
afterAll(() => server.close());

const toTemplate = (path: string) => path.replace(/:(\w+)/g, '{$1}');
const operationOf = (route: { method: string; path: string }) =>
  description.paths[toTemplate(route.path)]?.[route.method.toLowerCase()];

describe('the API description', () => {
  it('has the form of OpenAPI 3.1', () => {
    expect(description.openapi).toMatch(/^3\.1\.\d+$/);
    expect(description.info).toMatchObject({ title: 'Rill', version: expect.any(String) });
    for (const [path, operations] of Object.entries(description.paths)) {
      expect(path).toMatch(/^\/api\/[\w/{}-]+$/);
      for (const [verb, operation] of Object.entries(operations)) {
        expect(verb).toMatch(/^(get|post|put|patch|delete)$/);
        const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        expect(named.map((parameter) => parameter.name).sort(), path).toEqual(inPath.sort());
        for (const parameter of operation.parameters ?? []) expect(parameter.schema).toBeTypeOf('object');
        for (const parameter of named) expect(parameter.required, path).toBe(true);
        for (const [status, response] of Object.entries(operation.responses)) {
          expect(status).toMatch(/^([1-5]\d\d|default)$/);
          expect(response.description).toBeTypeOf('string');
        }
      }
    }
  });

  it.each(Object.entries(routes).map(([name, route]) => [name, route] as const))('has %s', (_name, route) => {
    const operation = operationOf(route);
    expect(operation?.summary).toBe(route.summary);
    const statuses = Object.keys(route.response);
    expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining([...statuses, 'default']));
    if ('body' in route)
      expect(operation?.requestBody?.content['application/json']?.schema).toBeTypeOf('object');
    if ('isStream' in route) expect(operation?.responses['200']?.content).toHaveProperty('text/event-stream');
  });

  it('states the limits of a body, and the form of every failure', () => {
    const operation = operationOf(routes.sendMessageStream);
    expect(operation?.requestBody?.content['application/json']?.schema).toMatchObject({
      additionalProperties: false,
      properties: { content: { type: 'string', minLength: 1 } },
    });
    expect(operation?.responses.default?.content?.['application/json']?.schema).toMatchObject({
      properties: { error: { required: ['code', 'message'] } },
    });
  });

  it('uses no keyword of JSON Schema that OpenAPI tools often lack', () => {
    const keywords = new Set<string>();
    JSON.stringify(description, (key, value) => {
      keywords.add(key);
      return value;
    });
    for (const keyword of ['const', 'patternProperties']) expect(keywords).not.toContain(keyword);
    expect(operationOf(routes.health)?.responses['200']?.content?.['application/json']?.schema).toMatchObject(
      {
        properties: { status: { type: 'string', enum: ['ok'] } },
      },
    );
  });

  it('has no dangling reference', () => {
    const text = JSON.stringify(description);
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer
        .split('/')
        .reduce<unknown>(
          (value, name) =>
            typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined,
          description,
        );
      expect(target, pointer).toBeDefined();
    }
  });
});
