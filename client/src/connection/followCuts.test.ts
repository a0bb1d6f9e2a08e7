/** Tests that the reader ends with the view of an unbroken stream, however often and wherever a connection is cut. */
import { isEnded } from '@rill/protocol';
import { arbitraryEnding, arbitrarySteps } from '@rill/protocol/conformance/arbitrarySteps.ts';
import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InstantClock } from '../../test/clientClocks.ts';
import { chatIds, clientOf, log, type Read, readAll, runId, viewOf } from '../../test/follow.ts';
import { resume, ScriptedServer, stream, streamBytes } from '../../test/scriptedServer.ts';

/** Text only grows, and the end comes once and last. */
function expectHonest({ events }: Read): void {
  const views = events.flatMap((event) => (event.type === 'frame' ? [event.view] : []));
  for (const [index, view] of views.entries()) {
    const before = views[index - 1];
    if (before && !(view.content.startsWith(before.content) && view.reasoning.startsWith(before.reasoning))) {
      throw new Error(`The text of view ${index} does not continue the one before.`);
    }
  }
  expect(views.filter(isEnded)).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ type: 'frame', view: views.at(-1) });
}

/** Sends that are followed at the same time: enough to keep the one thread busy while sockets are not ready. */
const concurrency = 16;

test('a stream cut after any of its bytes is resumed without a repeated or a missing character', async () => {
  await using server = await ScriptedServer.start();
  const bytes = streamBytes(log);
  const expected = viewOf(log);
  const clock = new InstantClock();
  const client = clientOf(server, { clock });
  // The key of each send says where its stream is cut.
  server.otherwise((request, response) => {
    const cut = Number(request.headers['idempotency-key']);
    const answer = request.method === 'POST' ? stream(bytes, runId, { breakAfterBytes: cut }) : resume(log);
    answer(request, response);
  });
  const cuts = Array.from({ length: bytes.length + 1 }, (_, cut) => cut).values();
  const follow = async (): Promise<void> => {
    for (const cut of cuts) {
      const read = await readAll(
        client.sendMessageStream({ ...chatIds, content: 'Hello', idempotencyKey: String(cut) }),
      );
      expect(read.view).toEqual(expected);
      expectHonest(read);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, follow));
  const sends = server.requests.filter(({ method }) => method === 'POST');
  expect(sends).toHaveLength(bytes.length + 1);
  expect(server.requests.length - sends.length).toBeLessThanOrEqual(sends.length);
  await server.idle();
  expect(clock.pendingTimers).toBe(0);
}, 300_000);

/** One connection: how far the log has come when it opens and when it breaks, and after which byte it breaks. */
const arbitraryConnections = fc.array(
  fc.record({ written: fc.nat(18), tail: fc.nat(18), breakAfterBytes: fc.nat(6000) }),
  { maxLength: 5 },
);

test('10,000 random runs over random broken connections end with the view of an unbroken stream', async () => {
  await using server = await ScriptedServer.start();
  const clock = new InstantClock();
  const client = clientOf(server, { clock });
  await fc.assert(
    fc.asyncProperty(
      arbitrarySteps,
      arbitraryEnding,
      arbitraryConnections,
      async (steps, ending, connections) => {
        const run = buildLog(steps, ending);
        let written = 1;
        server.clearScript();
        for (const connection of connections) {
          written = Math.max(written, Math.min(connection.written, run.length - 1));
          const tail = Math.max(written, Math.min(connection.tail, run.length - 1));
          server.answer(resume(run, { ...connection, written, tail }));
          written = tail;
        }
        server.otherwise(resume(run));
        const read = await readAll(client.sendMessageStream({ ...chatIds, content: 'Hello' }));
        expect(read.view).toEqual(viewOf(run));
        expectHonest(read);
      },
    ),
    { numRuns: 10_000, seed: 20_261_122 },
  );
  await server.idle();
  expect(clock.pendingTimers).toBe(0);
}, 600_000);
