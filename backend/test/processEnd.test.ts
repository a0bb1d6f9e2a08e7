import type { Message } from '@rill/protocol';
import { emptyRunView, foldFrame, formatCursor, isEnded, type RunView } from '@rill/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerOf, attach, detailOf, failureOf, jsonOf, send } from './callServer.ts';
import { processBench } from './processBench.ts';
import { contentOf, idOf, isChunk, readStream, type StreamReader } from './readStream.ts';
import { makeChat, type ReadyProcess } from './startProcess.ts';

const model = 'demo/quick';
const bench = processBench(model);
const { start } = bench;

/** Signals the process to end while one answer is written; resolves once it waits for that answer. */
async function beginDrain({ child, waitForOutput }: ReadyProcess): Promise<void> {
  child.kill('SIGTERM');
  await waitForOutput(/^Waiting for 1 running answer; signal again to end now\.$/m);
}

describe('SIGTERM during an answer', () => {
  beforeEach(() =>
    bench.simulator.script(model, [{ delta: 'Hello' }, { hold: 'rest' }, { delta: ' world' }]),
  );

  it('lets the answer finish, for its reader and in the database', async () => {
    const rill = await start();
    const path = await makeChat(rill);
    const stream = await send(rill, path);
    await stream.until(isChunk);
    await beginDrain(rill);
    bench.simulator.release('rest');
    const frames = await stream.rest();
    expect(contentOf(frames)).toBe(' world');
    expect(frames.at(-1)?.event).toMatchObject({
      type: 'done',
      data: { message: { content: 'Hello world' } },
    });
    expect(await rill.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await answerOf(await start(), path)).toMatchObject({
      status: 'completed',
      content: 'Hello world',
    });
  });

  it('gives the whole answer to a send that waits for it', async () => {
    const rill = await start();
    const path = await makeChat(rill);
    const sent = rill.request('POST', `${path}/messages`, { content: 'Hello' });
    await bench.simulator.waitForHold('rest');
    await beginDrain(rill);
    bench.simulator.release('rest');
    expect(await jsonOf(sent)).toMatchObject({ message: { status: 'completed', content: 'Hello world' } });
    expect(await rill.ended).toMatchObject({ code: 0 });
  });

  it('sends a long end completely to its reader before the connection is closed', async () => {
    const megabytes = 'x'.repeat(4 * 1024 * 1024);
    bench.simulator.script(model, [
      { delta: megabytes },
      { delta: megabytes },
      { hold: 'rest' },
      { delta: 'y' },
    ]);
    const rill = await start();
    const path = await makeChat(rill);
    const stream = await send(rill, path);
    await stream.until(isChunk);
    await beginDrain(rill);
    bench.simulator.release('rest');
    expect((await stream.rest()).at(-1)?.event?.type).toBe('done');
    expect(await rill.ended).toMatchObject({ code: 0 });
  });

  it('refuses new sends, is no longer ready, and still accepts readers', async () => {
    const rill = await start();
    const [path, otherPath] = [await makeChat(rill), await makeChat(rill)];
    const stream = await send(rill, path);
    await stream.until(isChunk);
    await beginDrain(rill);
    const refused = rill.request('POST', `${otherPath}/messages/stream`, { content: 'Hello' });
    expect(await failureOf(refused)).toMatchObject({ status: 503, code: 'shutting_down' });
    expect((await refused).headers.get('retry-after')).toBe('1');
    expect((await detailOf(rill, otherPath)).messages).toEqual([]);
    expect((await rill.request('GET', '/api/ready')).status).toBe(503);
    expect((await rill.request('GET', '/api/health')).status).toBe(200);
    const second = readStream(await attach(rill, path));
    expect(contentOf([await second.until(isChunk)])).toBe('Hello');
    bench.simulator.release('rest');
    expect((await second.rest()).at(-1)?.event?.type).toBe('done');
    await rill.ended;
  });

  it('ends the answer as interrupted, with its text, at the second signal', async () => {
    const rill = await start();
    const path = await makeChat(rill);
    const stream = await send(rill, path);
    await stream.until(isChunk);
    const [request] = bench.simulator.requests.filter((each) => each.model === model);
    await beginDrain(rill);
    rill.child.kill('SIGINT');
    const frames = await stream.rest();
    expect(frames.at(-1)?.event).toMatchObject({
      type: 'error',
      data: { error: { code: 'interrupted', isRetryable: true }, message: { content: 'Hello' } },
    });
    expect(await rill.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    if (request) await bench.simulator.waitForAbort(request);
    expect(await answerOf(await start(), path)).toMatchObject({ status: 'interrupted', content: 'Hello' });
  });
});

/** Reads until the connection breaks; returns everything that arrived. */
async function readUntilCut(stream: StreamReader, views: RunView[]): Promise<RunView> {
  let view = views.at(-1) ?? emptyRunView(stream.response.headers.get('rill-run') ?? '');
  try {
    for (let frame = await stream.next(); frame; frame = await stream.next()) {
      view = foldFrame(view, frame);
      views.push(view);
    }
  } catch (error) {
    // How fetch reports a socket that was cut.
    expect(error).toBeInstanceOf(TypeError);
  }
  return view;
}

/** Reads the missing part of a run as a client that has `view`. */
async function resume(rill: ReadyProcess, path: string, view: RunView): Promise<RunView> {
  const stream = readStream(await attach(rill, path, formatCursor(view.cursor)));
  return (await stream.rest()).reduce(foldFrame, view);
}

describe('kill -9 in mid-answer', () => {
  it('keeps all text that a reader had seen, and the reader can resume from every position to the end', async () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `${index} 😀 `).join('');
    bench.simulator.script(model, [{ reasoning: 'why' }, { text, tokensPerSecond: 4000 }, { hold: 'never' }]);
    const rill = await start();
    const path = await makeChat(rill);
    const stream = await send(rill, path);
    const views = [emptyRunView(stream.response.headers.get('rill-run') ?? '')];
    for (let chunks = 0; chunks < 20; chunks += 1) {
      views.push(foldFrame(views.at(-1) ?? emptyRunView(''), await stream.until(() => true)));
    }
    rill.child.kill('SIGKILL');
    const seen = await readUntilCut(stream, views);
    expect(await rill.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(isEnded(seen)).toBe(false);

    const again = await start();
    const saved = await answerOf(again, path);
    expect(saved).toMatchObject({ status: 'interrupted', reasoning: 'why', error: { code: 'interrupted' } });
    expect(saved?.content.startsWith(seen.content)).toBe(true);
    expect(text.startsWith(saved?.content ?? '?')).toBe(true);
    for (const view of [...views.slice(0, 5), ...views.slice(-2)]) {
      expect(await resume(again, path, view)).toMatchObject({
        status: 'interrupted',
        content: saved?.content,
        message: saved,
      });
    }
  });

  it('leaves a chat that accepts the next message', async () => {
    bench.simulator.nextScript(model, [{ delta: 'Half' }, { hold: 'never' }]);
    const rill = await start();
    const path = await makeChat(rill);
    await (await send(rill, path)).until(isChunk);
    rill.child.kill('SIGKILL');
    await rill.ended;
    bench.simulator.nextScript(model, [{ delta: 'Whole' }]);
    const again = await start();
    expect((await attach(again, path)).status).toBe(204);
    const frames = await (await send(again, path, { content: 'Go on' })).rest();
    expect(frames.at(-1)?.event).toMatchObject({ type: 'done' });
    const { messages, chat } = await detailOf(again, path);
    const shown = messages.map(({ status, content }: Message) => [status, content]);
    expect(shown).toEqual([
      ['completed', 'Hello'],
      ['interrupted', 'Half'],
      ['completed', 'Go on'],
      ['completed', 'Whole'],
    ]);
    expect(chat.activeRunId).toBeNull();
  });

  it('before the first delta restarts the run under its id, and its reader gets one answer', async () => {
    bench.simulator.nextScript(model, { steps: [{ delta: 'never' }], holdHead: 'head' }, [
      { delta: 'Hello' },
    ]);
    const rill = await start();
    const path = await makeChat(rill);
    const key = { 'idempotency-key': 'once' };
    const stream = await send(rill, path, { content: 'Hi' }, key);
    const started = idOf(await stream.until(() => true));
    await bench.simulator.waitForHold('head');
    rill.child.kill('SIGKILL');
    await rill.ended;
    const again = await start();
    const frames = await readStream(await attach(again, path, started)).rest();
    expect(contentOf(frames)).toBe('Hello');
    expect(frames.at(-1)?.event).toMatchObject({ type: 'done', data: { message: { status: 'completed' } } });
    const repeated = await (await send(again, path, { content: 'Hi' }, key)).rest();
    expect(repeated.at(-1)).toEqual(frames.at(-1));
    expect(bench.simulator.requests.filter((request) => request.model === model)).toHaveLength(2);
  });

  it('before the first delta twice leaves an empty answer that explains why', async () => {
    bench.simulator.script(model, { steps: [{ delta: 'late' }], holdHead: 'head' });
    const rill = await start();
    const path = await makeChat(rill);
    await (await send(rill, path)).next();
    await bench.simulator.waitForHold('head');
    rill.child.kill('SIGKILL');
    await rill.ended;
    const second = await start();
    const calls = () => bench.simulator.requests.filter((request) => request.model === model).length;
    await bench.simulator.waitForRequest(() => calls() === 2);
    second.child.kill('SIGKILL');
    await second.ended;
    expect(await answerOf(await start(), path)).toMatchObject({ status: 'interrupted', content: '' });
    expect(calls()).toBe(2);
  });

  it('twice in a row ends the run once', async () => {
    bench.simulator.script(model, [{ delta: 'Half' }, { hold: 'never' }]);
    const rill = await start();
    const path = await makeChat(rill);
    const stream = await send(rill, path);
    await stream.until(isChunk);
    rill.child.kill('SIGKILL');
    await rill.ended;
    const second = await start();
    const ended = await answerOf(second, path);
    second.child.kill('SIGKILL');
    await second.ended;
    expect(await answerOf(await start(), path)).toEqual(ended);
  });
});
