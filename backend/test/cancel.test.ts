/** Tests POST …/cancel: a user cancels a run at any moment and from any client, and keeps the text so far. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CancelResult, type Chat, formatCursor, startOfRun } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answerOf,
  attach,
  countRows,
  detailOf,
  failureOf,
  jsonOf,
  leftOpen,
  nothing,
  send,
} from './callServer.ts';
import { contentOf, isChunk, isTerminal, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const cancel = (path: string, body: object = {}) => server.request('POST', `${path}/cancel`, body);
const countTerminalRows = () => countRows(server, 'run_events', "type IN ('done', 'error')");

/** Starts a run whose answer pauses after its first text. */
async function startHeldRun() {
  server.simulator.script('demo/quick', [
    { delta: 'The first half' },
    { hold: 'half' },
    { delta: ' and more' },
  ]);
  const { path, project, chat } = await server.newChat();
  const stream = await send(server, path);
  const { cursor } = await stream.until(isChunk);
  return { path, project, chat, stream, runId: cursor.runId };
}

describe('POST …/cancel in mid-answer', () => {
  it("closes the provider's socket, keeps the text and ends the run as cancelled", async () => {
    const { path, stream, runId } = await startHeldRun();
    const asked = await server.simulator.waitForHold('half');
    const response = await cancel(path);
    expect(response.status).toBe(200);
    const result = await jsonOf<CancelResult>(response);
    expect(result).toMatchObject({ cancelled: true, runId, message: { status: 'cancelled', error: null } });
    expect(result.message?.content).toBe('The first half');
    expect(result.message?.usage).toMatchObject({ estimated: true });
    expect(result.message?.usage?.completionTokens).toBeGreaterThan(0);
    await server.simulator.waitForAbort(asked);
    const rest = await stream.rest();
    expect(rest.map((frame) => frame.event)).toEqual([
      { type: 'done', data: { message: result.message, usage: result.message?.usage } },
    ]);
    expect(await answerOf(server, path)).toEqual(result.message);
    expect(await jsonOf(server.request('GET', `/api/runs/${runId}`))).toMatchObject({ state: 'cancelled' });
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('returns the same result when it is repeated, with and without naming the run', async () => {
    const { path, stream, runId } = await startHeldRun();
    const first = await jsonOf<CancelResult>(cancel(path, { runId }));
    for (const body of [{}, { runId }]) {
      const response = await cancel(path, body);
      expect([response.status, await jsonOf(response)]).toEqual([200, first]);
    }
    await stream.rest();
    expect(countTerminalRows()).toBe(1);
  });

  it('needs no body and no media type', async () => {
    const { path, stream } = await startHeldRun();
    const response = await server.request('POST', `${path}/cancel`);
    expect([response.status, (await jsonOf<CancelResult>(response)).cancelled]).toEqual([200, true]);
    await stream.rest();
  });

  it('ends the run once when ten clients cancel at the same time', async () => {
    const { path, stream } = await startHeldRun();
    const responses = await Promise.all(Array.from({ length: 10 }, () => cancel(path)));
    const results = await Promise.all(responses.map((response) => jsonOf<CancelResult>(response)));
    expect(responses.map((response) => response.status)).toEqual(responses.map(() => 200));
    expect(results).toEqual(results.map(() => results[0]));
    expect((await stream.rest()).filter(isTerminal)).toHaveLength(1);
    expect(countTerminalRows()).toBe(1);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('reaches every reader of the answer', async () => {
    const { path, stream } = await startHeldRun();
    const second = readStream(await attach(server, path));
    await second.until(isChunk);
    await cancel(path);
    const [ofFirst, ofSecond] = [await stream.rest(), await second.rest()];
    expect(ofSecond).toEqual(ofFirst);
  });

  it('leaves the chat ready for the next message', async () => {
    const { path, stream } = await startHeldRun();
    await cancel(path);
    await stream.rest();
    server.simulator.script('demo/quick', [{ delta: 'Next' }]);
    const next = await (await send(server, path, { content: 'Go on' })).rest();
    expect(contentOf(next)).toBe('Next');
    const { messages } = await detailOf(server, path);
    expect(messages.map((message) => message.status)).toEqual([
      'completed',
      'cancelled',
      'completed',
      'completed',
    ]);
  });
});

describe('POST …/cancel before the first delta', () => {
  it('ends a run whose provider has sent no text', async () => {
    server.simulator.script('demo/quick', [{ comment: 'OPENROUTER PROCESSING' }, { hold: 'silent' }]);
    const { path } = await server.newChat();
    const stream = await send(server, path);
    const asked = await server.simulator.waitForHold('silent');
    expect((await cancel(path)).status).toBe(200);
    await server.simulator.waitForAbort(asked);
    const frames = await stream.rest();
    expect(frames.map((frame) => frame.event?.type)).toEqual(['run-start', 'done']);
    expect(await answerOf(server, path)).toMatchObject({ status: 'cancelled', content: '' });
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('ends a run whose provider has not even sent its response head', async () => {
    server.simulator.script('demo/quick', { steps: [{ delta: 'never' }], holdHead: 'head' });
    const { path } = await server.newChat();
    const stream = await send(server, path);
    const asked = await server.simulator.waitForHold('head');
    expect((await cancel(path)).status).toBe(200);
    await server.simulator.waitForAbort(asked);
    expect((await stream.rest()).at(-1)?.event).toMatchObject({
      type: 'done',
      data: { message: { status: 'cancelled', content: '', usage: null }, usage: null },
    });
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('ends a run that waits to retry', async () => {
    const unavailable = {
      status: 503,
      headers: { 'retry-after': '9' },
      body: { error: { code: 503, message: '' } },
    };
    server.simulator.script('demo/quick', unavailable);
    const { path } = await server.newChat();
    const stream = await send(server, path);
    await stream.until((frame) => frame.event?.type === 'notice');
    expect((await cancel(path)).status).toBe(200);
    expect((await stream.rest()).at(-1)?.event).toMatchObject({ data: { message: { status: 'cancelled' } } });
    expect(await leftOpen(server)).toEqual(nothing);
  });
});

describe('POST …/cancel concurrent with other ends', () => {
  it('ends nothing before the cancel is stored, so that a crash in between still cancels', async () => {
    server.simulator.script('demo/quick', [{ delta: 'Half' }, { hold: 'half' }, { delta: ' and whole' }]);
    const { path } = await server.newChat();
    const stream = await send(server, path);
    await stream.until(isChunk);
    const connection = new DatabaseSync(join(server.dataDirectory, 'rill.sqlite'));
    connection.exec(
      "CREATE TRIGGER refused BEFORE UPDATE OF cancel_requested_at_ms ON runs BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    expect((await cancel(path)).status).toBe(500);
    expect(server.simulator.openStreams).toBe(1);
    connection.exec('DROP TRIGGER refused');
    connection.close();
    expect((await cancel(path)).status).toBe(200);
    expect((await stream.rest()).at(-1)?.event).toMatchObject({
      type: 'done',
      data: { message: { status: 'cancelled', content: 'Half' } },
    });
  });

  it('leads to one terminal event when the answer completes at the same moment', async () => {
    const { path, stream } = await startHeldRun();
    server.simulator.release('half');
    const response = await cancel(path);
    const terminal = (await stream.rest()).filter(isTerminal);
    const message = await answerOf(server, path);
    expect(terminal.map((frame) => frame.event)).toMatchObject([{ type: 'done', data: { message } }]);
    // Either can come first: a cancel after the end finds nothing to cancel.
    if (response.status === 200) {
      const isCancelled = message?.status === 'cancelled';
      expect(await jsonOf(response)).toMatchObject({ cancelled: isCancelled, message });
    } else {
      expect(await failureOf(response)).toMatchObject({ status: 404, code: 'no_active_run' });
      expect(message?.status).toBe('completed');
    }
    expect(countTerminalRows()).toBe(1);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('reports that there is nothing to cancel before the first answer and after a complete one', async () => {
    const { path } = await server.newChat();
    expect(await failureOf(cancel(path))).toMatchObject({ status: 404, code: 'no_active_run' });
    const frames = await (await send(server, path)).rest();
    expect(await failureOf(cancel(path))).toMatchObject({ status: 404, code: 'no_active_run' });
    const runId = frames[0]?.cursor.runId ?? '';
    expect(await failureOf(cancel(path, { runId }))).toMatchObject({ status: 404, code: 'no_active_run' });
  });

  it('does not affect a run of another chat', async () => {
    const { stream, runId } = await startHeldRun();
    const other = await server.newChat();
    expect(await failureOf(cancel(other.path, { runId }))).toMatchObject({ status: 404, code: 'not_found' });
    const unknown = await failureOf(cancel(other.path, { runId: 'no-such-run' }));
    expect(unknown).toMatchObject({ status: 404, code: 'not_found' });
    expect(server.app.activeRequests.size).toBe(1);
    server.simulator.release('half');
    expect((await stream.rest()).at(-1)?.event).toMatchObject({ data: { message: { status: 'completed' } } });
  });

  it('refuses a body that does not match the schema', async () => {
    const { path } = await server.newChat();
    for (const body of [{ runId: 7 }, { run: 'x' }, [], 'text']) {
      const failure = await failureOf(cancel(path, body as object));
      expect(failure, JSON.stringify(body)).toMatchObject({ status: 400, code: 'bad_request' });
    }
  });
});

describe('DELETE while an answer is being written', () => {
  it.each(['chat, and then from the bin,', 'project'])(
    "of its %s ends the run and closes the provider's socket",
    async (what) => {
      const { path, project, stream, runId } = await startHeldRun();
      const asked = await server.simulator.waitForHold('half');
      if (what === 'project')
        expect((await server.request('DELETE', `/api/projects/${project.id}`)).status).toBe(204);
      else {
        await server.request('DELETE', path);
        expect((await server.request('POST', '/api/bin/empty', { count: 1 })).status).toBe(200);
      }
      await server.simulator.waitForAbort(asked);
      const terminal = (await stream.rest()).filter(isTerminal);
      expect(terminal.map((frame) => frame.event)).toMatchObject([
        { type: 'done', data: { message: { status: 'cancelled', content: 'The first half' } } },
      ]);
      expect((await server.request('GET', path)).status).toBe(404);
      expect((await server.request('GET', `/api/runs/${runId}`)).status).toBe(404);
      expect((await attach(server, path, formatCursor(startOfRun(runId)))).status).toBe(404);
      for (const table of ['messages', 'runs', 'run_events', 'generations', 'send_keys', 'chats']) {
        expect(countRows(server, table), table).toBe(0);
      }
      expect(await leftOpen(server)).toEqual(nothing);
    },
  );

  it('of another chat does not affect it', async () => {
    const { path, project, stream } = await startHeldRun();
    const other = await jsonOf<Chat>(server.request('POST', `/api/projects/${project.id}/chats`, {}));
    await server.request('DELETE', `/api/projects/${project.id}/chats/${other.id}`);
    server.simulator.release('half');
    await stream.rest();
    expect(await answerOf(server, path)).toMatchObject({ status: 'completed' });
  });
});
