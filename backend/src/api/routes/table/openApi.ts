/** Serves GET /api/openapi.json: turns the route table of the protocol into an OpenAPI document. */
import { ErrorBody, type RouteDefinition, routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';

export function addOpenApi(server: FastifyInstance, basePath: string): void {
  server.get('/api/openapi.json', async () => describeRoutes(routes, basePath));
}

function describeRoutes(table: Readonly<Record<string, RouteDefinition>>, basePath: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of Object.values(table)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  const document = {
    openapi: '3.1.0',
    info: { title: 'Rill', version: '1', description: 'The event streams are described in PROTOCOL.md.' },
    components: { schemas: {} },
    paths,
    servers: [{ url: basePath || '/' }],
  };
  return JSON.parse(JSON.stringify(document), (_key, value) => spellForTools(value));
}

function describeRoute(route: RouteDefinition) {
  const { summary, params, querystring, headers, body, response, isStream, takesBytes, givesBytes } = route;
  const parameters = [
    ...describeParameters('query', querystring),
    ...describeParameters('path', params),
    ...describeParameters('header', headers),
  ];
  const responses = Object.entries({ ...response, default: ErrorBody }).map(([status, schema]) => [
    status,
    {
      description: 'Default Response',
      ...(status !== '204' && { content: givesBytes && status === '200' ? bytes : jsonContent(schema) }),
    },
  ]);
  return {
    summary,
    ...(body && { requestBody: { content: jsonContent(body), required: true } }),
    ...(takesBytes && { requestBody: { content: bytes, required: true } }),
    ...(parameters.length > 0 && { parameters }),
    responses: {
      ...(isStream && { 200: eventStream }),
      ...Object.fromEntries(responses),
    },
  };
}

const eventStream = {
  description: 'Events of a run or of the feed; PROTOCOL.md describes them.',
  content: { 'text/event-stream': { schema: { type: 'string' } } },
};

const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };

const jsonContent = (schema: TSchema) => ({ 'application/json': { schema } });

/** `schema` is an object schema whose fields are the parameters. */
function describeParameters(location: 'query' | 'path' | 'header', schema: TSchema | undefined): object[] {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    schema: rest,
    in: location,
    name,
    required: required.includes(name),
    ...(description !== undefined && { description }),
  }));
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

/**
 * Tools that read OpenAPI often support neither `const` nor `patternProperties`; the pattern of a record accepts every
 * name.
 */
function spellForTools(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { const: only, patternProperties, ...rest }: Readonly<Record<string, unknown>> = { ...value };
  if (only !== undefined) return { ...rest, enum: [only] };
  if (typeof patternProperties !== 'object' || patternProperties === null) return value;
  return { ...rest, additionalProperties: Object.values(patternProperties)[0] };
}
