/** GET /api/openapi.json, made from the same schemas that validate. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

export async function addOpenApi(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Rill', version: '1', description: 'The event streams are described in PROTOCOL.md.' },
    },
  });
  server.get('/api/openapi.json', { schema: { hide: true } }, () => server.swagger());
}
