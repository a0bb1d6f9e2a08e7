/**
 * Tests text that a closing tag without an opening one proves to be thinking: all readers get the same answer at any
 * time.
 */
import {
  type DecodedFrame,
  emptyRunView,
  foldFrame,
  formatCursor,
  type RunView,
  startOfRun,
} from '@rill/protocol';
import { startSimulator } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, attach, detailOf, send } from './callServer.ts';
import { idOf, isTerminal, readStream } from './readStream.ts';
import { makeChat, processEnvironment, startReady } from './startProcess.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { makeFolder } from './testDatabase.ts';

/** In some answers the thinking is longer than the text, in others shorter; one text is all surrogate pairs. */
const answers = {
  'a short answer': {
    deltas: ['A < B, ', 'so B.\n\n', '</thi', 'nk>\n\n', 'B w', 'ins.'],
    thought: 'A < B, so B.',
  },
  'a long answer': { deltas: ['Hm\n</think>', '\n\n', '🚣🚣', '🚣🚣🚣', '🚣🚣🚣🚣'], thought: 'Hm' },
  'an answer of the same length': {
    deltas: ['Two oars.\n', '\n</think>\nTwo', ' boats!'],
    thought: 'Two oars.',
  },
};
const contentOf = ({ deltas }: { deltas: readonly string[] }) =>
  deltas.join('').split('</think>')[1]?.trimStart() ?? '';

const viewOf = (frames: readonly DecodedFrame[], start: RunView) => frames.reduce(foldFrame, start);

describe.each(Object.entries(answers))('%s', (_, answer) => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let server: TestServer;
  const expected = { content: contentOf(answer), reasoning: answer.thought };
  beforeEach(async () => {
    folder = await makeFolder();
    server = await startTestServer({ dataDirectory: folder.path });
    server.simulator.script(
      'demo/quick',
      answer.deltas.map((delta) => ({ delta })),
    );
  });
  afterEach(async () => {
    await server.close();
    await folder.remove();
  });

  it('is the same for the live reader, in the chat, for the model and for every reader that resumes', async () => {
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    const start = emptyRunView(frames[0]?.cursor.runId ?? '');
    expect(viewOf(frames, start)).toMatchObject(expected);
    expect(viewOf(frames.slice(0, -1), start)).toMatchObject({ reasoning: '' });
    const everywhere = async () => {
      expect(await answerOf(server, path)).toMatchObject({ ...expected, status: 'completed' });
      for (const [index, frame] of frames.slice(0, -1).entries()) {
        const rest = await readStream(await attach(server, path, idOf(frame))).rest();
        const seen = viewOf(frames.slice(0, index + 1), start);
        expect(viewOf(rest, seen)).toMatchObject(expected);
        // The reader's text is thinking: no text of the answer can follow it.
        if (frame.cursor.contentLength > 0) expect(rest.map(({ event }) => event?.type)).toEqual(['done']);
      }
    };
    await everywhere();
    await server.close();
    server = await startTestServer({ dataDirectory: folder.path });
    await everywhere();

    server.simulator.script('demo/quick', [{ delta: 'Fine.' }]);
    await (await send(server, path, { content: 'Go on.' })).rest();
    const asked = server.simulator.requests.at(-1)?.body as { messages: { content: string }[] };
    expect(asked.messages.map(({ content }) => content)).toEqual(['Hello', expected.content, 'Go on.']);
  });

  it('is complete for a reader from the start, and can be resumed from each of its frames', async () => {
    const { path } = await server.newChat();
    const live = await (await send(server, path)).rest();
    const { runId } = live[0]?.cursor ?? startOfRun('');
    const frames = await readStream(await attach(server, path, formatCursor(startOfRun(runId)))).rest();
    expect(frames.map(({ event }) => event?.type)).toEqual(['run-start', 'reasoning', 'chunk', 'done']);
    expect(viewOf(frames.slice(0, -1), emptyRunView(runId))).toMatchObject(expected);
    for (const [index, frame] of frames.slice(0, -1).entries()) {
      const rest = await readStream(await attach(server, path, idOf(frame))).rest();
      expect(rest).toEqual(frames.slice(index + 1));
    }
  });

  it('refuses a position that the run never reached', async () => {
    const { path } = await server.newChat();
    const last = (await (await send(server, path)).rest()).at(-2);
    const { cursor } = last ?? { cursor: startOfRun('') };
    const after = formatCursor({ ...cursor, contentLength: cursor.contentLength + 1 });
    expect((await attach(server, path, after)).status).toBe(400);
  });
});

it('is thinking in an answer that was cancelled behind the tag', async () => {
  const server = await startTestServer();
  try {
    server.simulator.script('demo/quick', [
      { delta: 'Hm.\n</think>\n\n' },
      { delta: 'The first' },
      { hold: 'never' },
    ]);
    const { path } = await server.newChat();
    const stream = await send(server, path);
    await stream.until(({ event }) => event?.type === 'chunk' && event.data.content.includes('first'));
    await server.request('POST', `${path}/cancel`);
    const end = (await stream.rest()).find(isTerminal);
    const expected = { status: 'cancelled', content: 'The first', reasoning: 'Hm.' };
    expect(end?.event).toMatchObject({ type: 'done', data: { message: expected } });
    expect(await answerOf(server, path)).toMatchObject(expected);
  } finally {
    await server.close();
  }
});

it('is thinking in an answer whose process was killed behind the tag, also to its readers', async () => {
  const folder = await makeFolder();
  const simulator = await startSimulator({ generationNotFoundCount: 0, tokensPerSecond: 0 });
  simulator.script('demo/quick', [
    { delta: 'Hm, and hm.\n\n</think>\n\n' },
    { delta: 'The first' },
    { hold: 'never' },
  ]);
  const environment = processEnvironment(folder.path, simulator.url);
  const start = () => startReady({ workingDirectory: folder.path, environment });
  const killed = await start();
  const path = await makeChat(killed);
  const stream = await send(killed, path);
  const seen: DecodedFrame[] = [];
  while (!seen.some(({ event }) => event?.type === 'chunk' && event.data.content.includes('first')))
    seen.push(await stream.until(() => true));
  killed.child.kill('SIGKILL');
  await killed.ended;
  const next = await start();
  try {
    const expected = { status: 'interrupted', content: 'The first', reasoning: 'Hm, and hm.' };
    expect(await answerOf(next, path)).toMatchObject(expected);
    for (const [index, frame] of seen.entries()) {
      const rest = await readStream(await attach(next, path, idOf(frame))).rest();
      expect(rest.at(-1)?.event).toMatchObject({ type: 'error', data: { message: expected } });
      const view = viewOf(rest, viewOf(seen.slice(0, index + 1), emptyRunView(frame.cursor.runId)));
      expect(view).toMatchObject({ content: 'The first', reasoning: 'Hm, and hm.' });
    }
    simulator.script('demo/quick', [{ delta: 'Fine.' }]);
    await (await send(next, path, { content: 'Go on.' })).rest();
    expect((await detailOf(next, path)).messages.at(-1)?.content).toBe('Fine.');
    const asked = simulator.requests.findLast(({ model }) => model)?.body;
    expect(JSON.stringify(asked)).toContain('The first');
    expect(JSON.stringify(asked)).not.toContain('hm');
  } finally {
    next.child.kill('SIGKILL');
    await next.ended;
    await simulator.close();
    await folder.remove();
  }
});
