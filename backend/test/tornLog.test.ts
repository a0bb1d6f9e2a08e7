/** Tests a write-ahead log that is damaged at its end, as after a power cut: the server starts with the intact part. */
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerOf, attach, send } from './callServer.ts';
import { isChunk, isTerminal, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { makeFolder } from './testDatabase.ts';

const text = Array.from({ length: 200 }, (_, index) => `${index} 😀 `);
let server: TestServer;
let files: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  server = await startTestServer();
  files = await makeFolder();
});
afterEach(async () => {
  await server.close();
  await files.remove();
});

/** Makes the files of a server that died in the middle of an answer. */
async function dieInMidAnswer(): Promise<{ path: string; shown: string; walBytes: number }> {
  server.simulator.script('demo/quick', [...text.map((delta) => ({ delta })), { hold: 'never' }]);
  const { path } = await server.newChat();
  const stream = await send(server, path);
  let shown = '';
  while (shown.length < text.join('').length) {
    const frame = await stream.until(isChunk);
    if (frame.event?.type === 'chunk') shown += frame.event.data.content;
  }
  for (const name of ['rill.sqlite', 'rill.sqlite-wal']) {
    copyFileSync(join(server.dataDirectory, name), join(files.path, name));
  }
  await server.request('POST', `${path}/cancel`, {});
  return { path, shown, walBytes: statSync(join(files.path, 'rill.sqlite-wal')).size };
}

/** Returns the answer that a server shows when it starts on damaged files. */
async function startOn(path: string, damage: (wal: Buffer) => Buffer) {
  const { path: dataDirectory, remove } = await makeFolder();
  copyFileSync(join(files.path, 'rill.sqlite'), join(dataDirectory, 'rill.sqlite'));
  const wal = readFileSync(join(files.path, 'rill.sqlite-wal'));
  writeFileSync(join(dataDirectory, 'rill.sqlite-wal'), damage(wal));
  const again = await startTestServer({ dataDirectory });
  try {
    again.simulator.script('demo/quick', [{ delta: 'Again.' }]);
    const chat = await again.request('GET', path);
    if (chat.status === 404) return { content: null };
    const answer = await answerOf(again, path);
    if (!answer) return { content: null };
    const frames = await readStream(await attach(again, path, `${answer.runId}.0.0.0`)).rest();
    expect(frames.filter(isTerminal)).toHaveLength(1);
    const next = await (await send(again, path, { content: 'And now?' })).rest();
    expect(next.at(-1)?.event?.type).toBe('done');
    return { content: answer.content, status: answer.status };
  } finally {
    await again.close();
    await remove();
  }
}

it('an intact log keeps everything that was shown', { timeout: 60_000 }, async () => {
  const { path, shown } = await dieInMidAnswer();
  expect(await startOn(path, (wal) => wal)).toEqual({ content: shown, status: 'interrupted' });
});

it('a damaged log keeps the text before the damage, the answer ends once, and the chat continues', {
  timeout: 120_000,
}, async () => {
  const { path, shown, walBytes } = await dieInMidAnswer();
  const offset = fc.integer({ min: 0, max: walBytes - 1 });
  const damages = fc.record({ at: offset, kind: fc.constantFrom('cut', 'flip', 'zero') });
  await fc.assert(
    fc.asyncProperty(damages, async ({ at, kind }) => {
      const found = await startOn(path, (wal) => {
        if (kind === 'cut') return wal.subarray(0, at);
        wal.fill(kind === 'zero' ? 0 : (wal[at] ?? 0) ^ 0xff, at, kind === 'zero' ? wal.length : at + 1);
        return wal;
      });
      // The whole text up to some commit, or nothing of the answer: never a gap, and never other text.
      expect(found.content === null || shown.startsWith(found.content) || found.content === 'Again.').toBe(
        true,
      );
    }),
    { numRuns: 25 },
  );
});
