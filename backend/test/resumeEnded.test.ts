/** Tests GET …/messages/stream after the end of a run: the message row serves every id of the stream, without expiry. */
import {
  type DecodedFrame,
  emptyRunView,
  foldFrame,
  formatCursor,
  type RunView,
  startOfRun,
} from '@rill/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { attach, countRows, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { idOf, isTerminal, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const models = [
  'fixture/plain',
  'fixture/annotations',
  'fixture/image-delta',
  'fixture/tool-calls',
  'fixture/reasoning-details-text',
  'fixture/unicode-every-byte',
  'fixture/error-mid-stream',
  'demo/thinker',
];

let server: TestServer;
afterEach(() => server.close());

const foldAll = (view: RunView, frames: readonly DecodedFrame[]) => frames.reduce(foldFrame, view);

/** The run inside `run-start` has its current status, so a reader from the start gets the ended one. */
const withoutRun = (view: RunView) => ({ ...view, run: null });

/** Every position of a client, with what it has seen by then; the last one is the end. */
function positionsOf(frames: readonly DecodedFrame[]) {
  const runId = frames[0]?.cursor.runId ?? '';
  const start = { id: formatCursor(startOfRun(runId)), view: emptyRunView(runId) };
  const positions = [start];
  for (const frame of frames) {
    positions.push({ id: idOf(frame), view: foldFrame(positions.at(-1)?.view ?? start.view, frame) });
  }
  return positions;
}

async function expectEveryIdResumes(path: string, frames: readonly DecodedFrame[]): Promise<void> {
  const positions = positionsOf(frames);
  const end = positions.at(-1)?.view ?? emptyRunView('');
  for (const { id, view } of positions.slice(0, -1)) {
    const rest = await readStream(await attach(server, path, id)).rest();
    const missing = { content: '', reasoning: '' };
    for (const { event } of rest) {
      if (event?.type === 'chunk') missing.content += event.data.content;
      if (event?.type === 'reasoning') missing.reasoning += event.data.reasoning;
    }
    expect(missing, id).toEqual({
      content: end.content.slice(view.content.length),
      reasoning: end.reasoning.slice(view.reasoning.length),
    });
    expect(rest.filter(isTerminal), id).toHaveLength(1);
    expect(rest.at(-1), id).toEqual(frames.at(-1));
    expect(withoutRun(foldAll(view, rest)), id).toEqual(withoutRun(end));
  }
  const atEnd = await attach(server, path, positions.at(-1)?.id);
  expect([atEnd.status, await atEnd.text()]).toEqual([204, '']);
}

describe('GET …/messages/stream after the end', { timeout: 30_000 }, () => {
  it.each(models)(
    'returns exactly the missing part from every id of %s, with and without its log',
    async (model) => {
      const clock = new FakeClock();
      server = await startTestServer({ clock, listedModels: models });
      const { path } = await server.newChat();
      const frames = await (await send(server, path, { content: 'Hello', model })).rest();
      await expectEveryIdResumes(path, frames);
      expect(countRows(server, 'run_events')).toBe(frames.length);

      clock.advance(11 * 60_000);
      // Writes commit in call order, so the clean-up has finished when this one has.
      await server.request('POST', '/api/projects', { name: 'Second' });
      expect(countRows(server, 'run_events')).toBe(0);
      await expectEveryIdResumes(path, frames);
      expect(await leftOpen(server)).toEqual(nothing);
    },
  );

  it('accepts the cursor in the query too, and prefers the header', async () => {
    server = await startTestServer();
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    const [first, last] = [frames[0], frames.at(-1)].map((frame) => (frame ? idOf(frame) : ''));
    const url = (cursor: string | undefined) => `${path}/messages/stream?cursor=${cursor}`;
    const fromQuery = await readStream(await server.request('GET', url(first))).rest();
    expect(fromQuery.map((frame) => frame.event?.type)).toEqual(['chunk', 'done']);
    const atEnd = { 'last-event-id': last ?? '' };
    expect((await server.request('GET', url(first), undefined, atEnd)).status).toBe(204);
    const atStart = { 'last-event-id': first ?? '' };
    const fromHeader = await readStream(await server.request('GET', url(last), undefined, atStart)).rest();
    expect(fromHeader).toEqual(fromQuery);
  });

  it('replays a regenerated answer from its start without a user message', async () => {
    server = await startTestServer();
    const { path } = await server.newChat();
    const first = await (await send(server, path)).rest();
    const regenerateOf = first[0]?.event?.type === 'run-start' ? first[0].event.data.message.id : '';
    const second = await (await send(server, path, { regenerateOf })).rest();
    for (const frames of [first, second]) {
      const runId = frames[0]?.cursor.runId ?? '';
      const again = await readStream(await attach(server, path, formatCursor(startOfRun(runId)))).rest();
      const end = foldAll(emptyRunView(runId), frames);
      expect(withoutRun(foldAll(emptyRunView(runId), again))).toEqual(withoutRun(end));
    }
  });
});
