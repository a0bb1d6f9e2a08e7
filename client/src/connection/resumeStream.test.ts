/** Tests following an existing run, and how every iteration ends. */
import { formatCursor, isEnded, type RunView } from '@rill/protocol';
import { describe, expect, test } from 'vitest';
import {
  chatIds,
  clientOf,
  linesOf,
  log,
  readAll,
  runId,
  statesOf,
  takeUntil,
  viewOf,
} from '../../test/follow.ts';
import { nothing, resume, ScriptedServer, stream, streamBytes } from '../../test/scriptedServer.ts';

const send = { ...chatIds, content: 'Hello' };
const whole = stream(streamBytes(log), runId);

describe('resumeStream', () => {
  test('without a cursor it attaches to the active run', async () => {
    await using server = await ScriptedServer.start(resume(log.slice(0, 5)), resume(log));
    const { view } = await readAll(clientOf(server).resumeStream(chatIds));
    expect(view).toEqual(viewOf(log));
    expect(linesOf(server)).toEqual(['GET ', `GET ${formatCursor(viewOf(log.slice(0, 5)).cursor)}`]);
  });

  test('without a cursor and without an active run it ends without a frame', async () => {
    await using server = await ScriptedServer.start(nothing);
    const { events } = await readAll(clientOf(server).resumeStream(chatIds));
    expect(statesOf(events)).toEqual(['connecting 0']);
  });

  test('a view continues from where it is', async () => {
    await using server = await ScriptedServer.start(resume(log));
    const held = viewOf(log.slice(0, 4));
    const { events, view } = await readAll(clientOf(server).resumeStream({ ...chatIds, view: held }));
    expect(view).toEqual(viewOf(log));
    expect(linesOf(server)).toEqual([`GET ${formatCursor(held.cursor)}`]);
    expect(events.filter(({ type }) => type === 'frame').length).toBeLessThan(log.length);
  });

  test.each([{ runId }, { cursor: `${runId}.4.6.6` }])(
    '%o reads that run from its start, so that the view is whole',
    async (which) => {
      await using server = await ScriptedServer.start(resume(log));
      expect((await readAll(clientOf(server).resumeStream({ ...chatIds, ...which }))).view).toEqual(
        viewOf(log),
      );
      expect(linesOf(server)).toEqual([`GET ${runId}.0.0.0`]);
    },
  );

  test('a view that has ended ends at once and sends no request', async () => {
    await using server = await ScriptedServer.start();
    expect((await readAll(clientOf(server).resumeStream({ ...chatIds, view: viewOf(log) }))).events).toEqual(
      [],
    );
    expect(server.requests).toEqual([]);
  });

  test('a malformed cursor is refused before anything is sent', async () => {
    await using server = await ScriptedServer.start();
    expect(() => clientOf(server).resumeStream({ ...chatIds, cursor: '17' })).toThrow('not valid');
    expect(server.requests).toEqual([]);
  });
});

describe('the end of an iteration', () => {
  test('is final: later calls of next only say again that it has ended', async () => {
    await using server = await ScriptedServer.start(whole);
    const iterator = clientOf(server).sendMessageStream(send)[Symbol.asyncIterator]();
    const last = await takeUntil(iterator, (event) => event.type === 'frame' && isEnded(event.view));
    expect(last.type).toBe('frame');
    expect([await iterator.next(), await iterator.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    await server.idle();
    expect(server.requests).toHaveLength(1);
  });

  test('an unknown event type does not disturb it', async () => {
    const odd = Buffer.from(
      `${streamBytes(log.slice(0, 1)).toString()}id: ${runId}.2.0.0\nevent: weather\ndata: sunny\n\n`,
    );
    await using server = await ScriptedServer.start(stream(odd, runId), resume(log));
    const views: RunView[] = [];
    for await (const event of clientOf(server).sendMessageStream(send))
      if (event.type === 'frame') views.push(event.view);
    expect(views.at(-1)).toMatchObject({ status: 'completed', content: viewOf(log).content });
  });
});
