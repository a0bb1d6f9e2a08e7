/** Tests following one run: how it begins, breaks, continues and ends. Every server is a real one. */
import { formatCursor } from '@rill/protocol';
import { describe, expect, test } from 'vitest';
import { InstantClock } from '../../test/clientClocks.ts';
import { chatIds, clientOf, linesOf, log, readAll, runId, statesOf, viewOf } from '../../test/follow.ts';
import {
  type Answer,
  json,
  noAnswer,
  nothing,
  resume,
  ScriptedServer,
  status,
  stream,
  streamBytes,
} from '../../test/scriptedServer.ts';

const send = { ...chatIds, content: 'Hello', model: 'demo/echo' };
const path = `/api/projects/${chatIds.projectId}/chats/${chatIds.chatId}/messages/stream`;
const whole = stream(streamBytes(log), runId);
const cutAfter = (frames: number): Answer =>
  stream(streamBytes(log), runId, { breakAfterBytes: streamBytes(log.slice(0, frames)).length });

describe('sendMessageStream', () => {
  test('a stream without trouble gives every frame once, the last one terminal', async () => {
    await using server = await ScriptedServer.start(whole);
    const clock = new InstantClock();
    const { events, view } = await readAll(
      clientOf(server, { clock }).sendMessageStream({ ...send, idempotencyKey: 'k' }),
    );
    expect(statesOf(events)).toEqual(['connecting 0', 'open 0']);
    expect(events.flatMap((event) => (event.type === 'frame' ? [event.frame] : []))).toEqual(log);
    expect(view).toEqual(viewOf(log));
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      url: path,
      headers: { accept: 'text/event-stream', 'idempotency-key': 'k' },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({ content: 'Hello', model: 'demo/echo' });
    await server.idle();
    expect([server.requests.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  test('nothing is sent before the first event is requested', async () => {
    await using server = await ScriptedServer.start(json(200, { status: 'ok' }), whole);
    const iterable = clientOf(server).sendMessageStream(send);
    await clientOf(server).health();
    expect(server.requests.map(({ url }) => url)).toEqual(['/api/health']);
    expect((await readAll(iterable)).view).toEqual(viewOf(log));
  });

  test('a send whose answer never came is sent again with the same key and body', async () => {
    await using server = await ScriptedServer.start(noAnswer, noAnswer, whole);
    const { events, view } = await readAll(clientOf(server).sendMessageStream(send));
    expect(view).toEqual(viewOf(log));
    expect(statesOf(events)).toEqual([
      'connecting 0',
      'reconnecting 1',
      'connecting 1',
      'reconnecting 2',
      'connecting 2',
      'open 2',
    ]);
    expect(new Set(linesOf(server)).size).toBe(1);
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
  });

  test('once the head of an answer names the run, only GET is used', async () => {
    await using server = await ScriptedServer.start(
      stream(streamBytes(log), runId, { breakAfterBytes: 0 }),
      whole,
    );
    const { view } = await readAll(clientOf(server).sendMessageStream({ ...send, idempotencyKey: 'k' }));
    expect(view).toEqual(viewOf(log));
    expect(linesOf(server)).toEqual(['POST k', `GET ${runId}.0.0.0`]);
  });

  test('a head whose headers cannot be read is followed by the same send until a frame names the run', async () => {
    const bare = { headers: {} };
    await using server = await ScriptedServer.start(
      stream(streamBytes(log), runId, { ...bare, breakAfterBytes: 0 }),
      stream(streamBytes(log.slice(0, 1)), runId, bare),
      resume(log),
    );
    const { view } = await readAll(clientOf(server).sendMessageStream({ ...send, idempotencyKey: 'k' }));
    expect(view).toEqual(viewOf(log));
    expect(linesOf(server)).toEqual(['POST k', 'POST k', `GET ${runId}.1.0.0`]);
  });

  test("Rill's refusal is thrown and nothing is repeated", async () => {
    const error = { code: 'run_active', message: 'Busy.', details: { runId } };
    await using server = await ScriptedServer.start(json(409, { error }));
    await expect(readAll(clientOf(server).sendMessageStream(send))).rejects.toMatchObject({
      code: 'run_active',
      status: 409,
      details: { runId },
    });
    expect(server.requests).toHaveLength(1);
  });

  test('a send that a server refuses because it restarts is repeated with its key until one accepts it', async () => {
    const restarting = json(503, { error: { code: 'shutting_down', message: 'Bye.' } });
    await using server = await ScriptedServer.start(
      ...Array.from({ length: 9 }, () => restarting),
      noAnswer,
      whole,
    );
    expect((await readAll(clientOf(server).sendMessageStream(send))).view).toEqual(viewOf(log));
    expect(server.requests).toHaveLength(11);
    expect(new Set(linesOf(server)).size).toBe(1);
  });

  test.each(['database_unavailable', 'kept_elsewhere'])(
    'a send is repeated in the same way after %s',
    async (code) => {
      const away = json(503, { error: { code, message: 'Wait.' } });
      await using server = await ScriptedServer.start(away, away, whole);
      expect((await readAll(clientOf(server).sendMessageStream(send))).view).toEqual(viewOf(log));
      expect(new Set(linesOf(server)).size).toBe(1);
    },
  );

  test('a send is repeated in the same way while the end of its answer is not saved', async () => {
    const unsaved = json(500, { error: { code: 'log_write_failed', message: 'Not saved.' } });
    await using server = await ScriptedServer.start(noAnswer, unsaved, unsaved, whole);
    expect((await readAll(clientOf(server).sendMessageStream(send))).view).toEqual(viewOf(log));
    expect(new Set(linesOf(server)).size).toBe(1);
  });

  test('a server that never stops restarting ends a send with its error', async () => {
    await using server = await ScriptedServer.start();
    server.otherwise(json(503, { error: { code: 'shutting_down', message: 'Bye.' } }));
    await expect(readAll(clientOf(server).sendMessageStream(send))).rejects.toMatchObject({
      code: 'shutting_down',
    });
    expect(server.requests).toHaveLength(15);
  });

  test("after a proxy's 502 page the send is repeated with the same key", async () => {
    await using server = await ScriptedServer.start(status(502, '<html>'), status(504, '<html>'), whole);
    expect((await readAll(clientOf(server).sendMessageStream(send))).view).toEqual(viewOf(log));
    expect(new Set(linesOf(server)).size).toBe(1);
  });

  test('a proxy that never lets a send through ends it with an error', async () => {
    await using server = await ScriptedServer.start();
    server.otherwise(status(503, '<html>'));
    await expect(readAll(clientOf(server).sendMessageStream(send))).rejects.toMatchObject({
      code: 'internal',
      isRetryable: true,
    });
    expect(server.requests).toHaveLength(7);
  });

  test.each([200, 403, 500])('another page with status %i ends a send with an error', async (code) => {
    await using server = await ScriptedServer.start(status(code, '<html>secret'));
    const result = readAll(clientOf(server).sendMessageStream(send));
    await expect(result).rejects.toMatchObject({
      name: 'RillError',
      message: expect.not.stringContaining('secret'),
    });
    expect(server.requests).toHaveLength(1);
  });

  test('a server of another protocol version is an error', async () => {
    await using server = await ScriptedServer.start(
      stream(streamBytes(log), runId, { headers: { 'rill-protocol': '2' } }),
    );
    await expect(readAll(clientOf(server).sendMessageStream(send))).rejects.toMatchObject({
      details: { protocol: '2' },
    });
    await server.idle();
  });
});

describe('a stream that breaks', () => {
  test('continues from the cursor of the view, counting retries again from 1 after every frame', async () => {
    await using server = await ScriptedServer.start(
      cutAfter(3),
      noAnswer,
      resume(log.slice(0, 5)),
      resume(log),
    );
    const { events, view } = await readAll(
      clientOf(server).sendMessageStream({ ...send, idempotencyKey: 'k' }),
    );
    expect(view).toEqual(viewOf(log));
    const after = (frames: number): string => formatCursor(viewOf(log.slice(0, frames)).cursor);
    expect(linesOf(server)).toEqual(['POST k', `GET ${after(3)}`, `GET ${after(3)}`, `GET ${after(5)}`]);
    expect(statesOf(events).filter((state) => state.startsWith('reconnecting'))).toEqual([
      'reconnecting 1',
      'reconnecting 2',
      'reconnecting 1',
    ]);
  });

  test.each([
    ["a proxy's page", status(502, '<html>')],
    ['503 of a server that drains', json(503, { error: { code: 'shutting_down', message: 'Bye.' } })],
    ['429', json(429, { error: { code: 'rate_limited', message: 'Slow.' } })],
    ['a page with status 200', status(200, '<html>')],
    ['no answer', noAnswer],
  ])('continues after %s, as often as that comes', async (_, trouble) => {
    await using server = await ScriptedServer.start(
      cutAfter(3),
      ...Array.from({ length: 12 }, () => trouble),
      resume(log),
    );
    expect((await readAll(clientOf(server).sendMessageStream(send))).view).toEqual(viewOf(log));
    expect(server.requests).toHaveLength(14);
  });

  test.each([
    [400, 'cursor_invalid'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
  ] as const)('ends with the error when a resume is refused with %i', async (code, name) => {
    await using server = await ScriptedServer.start(
      cutAfter(3),
      json(code, { error: { code: name, message: 'No.' } }),
    );
    await expect(readAll(clientOf(server).sendMessageStream(send))).rejects.toMatchObject({ code: name });
    expect(server.requests).toHaveLength(2);
  });

  test('a gap is not shown; the stream is read again from the last good position', async () => {
    const gapped = streamBytes([...log.slice(0, 4), ...log.slice(6)].slice(0, -1));
    await using server = await ScriptedServer.start(stream(gapped, runId), resume(log));
    const { events, view } = await readAll(clientOf(server).sendMessageStream(send));
    expect(view).toEqual(viewOf(log));
    expect(server.requests[1]?.headers['last-event-id']).toBe(formatCursor(viewOf(log.slice(0, 4)).cursor));
    expect(
      events.find((event) => event.type === 'connection' && event.state === 'reconnecting'),
    ).toMatchObject({ error: { code: 'cursor_invalid' } });
  });

  test('a server whose frames stay broken is given up after three connections without progress', async () => {
    const broken = Buffer.from(`id: ${runId}.2.5.0\nevent: chunk\ndata: {"content":7}\n\n`);
    await using server = await ScriptedServer.start();
    server.otherwise(stream(broken, runId));
    await expect(readAll(clientOf(server).sendMessageStream(send))).rejects.toMatchObject({
      code: 'bad_request',
    });
    expect(server.requests).toHaveLength(3);
  });

  test('204 before the end was seen reads the run once more from its start', async () => {
    await using server = await ScriptedServer.start(cutAfter(5), nothing, resume(log));
    expect((await readAll(clientOf(server).sendMessageStream(send))).view).toEqual(viewOf(log));
    expect(server.requests[2]?.headers['last-event-id']).toBe(`${runId}.0.0.0`);
  });

  test('a second 204 means that the end of the answer is gone, and an error says so', async () => {
    await using server = await ScriptedServer.start(cutAfter(5), nothing, nothing);
    await expect(readAll(clientOf(server).sendMessageStream(send))).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(server.requests).toHaveLength(3);
  });
});
