/** Tests endless and many large answers on a server with a small heap: an answer may be ended, the process must survive. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ChatDetail, formatCursor, startOfRun } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStream } from './readStream.ts';
import { makeChat, processEnvironment, type ReadyProcess, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

const megabyte = 1024 * 1024;

/** Writes an answer; resolves when it is written or its connection is closed. */
type Play = (response: ServerResponse) => Promise<void>;

let folder: Awaited<ReturnType<typeof makeFolder>>;
let provider: Server;
let plays: Play[];
let running: ReadyProcess[];
beforeEach(async () => {
  folder = await makeFolder();
  running = [];
  plays = [];
  provider = createServer((request, response) => {
    request.resume();
    if (request.method !== 'POST') {
      response.end('{"data":[]}');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    void plays.shift()?.(response);
  });
  provider.listen(0, '127.0.0.1');
  await new Promise((resolve) => provider.once('listening', resolve));
});
afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  provider.closeAllConnections();
  await new Promise((resolve) => provider.close(resolve));
  await folder.remove();
});

async function start(heapMegabytes: number): Promise<ReadyProcess> {
  const { port } = provider.address() as AddressInfo;
  const environment = {
    NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}`,
    ...processEnvironment(folder.path, `http://127.0.0.1:${port}`, '~any/model'),
    RILL_IDLE_TIMEOUT_MS: '3600000',
  };
  const started = await startReady({ workingDirectory: folder.path, environment });
  running.push(started);
  return started;
}

const chunk = (delta: object, more: object = {}) =>
  `data: ${JSON.stringify({ id: 'gen-1', choices: [{ index: 0, delta }], ...more })}\n\n`;
const ending = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`;

async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}

/** Writes the same event repeatedly, then the end. */
const repeat =
  (event: (index: number) => string, count: number): Play =>
  async (response) => {
    await write(response, chunk({ content: 'It began. ' }));
    for (let index = 0; index < count && !response.destroyed; index += 1) await write(response, event(index));
    response.end(ending);
  };

/** Sends and waits until the answer has ended; returns the chat, unless it is too large to read. */
async function answer(rill: ReadyProcess, path: string, play: Play): Promise<void> {
  plays.push(play);
  const sent = await rill.request('POST', `${path}/messages/stream`, { content: 'Go on' });
  for await (const _ of sent.body ?? []);
}

/** The chat, and the length of its response. */
async function chatOf(rill: ReadyProcess, path: string): Promise<ChatDetail> {
  return (await rill.request('GET', path)).json() as Promise<ChatDetail>;
}

const url = (length: number) => `data:image/png;base64,${'A'.repeat(length)}`;
const image = (length: number) => ({ type: 'image_url', image_url: { url: url(length) } });
const citation = (length: number) => ({
  type: 'url_citation',
  url_citation: { url: `https://example.com/${'a'.repeat(length)}`, title: 'A title' },
});
const call = (index: number, text: string, name = 'look') => ({
  index,
  id: `call-${index}`,
  function: { name, arguments: text },
});

const kinds: readonly (readonly [string, Play])[] = [
  ['pictures of 126 MB', repeat(() => chunk({ images: [image(2 * megabyte)] }), 63)],
  ['one picture of 40 MB', repeat(() => chunk({ images: [image(40 * megabyte)] }), 1)],
  ['sources of 119 MB', repeat(() => chunk({ annotations: [citation(megabyte)] }), 119)],
  ['a million small sources', repeat(() => chunk({ annotations: Array(5000).fill(citation(1)) }), 200)],
  ['tool calls of 120 MB', repeat(() => chunk({ tool_calls: [call(0, 'x'.repeat(megabyte))] }), 120)],
  [
    'half a million tool calls',
    repeat(
      (at) => chunk({ tool_calls: Array.from({ length: 5000 }, (_, index) => call(at * 5000 + index, '')) }),
      100,
    ),
  ],
  [
    'tool calls with huge names',
    repeat((at) => chunk({ tool_calls: [call(at, '', 'n'.repeat(megabyte))] }), 120),
  ],
  [
    'reasoning details of 120 MB',
    repeat(
      () => chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x'.repeat(megabyte) }] }),
      120,
    ),
  ],
  ['a refusal of 120 MB', repeat(() => chunk({ refusal: 'é€'.repeat(megabyte / 2) }), 120)],
  ['text of 120 MB', repeat(() => chunk({ content: '文字'.repeat(megabyte / 2) }), 120)],
  [
    'figures of 6 MB',
    repeat(() => chunk({}, { usage: { prompt_tokens: 1, other: Array(2 * megabyte).fill({}) } }), 1),
  ],
  [
    'an event that is nothing but braces',
    repeat(() => `data: {"a":[${'{},'.repeat(4 * megabyte)}{}]}\n\n`, 1),
  ],
];

describe('a server with 256 MB of heap', () => {
  it('ends one answer of each kind with a clear error, and keeps running', async () => {
    const rill = await start(256);
    for (const [kind, play] of kinds) {
      const path = await makeChat(rill);
      await answer(rill, path, play);
      const [, saved] = (await chatOf(rill, path)).messages;
      expect(saved?.content, kind).toContain('It began. ');
      if (saved?.status !== 'completed') {
        expect(saved, kind).toMatchObject({ status: 'failed', error: { isRetryable: false } });
        expect(saved?.error?.message, kind).toContain('million characters');
      }
      // From the start, like a page that is opened.
      const resumed = await rill.request('GET', `${path}/messages/stream`, undefined, {
        'last-event-id': formatCursor(startOfRun(saved?.runId ?? '')),
      });
      let length = 0;
      for await (const chunk of resumed.body ?? []) length += chunk.length;
      expect(length, kind).toBeGreaterThan(saved?.content.length ?? 0);
      await answer(
        rill,
        path,
        repeat(() => chunk({ content: 'short' }), 1),
      );
      const last = (await chatOf(rill, path)).messages.at(-1);
      expect(last?.content, kind).toBe('It began. short');
    }
    expect(rill.child.exitCode).toBe(null);
  }, 600_000);
});

describe('a server with 96 MB of heap', () => {
  it('recovers eight open answers of 12 MB after kill -9', async () => {
    const rill = await start(96);
    const paths: string[] = [];
    const text = 'x'.repeat(64 * 1024);
    for (let index = 0; index < 8; index += 1) {
      const path = await makeChat(rill);
      paths.push(path);
      plays.push(async (response) => {
        for (let count = 0; count < 12 * 16; count += 1) await write(response, chunk({ content: text }));
      });
      const stream = readStream(await rill.request('POST', `${path}/messages/stream`, { content: 'Go on' }));
      await stream.until(({ cursor }) => cursor.contentLength === 12 * megabyte);
    }
    rill.child.kill('SIGKILL');
    await rill.ended;
    const next = await start(96);
    for (const path of paths) {
      const [, saved] = (await chatOf(next, path)).messages;
      expect(saved).toMatchObject({ status: 'interrupted' });
      expect(saved?.content.length).toBe(12 * megabyte);
    }
    expect(next.child.exitCode).toBe(null);
  }, 300_000);
});
