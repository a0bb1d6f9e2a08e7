/** Provides the tests of other servers' dialects with chunks as they send them, and with one request to such a server. */
import type { ServerResponse } from 'node:http';
import { afterEach, expect } from 'vitest';
import {
  type Collected,
  collect,
  createTestBench,
  type LocalServer,
  requestFor,
  startLocalServer,
  type TestBench,
} from './llmTestBench.ts';

const { signal } = new AbortController();
export const chunk = (content: string, finish_reason: string | null = null) => ({
  id: 'c-1',
  choices: [{ index: 0, delta: content === '' ? {} : { content }, finish_reason }],
});
export const data = (...values: object[]) =>
  values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('');

const opened: { server: LocalServer; bench: TestBench }[] = [];
afterEach(async () => {
  for (const { server, bench } of opened.splice(0)) {
    expect(bench.clock.pendingTimers).toBe(0);
    await bench.service.close();
    await server.close();
  }
});

/** Sends one request to a server with this answer and reads it to the end. Afterwards no timer may be left. */
export async function ask(
  answer: (response: ServerResponse) => void,
  whileOpen: (bench: TestBench, seen: { content: string; isOver: boolean }) => Promise<void> = async () =>
    undefined,
): Promise<Collected> {
  const server = await startLocalServer((_, response) => answer(response));
  const bench = createTestBench(server.url);
  opened.push({ server, bench });
  const seen = { content: '', isOver: false };
  const collected = collect(bench.service.streamLLMResponse(requestFor('any'), { signal }), (part) => {
    if (part.type === 'content') seen.content += part.text;
  });
  void collected.then(() => {
    seen.isOver = true;
  });
  await whileOpen(bench, seen);
  return await collected;
}
