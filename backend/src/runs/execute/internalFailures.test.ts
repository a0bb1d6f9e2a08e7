/**
 * Tests internal errors anywhere inside one answer: only that answer ends, with the right code, and nothing claims a
 * restart.
 */
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answering, openRunBench, type RunBench, sendTo, turnUntil } from '../../../test/runBench.ts';
import { storeChat } from '../../../test/testDatabase.ts';
import type { LlmPart, LlmService } from '../../llm/llmService.ts';
import { getMessage } from '../../store/messages.ts';
import { listGenerations } from '../../store/runs.ts';
import { RunCancelled } from '../finish/abortReasons.ts';
import { createRunService } from '../runService.ts';

let bench: RunBench;
beforeEach(async () => {
  bench = await openRunBench();
});
afterEach(() => bench.close());

const deep = JSON.parse(`${'['.repeat(20_000)}1${']'.repeat(20_000)}`) as unknown;

/** An answer that has text, followed by these parts. */
function thenFaulty(parts: (signal: AbortSignal) => AsyncGenerator<LlmPart, void, void>): LlmService {
  return {
    ...answering([]),
    async *streamLLMResponse(_request, { signal }) {
      yield { type: 'attempt', attempt: 1, model: 'demo/quick', sent: {} };
      yield { type: 'content', text: 'Kept.' };
      yield* parts(signal);
    },
  };
}

const result = { usage: null, toolCalls: [], finishReason: 'stop' };
const endWith = (more: object) => ({ type: 'end', result: { ...result, ...more } }) as unknown as LlmPart;

describe('an answer', () => {
  it.each<[string, (signal: AbortSignal) => AsyncGenerator<LlmPart, void, void>]>([
    [
      'whose stream throws an unexpected error',
      // biome-ignore lint/correctness/useYield: it fails before it has anything.
      async function* () {
        throw new TypeError('a bug');
      },
    ],
    [
      'whose figures cannot be encoded',
      async function* () {
        yield endWith({ usage: { raw: { deep }, normalised: {} } });
      },
    ],
    [
      'whose tool calls cannot be encoded',
      async function* () {
        yield endWith({ toolCalls: [{ id: 'a', name: 'b', arguments: deep }] });
      },
    ],
  ])('%s ends as internal, with its text', async (_, parts) => {
    const runs = createRunService({ ...bench.dependencies, llm: thenFaulty(parts) });
    const key = await storeChat(bench.test);
    const { messageId } = await runs.send(sendTo(key));
    await turnUntil(() => bench.dependencies.activeRequests.size === 0);
    // A run that could not be stored is ended again a second later.
    bench.clock.advance(1000);
    let message = await getMessage(bench.test.database.reader, key.chatId, messageId);
    while (message.status === 'streaming') {
      await setImmediate();
      message = await getMessage(bench.test.database.reader, key.chatId, messageId);
    }
    expect(message).toMatchObject({ status: 'failed', content: 'Kept.', error: { code: 'internal' } });
    expect(message.error?.message).not.toContain('restart');
  });
});

describe('a provider call', () => {
  it.each([
    ['is not noted when it was withdrawn before it was sent', false, []],
    ['is noted when it was sent', true, ['cancelled']],
  ])('%s', async (_, isSent, outcomes) => {
    const llm: LlmService = {
      ...answering([]),
      async *streamLLMResponse(_request, { signal, onSent }) {
        yield { type: 'attempt', attempt: 1, model: 'demo/quick', sent: {} };
        if (isSent) onSent?.();
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      },
    };
    const { activeRequests, database } = bench.dependencies;
    const { runId } = await createRunService({ ...bench.dependencies, llm }).send(
      sendTo(await storeChat(bench.test)),
    );
    await turnUntil(() => activeRequests.size === 1);
    await setImmediate();
    activeRequests.abort(runId, new RunCancelled());
    await turnUntil(() => activeRequests.size === 0);
    expect((await listGenerations(database.reader, runId)).map(({ outcome }) => outcome)).toEqual(outcomes);
  });
});
