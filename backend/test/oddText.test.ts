/** Tests that a text of any characters is the same wherever it is read: live, resumed, after the end, after a restart. */
import { type DecodedFrame, emptyRunView, foldFrame, type RunView } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, attach, detailOf, send } from './callServer.ts';
import { idOf, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { makeFolder } from './testDatabase.ts';

const everyControl = [
  ...Array.from({ length: 32 }, (_, code) => code),
  ...Array.from({ length: 33 }, (_, index) => 0x7f + index),
]
  .map((code) => String.fromCharCode(code))
  .join('');

/** The provider's deltas, and the text that they make. */
const texts: Record<string, { deltas: string[]; whole?: string }> = {
  'a NUL in the middle': { deltas: ['be', '\0', 'hind'] },
  'a NUL at both ends': { deltas: ['\0a', 'b\0'] },
  'NULs alone': { deltas: ['\0', '\0\0'] },
  'every control character': { deltas: [everyControl, 'x', ...everyControl] },
  'line ends of every kind': { deltas: ['a\r', '\nb\rc\n', '\u2028d\u2029', '\u0085e'] },
  'a byte order mark at the start and inside': { deltas: ['\ufeffa', '\ufeff', 'b'] },
  'non-characters and private use': { deltas: ['\ufffe', '\uffff\ufdd0', '\u{10ffff}\u{fffff}', '\ue000'] },
  'direction marks and isolates': { deltas: ['\u202eabc', '\u2066d\u2069', '\u200f'] },
  'joiners, selectors and combining marks': { deltas: ['👩\u200d', '👩\u200d👧', 'e\u0301', '\u0301\ufe0f'] },
  'a pair cut in two': { deltas: ['a\ud83d', '\ude00b'] },
  'halves of pairs': { deltas: ['a\ud83d', 'b\ude00c', '\ud800'], whole: 'a\ufffdb\ufffdc\ufffd' },
  'what looks like an event stream': { deltas: ['data: x\n\n', 'id: 1\r\n\r\nevent: done\n', ': y'] },
};

let folder: Awaited<ReturnType<typeof makeFolder>>;
let server: TestServer;
beforeEach(async () => {
  folder = await makeFolder();
  server = await startTestServer({ dataDirectory: folder.path });
});
afterEach(async () => {
  await server.close();
  await folder.remove();
});

const viewOf = (frames: readonly DecodedFrame[], start: RunView) => frames.reduce(foldFrame, start);

describe.each(Object.entries(texts))('%s', (_, { deltas, whole = deltas.join('') }) => {
  it('is the same text in an answer and its thinking, from every cursor and after a restart', async () => {
    server.simulator.script('demo/quick', [
      ...deltas.map((reasoning) => ({ reasoning })),
      ...deltas.map((delta) => ({ delta })),
    ]);
    const { path } = await server.newChat();
    const frames = await (await send(server, path, { content: 'Say it.' })).rest();
    const start = emptyRunView(frames[0]?.cursor.runId ?? '');
    const shown = { content: whole, reasoning: whole };
    expect(viewOf(frames, start)).toMatchObject(shown);
    expect(frames.at(-1)?.cursor).toMatchObject({
      contentLength: whole.length,
      reasoningLength: whole.length,
    });
    const everywhere = async () => {
      expect(await answerOf(server, path)).toMatchObject(shown);
      for (const [index, frame] of frames.slice(0, -1).entries()) {
        const rest = await readStream(await attach(server, path, idOf(frame))).rest();
        expect(viewOf(rest, viewOf(frames.slice(0, index + 1), start))).toMatchObject(shown);
      }
    };
    await everywhere();
    await server.close();
    server = await startTestServer({ dataDirectory: folder.path });
    await everywhere();
  });

  it('is the same text in a message, at once and later, and in the request to the model', async () => {
    const { path } = await server.newChat();
    const content = `Say: ${whole}`;
    const frames = await (await send(server, path, { content: `Say: ${deltas.join('')}` })).rest();
    const [first] = frames;
    expect(first?.event?.type === 'run-start' && first.event.data.userMessage?.content).toBe(content);
    expect((await detailOf(server, path)).messages[0]?.content).toBe(content);
    const asked = server.simulator.requests.at(-1)?.body as { messages: { content: string }[] };
    expect(asked.messages.at(-1)?.content).toBe(content);
    await server.close();
    server = await startTestServer({ dataDirectory: folder.path });
    expect((await detailOf(server, path)).messages[0]?.content).toBe(content);
  });
});
