import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { LazyRoutes } from './lazyRoutes.ts';

it('routes that could not be loaded are loaded again for the next request, and then kept', async () => {
  let loads = 0;
  const routes = new LazyRoutes(async () => {
    loads += 1;
    if (loads === 1) throw new Error('too many open files');
    return Fastify().get('/late', () => 'here');
  });
  const server = Fastify();
  routes.answerFor(server, ({ is404 }) => is404);
  server.addHook('onClose', () => routes.close());
  const address = await server.listen({ port: 0, host: '127.0.0.1' });
  try {
    const statuses: number[] = [];
    for (let request = 0; request < 3; request += 1) statuses.push((await fetch(`${address}/late`)).status);
    expect(statuses).toEqual([500, 200, 200]);
    expect(loads).toBe(2);
  } finally {
    await server.close();
  }
});
