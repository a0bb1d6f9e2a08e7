/** Tests every event that can end a run, in every order: the run ends exactly once, and all readers get the same end. */
import { type RunEventType, startOfRun } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { framesOf } from '../../../test/eventLogContract.ts';
import { openRunBench, type RunBench, sendTo, turnUntil } from '../../../test/runBench.ts';
import { storeChat } from '../../../test/testDatabase.ts';
import type { FrameSource } from '../../delivery/frameSource.ts';
import type { LlmPart, LlmService } from '../../llm/llmService.ts';
import { getMessage } from '../../store/messages.ts';
import { createRunService, type RunService } from '../runService.ts';

/** A provider whose answer ends when the test decides. */
function heldProvider() {
  const end = Promise.withResolvers<void>();
  const llm: Pick<LlmService, 'streamLLMResponse'> = {
    async *streamLLMResponse(_request, { signal }): AsyncGenerator<LlmPart, void, undefined> {
      const aborted = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
      yield { type: 'attempt', attempt: 1, model: 'demo/quick', sent: {} };
      yield { type: 'content', text: 'Text' };
      await Promise.race([end.promise, aborted.promise]);
      yield { type: 'end', result };
    },
  };
  return { llm, end: () => end.resolve() };
}

const result = {
  finishReason: 'stop',
  model: 'demo/quick',
  provider: null,
  generationId: null,
  usage: null,
  toolCalls: [],
  reasoningDetails: [],
};

let bench: RunBench;
let runs: RunService;
let provider: ReturnType<typeof heldProvider>;
beforeEach(async () => {
  provider = heldProvider();
  const idle = await openRunBench();
  bench = {
    ...idle,
    dependencies: { ...idle.dependencies, llm: { ...idle.dependencies.llm, ...provider.llm } },
  };
  runs = createRunService(bench.dependencies);
});
afterEach(async () => {
  await runs.interruptAll();
  expect(bench.clock.pendingTimers).toBe(0);
  await bench.close();
});

function terminalsOf(source: FrameSource, runId: string): number {
  let count = 0;
  for (let frame = source.next(startOfRun(runId)); frame; frame = source.next(frame.cursor)) {
    if (frame.isTerminal) count += 1;
  }
  return count;
}

const ends = ['cancel', 'cancel again', 'completion', 'deadline', 'interrupt'] as const;
type End = (typeof ends)[number];

function permutations(of: readonly End[]): End[][] {
  if (of.length < 2) return [[...of]];
  return of.flatMap((first, index) =>
    permutations([...of.slice(0, index), ...of.slice(index + 1)]).map((others) => [first, ...others]),
  );
}

describe('two cancels, a completion, a deadline and a shutdown at the same moment', () => {
  it.each(permutations(ends).map((order) => [order.join(', '), order] as const))(
    '%s',
    async (_name, order) => {
      const key = await storeChat(bench.test);
      const reader = await runs.send(sendTo(key));
      const { runId, messageId, source } = reader;
      await turnUntil(() => bench.dependencies.liveRuns.get(runId)?.content === 'Text');
      const cancel = () => runs.cancel(key, runId);
      const act: Record<End, () => Promise<unknown> | undefined> = {
        cancel,
        'cancel again': cancel,
        completion: () => void provider.end(),
        deadline: () => void bench.clock.advance(10_000),
        interrupt: () => runs.interruptAll(),
      };
      const cancelled = await Promise.allSettled(order.map((end) => act[end]()));
      await turnUntil(() => bench.dependencies.activeRequests.size === 0);

      const types = (await framesOf(bench.dependencies.log, runId)).map(
        ({ event }): RunEventType => event.type,
      );
      expect(types.filter((type) => type === 'done' || type === 'error')).toHaveLength(1);
      expect(terminalsOf(source, runId)).toBe(1);
      const message = await getMessage(bench.test.database.reader, key.chatId, messageId);
      expect(message).toMatchObject({ content: 'Text' });
      expect(['completed', 'cancelled', 'failed', 'interrupted']).toContain(message.status);
      // A late cancel reports that; one that was recorded returns the end, whichever it is.
      for (const outcome of cancelled) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'no_active_run' });
      }
    },
  );
});
