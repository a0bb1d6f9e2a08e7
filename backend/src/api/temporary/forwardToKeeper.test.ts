import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RillError } from '@rill/protocol';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { systemClock } from '../../clock.ts';
import { createNewId } from '../../newId.ts';
import { temporaryIds } from '../../runs/temporary/temporaryIds.ts';
import { StreamedBodies } from '../streamedBodies.ts';
import { forwardToKeepers } from './forwardToKeeper.ts';

const keeperBoot = 'the-keeper';
const chatId = temporaryIds(createNewId(systemClock), keeperBoot)();
const path = `/api/projects/p/chats/${chatId}`;

describe('a request that is forwarded', () => {
  let clock: FakeClock;
  let url: string;
  let close: () => Promise<void>;
  let asked: Promise<[IncomingMessage, ServerResponse]>;

  beforeEach(async () => {
    clock = new FakeClock();
    const keeper = createServer().listen(0, '127.0.0.1');
    await once(keeper, 'listening');
    asked = once(keeper, 'request') as typeof asked;
    const { port } = keeper.address() as AddressInfo;
    const node = Fastify();
    node.setErrorHandler((error, _request, reply) =>
      reply.status(503).send({ code: error instanceof RillError ? error.code : String(error) }),
    );
    const find = async () => ({ bootId: keeperBoot, host: '127.0.0.1', port });
    const bodies = new StreamedBodies(systemClock, 30_000);
    forwardToKeepers(node, { bootId: 'another', find }, bodies, clock);
    node.all('/*', async () => 'not forwarded');
    url = await node.listen({ port: 0, host: '127.0.0.1' });
    close = async () => {
      keeper.closeAllConnections();
      keeper.close();
      await node.close();
    };
  });
  afterEach(async () => {
    await close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is refused when its node takes it and does not answer', async () => {
    const response = fetch(url + path, { method: 'POST', body: '{}' });
    const [request] = await asked;
    await once(request.resume(), 'end');
    clock.advance(9_999);
    clock.advance(1);
    expect((await response).status).toBe(503);
    expect(await (await response).json()).toEqual({ code: 'kept_elsewhere' });
  });

  it('is refused when its node stops to take its body', async () => {
    const chunk = new Uint8Array(1024 * 1024);
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(chunk) });
    const state = { isAnswered: false };
    const response = fetch(url + path, { method: 'POST', body, duplex: 'half' } as RequestInit);
    const answered = response.then(() => {
      state.isAnswered = true;
    });
    // Nothing reads it there, so the buffers on the way fill up: from then on time runs out.
    await asked;
    while (!state.isAnswered) {
      clock.advance(10_000);
      await Promise.race([answered, new Promise((resolve) => setImmediate(resolve))]);
    }
    expect(await (await response).json()).toEqual({ code: 'kept_elsewhere' });
  });

  it('has an answer that breaks off after 25 seconds without a heartbeat', async () => {
    const response = fetch(url + path);
    const [, answer] = await asked;
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const reader = (await response).body?.pipeThrough(new TextDecoderStream()).getReader();
    for (const heartbeat of [': one\n\n', ': two\n\n']) {
      answer.write(heartbeat);
      expect(await reader?.read()).toEqual({ done: false, value: heartbeat });
      clock.advance(24_999);
    }
    clock.advance(1);
    await expect(reader?.read()).rejects.toThrow();
  });
});
