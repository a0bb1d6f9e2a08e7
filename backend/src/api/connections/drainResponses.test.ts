import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { turnUntil } from '../../../test/runBench.ts';
import { addResponseDrain } from './drainResponses.ts';

let clock: FakeClock;
let server: FastifyInstance;
let url: string;
let arrived: PromiseWithResolvers<(answer: string) => void>;

/** A server whose only route answers when a test says so. */
beforeEach(async () => {
  clock = new FakeClock();
  arrived = Promise.withResolvers();
  server = Fastify({ forceCloseConnections: true });
  addResponseDrain(server, clock);
  server.get('/', () => new Promise<string>((answer) => arrived.resolve(answer)));
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await server.close();
  expect(clock.pendingTimers).toBe(0);
});

it('a server without open responses closes at once, including keep-alive connections', async () => {
  const asked = fetch(url);
  (await arrived.promise)('done');
  expect(await (await asked).text()).toBe('done');
  await server.close();
});

it('a closing server waits for an open response', async () => {
  const asked = fetch(url);
  const answer = await arrived.promise;
  const closed = server.close();
  await turnUntil(() => clock.pendingTimers === 1);
  clock.advance(1999);
  answer('done');
  expect(await (await asked).text()).toBe('done');
  await closed;
});

it('a closing server waits at most 2 s', async () => {
  const asked = fetch(url);
  await arrived.promise;
  const closed = server.close();
  await turnUntil(() => clock.pendingTimers === 1);
  clock.advance(2000);
  await expect(asked).rejects.toBeInstanceOf(TypeError);
  await closed;
});
