/** Tests GET …/messages/stream while the run is live: a client catches up from any position, then follows. */
import {
  type DecodedFrame,
  emptyRunView,
  foldFrame,
  formatCursor,
  type RunView,
  startOfRun,
} from '@rill/protocol';
import type { ScriptStep } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attach, detailOf, failureOf, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { contentOf, idOf, isChunk, isTerminal, readStream, type StreamReader } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

/** At least the time for which fast deltas are gathered, on both databases, in milliseconds. */
const windowMs = 50;

let server: TestServer;
let clock: FakeClock;
beforeEach(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock });
});
afterEach(() => server.close());

const delta = (fields: object): ScriptStep => ({
  chunk: { id: 'gen-1', choices: [{ index: 0, delta: { content: '', ...fields }, finish_reason: null }] },
});
const annotations = delta({
  annotations: [{ type: 'url_citation', url_citation: { url: 'https://example.com/', title: 'A source' } }],
});
const images = delta({ images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] });
const toolCalls = delta({
  tool_calls: [
    { index: 0, id: 'call-1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
  ],
});

const steps: readonly ScriptStep[] = [
  { reasoning: 'First I think. ' },
  { reasoning: '思考 🧵 ' },
  { delta: 'One ' },
  annotations,
  { delta: 'two 👩‍👩‍👧 ' },
  images,
  { reasoning: 'And again.' },
  { delta: 'three' },
];

/** Gets one frame for each step: the next one is sent only when the last one was shown and its window is over. */
async function playSteps(stream: StreamReader): Promise<DecodedFrame[]> {
  const frames: DecodedFrame[] = [];
  for (const [index] of [{ start: true }, ...steps].entries()) {
    const frame = await stream.next();
    if (!frame) throw new Error('The stream ended first.');
    frames.push(frame);
    clock.advance(windowMs);
    server.simulator.release(`before ${index}`);
  }
  return frames;
}

async function startSteps() {
  const heldSteps = steps.flatMap((step, index) => [{ hold: `before ${index}` }, step]);
  server.simulator.script('demo/quick', [...heldSteps, { hold: 'middle' }, { delta: ' four' }, toolCalls]);
  server.simulator.release('before 0');
  const { path } = await server.newChat();
  const stream = await send(server, path);
  return { path, stream, frames: await playSteps(stream) };
}

const viewAfter = (frames: readonly DecodedFrame[], runId: string) =>
  frames.reduce(foldFrame, emptyRunView(runId));

/** Reads until the view has what `wanted` has. */
async function catchUp(stream: StreamReader, view: RunView, wanted: RunView): Promise<RunView> {
  const isBehind = (now: RunView) =>
    now.cursor.seq < wanted.cursor.seq ||
    now.content !== wanted.content ||
    now.reasoning !== wanted.reasoning;
  let now = view;
  while (isBehind(now)) {
    const frame = await stream.next();
    if (!frame) throw new Error('The stream ended first.');
    now = foldFrame(now, frame);
  }
  return now;
}

describe('GET …/messages/stream while the run is live', { timeout: 30_000 }, () => {
  it('resumes from every id to the same view, in mid-answer and at the end', async () => {
    const { path, stream, frames } = await startSteps();
    expect(frames.map((frame) => frame.event?.type)).toEqual([
      'run-start',
      'reasoning',
      'reasoning',
      'chunk',
      'annotation',
      'chunk',
      'image',
      'reasoning',
      'chunk',
    ]);
    const runId = frames[0]?.cursor.runId ?? '';
    const middle = viewAfter(frames, runId);
    const ids = [formatCursor(startOfRun(runId)), ...frames.map(idOf)];
    const readers = await Promise.all(
      ids.map(async (id, index) => {
        const reader = readStream(await attach(server, path, id));
        const view = await catchUp(reader, viewAfter(frames.slice(0, index), runId), middle);
        return { reader, view };
      }),
    );
    for (const { view } of readers) expect(view).toEqual(middle);

    server.simulator.release('middle');
    const rest = await stream.rest();
    expect(rest.map((frame) => frame.event?.type)).toEqual(['chunk', 'tool-call', 'done']);
    const end = rest.reduce(foldFrame, middle);
    for (const { reader } of readers) expect(await reader.rest()).toEqual(rest);
    expect(end).toMatchObject({ status: 'completed', content: 'One two 👩‍👩‍👧 three four' });
    expect(end.toolCalls).toEqual([{ id: 'call-1', name: 'look', arguments: '{"at":1}' }]);
    expect((await detailOf(server, path)).messages[1]).toEqual(end.message);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('sends a second reader in mid-answer everything from run-start on', async () => {
    const { path, stream, frames } = await startSteps();
    const second = readStream(await attach(server, path));
    expect(second.response.headers.get('rill-run')).toBe(frames[0]?.cursor.runId);
    const start = await second.next();
    expect(start).toEqual(frames[0]);
    server.simulator.release('middle');
    const [rest, restOfFirst] = [await second.rest(), await stream.rest()];
    expect(rest.filter(isTerminal)).toEqual(restOfFirst.filter(isTerminal));
    expect(contentOf(rest)).toBe('One two 👩‍👩‍👧 three four');
  });

  it('sends what a reader misses as one frame for each channel', async () => {
    const { path, stream, frames } = await startSteps();
    const second = readStream(await attach(server, path, frames[0] ? idOf(frames[0]) : ''));
    const merged = [await second.next(), await second.next(), await second.next(), await second.next()];
    expect(merged.map((frame) => frame?.event?.type)).toEqual(['annotation', 'image', 'reasoning', 'chunk']);
    server.simulator.release('middle');
    await stream.rest();
    await second.rest();
  });

  it('continues the answer when the tab that sent the message is closed', async () => {
    const { path, stream } = await startSteps();
    await stream.disconnect();
    const second = readStream(await attach(server, path));
    server.simulator.release('middle');
    const rest = await second.rest();
    expect(rest.at(-1)?.event).toMatchObject({ type: 'done', data: { message: { status: 'completed' } } });
  });
});

describe('GET …/messages/stream without a run to read, or with an invalid cursor', () => {
  it('answers 204 in a chat without messages, and when the answer has ended', async () => {
    const { path } = await server.newChat();
    expect((await attach(server, path)).status).toBe(204);
    await (await send(server, path)).rest();
    expect((await attach(server, path)).status).toBe(204);
  });

  it('refuses every malformed cursor', async () => {
    const { path } = await server.newChat();
    const malformed = [
      'nonsense',
      'a.b.c.d',
      'x.1.2',
      'x.01.0.0',
      'x.-1.0.0',
      'x.1e3.0.0',
      'x.1.0.0.0',
      '…',
      ' ',
      `x.${'1'.repeat(300)}.0.0`,
    ];
    for (const cursor of malformed) {
      const url = `${path}/messages/stream?cursor=${encodeURIComponent(cursor)}`;
      const failure = await failureOf(server.request('GET', url));
      expect(failure, cursor).toMatchObject({ status: 400, code: 'cursor_invalid' });
    }
  });

  it('refuses a position that the run has not reached, live and after the end', async () => {
    server.simulator.script('demo/quick', [{ delta: 'Some text' }, { hold: 'rest' }]);
    const { path } = await server.newChat();
    const stream = await send(server, path);
    const { cursor } = await stream.until(isChunk);
    const tooFar = [
      { ...cursor, seq: 99 },
      { ...cursor, contentLength: 99_999 },
      { ...cursor, reasoningLength: 1 },
    ].map(formatCursor);
    const expectRefused = async () => {
      for (const id of tooFar) {
        const failure = await failureOf(attach(server, path, id));
        expect(failure, id).toMatchObject({ status: 400, code: 'cursor_invalid' });
      }
    };
    await expectRefused();
    server.simulator.release('rest');
    await stream.rest();
    await expectRefused();
  });

  it('answers 404 for a run of another chat, and for one that never existed', async () => {
    const { path, project } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    const id = frames[0] ? idOf(frames[0]) : '';
    const other = await server.newChat();
    expect(await failureOf(attach(server, other.path, id))).toMatchObject({ status: 404, code: 'not_found' });
    const unknown = [attach(server, path, 'no-such-run.1.0.0'), attach(server, `${path}0`, id)];
    for (const response of unknown) expect((await response).status).toBe(404);
    const gone = `/api/projects/${project.id}0/chats/${other.chat.id}`;
    expect((await attach(server, gone)).status).toBe(404);
  });
});
