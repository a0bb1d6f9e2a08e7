/** Tests a log that blocks for a while: the provider is not read further, and the answer is complete in the end. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { contentOf, isChunk } from './readStream.ts';
import { startTestServer } from './startTestServer.ts';

const deltaLength = 64 * 1024;
const deltaCount = 400;
/** How many deltas the sockets between provider and server can buffer, plus those read before the server stops. */
const maxUnderWay = 250;

it('a slow log stops the provider at its socket until the log works again', { timeout: 60_000 }, async () => {
  const clock = new FakeClock();
  const server = await startTestServer({ clock });
  const deltas = Array.from({ length: deltaCount }, (_, index) => ({
    delta: String(index % 10).repeat(deltaLength),
  }));
  server.simulator.script('demo/quick', [{ delta: 'First ' }, { hold: 'locked' }, ...deltas]);
  const { path } = await server.newChat();
  const stream = await send(server, path);
  await stream.until(isChunk);
  const foreign = new DatabaseSync(join(server.dataDirectory, 'rill.sqlite'));
  foreign.exec('BEGIN IMMEDIATE');
  server.simulator.release('locked');
  const [asked] = server.simulator.requests.filter((request) => request.model !== undefined);
  // The provider writes as fast as its socket accepts; it has stopped when the count is the same after a hundred requests.
  let sentBefore = -1;
  while (asked && asked.deltasSent !== sentBefore) {
    sentBefore = asked.deltasSent;
    for (let request = 0; request < 100; request += 1) await server.request('GET', '/api/health');
  }
  expect(sentBefore).toBeGreaterThan(1);
  expect(sentBefore).toBeLessThan(maxUnderWay);
  foreign.exec('COMMIT');
  foreign.close();
  clock.advance(25);
  const frames = await stream.rest();
  expect(frames.at(-1)?.event?.type).toBe('done');
  const content = contentOf(frames);
  expect(content === deltas.map(({ delta }) => delta).join('')).toBe(true);
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});
