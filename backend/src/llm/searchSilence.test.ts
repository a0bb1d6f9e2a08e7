/** Tests that the silence of a search of the web, in which a server sends nothing but comments, ends no answer. */
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collect, createTestBench, requestFor, type TestBench, turnUntil } from './llmTestBench.ts';

let simulator: Simulator;
let bench: TestBench;
beforeEach(async () => {
  simulator = await startSimulator({ tokensPerSecond: 0 });
  bench = createTestBench(simulator.url);
});
afterEach(async () => {
  await bench.service.close();
  await simulator.close();
});

it('40 s of comments are waited for, before the first text and within it', async () => {
  const comments = { raw: ': OPENROUTER PROCESSING\n\n'.repeat(40) };
  simulator.script('searching', [
    ...[comments, { hold: 'before' }, comments, { delta: 'Found' }],
    ...[{ hold: 'within' }, comments, { delta: ' more.' }],
  ]);
  let text = '';
  const stream = bench.service.streamLLMResponse(requestFor('searching'), {
    signal: new AbortController().signal,
  });
  const collected = collect(stream, (part) => {
    if (part.type === 'content') text += part.text;
  });
  for (const [hold, shown] of [
    ['before', ''],
    ['within', 'Found'],
  ] as const) {
    await simulator.waitForHold(hold);
    await turnUntil(() => text === shown && bench.clock.pendingTimers > 0);
    bench.clock.advance(40_000);
    simulator.release(hold);
  }
  expect(await collected).toMatchObject({ content: 'Found more.', thrown: null });
  expect(bench.clock.pendingTimers).toBe(0);
});
