/** Lets responses in progress reach their readers before the server closes their connections. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type Clock, settleWithin } from '../../clock.ts';

/** How long a closing server waits for slow readers, in milliseconds; they can resume. */
const drainLimitMs = 2000;

export function addResponseDrain(server: FastifyInstance, clock: Clock): void {
  const open = new Set<ServerResponse>();
  const state: { onEmpty: () => void } = { onEmpty: () => undefined };
  server.addHook('onRequest', (_request, { raw }, done) => {
    open.add(raw);
    raw.once('close', () => {
      open.delete(raw);
      if (open.size === 0) state.onEmpty();
    });
    done();
  });
  server.addHook('preClose', async () => {
    if (open.size === 0) return;
    const empty = Promise.withResolvers<void>();
    state.onEmpty = empty.resolve;
    await settleWithin(clock, drainLimitMs, empty.promise);
  });
}
