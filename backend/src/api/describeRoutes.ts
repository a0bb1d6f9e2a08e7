/**
 * Routes to an OpenAPI document. Loaded when it is asked for: what it needs is a seventh of all that is loaded. It has a
 * server of its own, which never listens, because plugins cannot be added to one that does.
 */
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { noOtherCompilers } from './schemaCompilers.ts';

export async function describeRoutes(routes: readonly RouteOptions[]): Promise<object> {
  const server: FastifyInstance = Fastify({ exposeHeadRoutes: false, schemaController: noOtherCompilers });
  server.setValidatorCompiler(() => () => true);
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Rill', version: '1', description: 'The event streams are described in PROTOCOL.md.' },
    },
  });
  for (const { method, url, schema, handler } of routes)
    server.route({ method, url, handler, ...(schema && { schema }) });
  await server.ready();
  return server.swagger();
}
