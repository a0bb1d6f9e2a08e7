import { expect, test } from 'vitest';
import { collect, createTestBench, failureOf, requestFor, startLocalServer } from './llmTestBench.ts';

const limit = 32 * 1024 * 1024;

test('an endless answer is ended at 32 million characters, with all its text up to there', async () => {
  const delta = { content: 'x'.repeat(64 * 1024) };
  const line = `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;
  const server = await startLocalServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const writeOn = () => {
      while (!response.destroyed && response.write(line));
    };
    response.on('drain', writeOn);
    writeOn();
  });
  const { service, clock } = createTestBench(server.url);
  const collected = await collect(
    service.streamLLMResponse(requestFor('endless'), { signal: new AbortController().signal }),
  );
  expect(failureOf(collected)).toMatchObject({ code: 'provider_protocol', isRetryable: false });
  expect(failureOf(collected).message).toContain('32 million characters');
  expect(collected.content.length).toBeGreaterThan(limit - 2 * delta.content.length);
  expect(collected.content.length).toBeLessThanOrEqual(limit);
  expect(clock.pendingTimers).toBe(0);
  await service.close();
  await server.close();
}, 30_000);
