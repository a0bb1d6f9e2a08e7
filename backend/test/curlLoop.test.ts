/**
 * Runs curl in a loop, as PROTOCOL.md shows it: killed repeatedly, it gets the whole answer by resuming from its last
 * id.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createSseParser } from '@rill/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leftOpen, nothing } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const text = Array.from({ length: 60 }, (_, index) => `${index} 😀 é\n`);
let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
  server.simulator.script('demo/quick', [...text.map((delta) => ({ delta })), { finish: 'stop' }]);
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

interface CurlOutput {
  readonly bytes: Buffer;
  readonly isKilled: boolean;
}

/** Runs curl and kills it once it has printed this much. Errors: says so when curl is not installed. */
async function runCurl(words: readonly string[], maxBytes: number): Promise<CurlOutput> {
  const child = spawn('curl', ['--no-buffer', '--silent', '--show-error', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const parts: Buffer[] = [];
  let isKilled = false;
  child.stdout.on('data', (part: Buffer) => {
    parts.push(part);
    if (isKilled || Buffer.concat(parts).length < maxBytes) return;
    isKilled = true;
    child.kill('SIGKILL');
  });
  await Promise.race([once(child, 'close'), once(child, 'error').then(([error]) => Promise.reject(error))]);
  return { bytes: Buffer.concat(parts), isKilled };
}

it('curl gets the whole answer, each part of it once', { timeout: 120_000 }, async () => {
  const { path } = await server.newChat();
  const url = `${server.url}${path}/messages/stream`;
  const answer = { text: '', lastId: '', types: [] as string[] };
  const post = [
    '-H',
    'Content-Type: application/json',
    '-H',
    'Idempotency-Key: once',
    '-d',
    '{"content":"Hi"}',
  ];
  let killCount = 0;
  for (let maxBytes = 400; answer.types.at(-1) !== 'done'; maxBytes += 150) {
    const ask = answer.lastId === '' ? post : ['-H', `Last-Event-ID: ${answer.lastId}`];
    const { bytes, isKilled } = await runCurl([...ask, url], maxBytes);
    killCount += isKilled ? 1 : 0;
    // Text without a final blank line is no message; the server sends it again.
    const parser = createSseParser({
      onMessage(message) {
        answer.lastId = message.id ?? answer.lastId;
        answer.types.push(message.event ?? '');
        if (message.event === 'chunk')
          answer.text += (JSON.parse(message.data) as { content: string }).content;
      },
    });
    parser.feed(bytes);
  }
  expect(answer.text).toBe(text.join(''));
  expect(answer.types.filter((type) => type === 'run-start')).toHaveLength(1);
  expect(killCount).toBeGreaterThan(1);
  expect(server.simulator.requests.filter(({ model }) => model !== undefined)).toHaveLength(1);
});
