/** Everything that can end a run, in every order: it ends exactly once, and everybody is told the same. */
import { type RunEventType, startOfRun } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { framesOf } from '../../test/eventLogContract.ts';
import { openRunBench, type RunBench, sendTo, turnUntil } from '../../test/runBench.ts';
import { storeChat } from '../../test/testDatabase.ts';
import type { LlmPart, LlmService } from '../llm/llmService.ts';
import type { FrameSource } from '../log/sourceFrame.ts';
import { getMessage } from '../store/messages.ts';
import { createRuns, type Runs } from './runs.ts';

/** A provider whose answer ends when the test says so. */
function heldProvider() {
  const end = Promise.withResolvers<void>();
  const llm: Pick<LlmService, 'streamLLMResponse'> = {
    async *streamLLMResponse(_request, { signal }): AsyncGenerator<LlmPart, void, undefined> {
      const aborted = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
      yield { type: 'attempt', attempt: 1, model: 'demo/quick' };
      yield { type: 'content', text: 'Text' };
      await Promise.race([end.promise, aborted.promise]);
      yield { type: 'end', result };
    },
  };
  return { llm, end: () => end.resolve() };
}

const result = {
  finishReason: 'stop',
  nativeFinishReason: null,
  model: 'demo/quick',
  provider: null,
  generationId: null,
  usage: null,
  toolCalls: [],
  reasoningDetails: [],
  commentCount: 0,
  dataEventCount: 1,
  badEventCount: 0,
  isDone: true,
};

let bench: RunBench;
let runs: Runs;
let provider: ReturnType<typeof heldProvider>;
beforeEach(async () => {
  provider = heldProvider();
  const idle = await openRunBench();
  bench = {
    ...idle,
    dependencies: { ...idle.dependencies, llm: { ...idle.dependencies.llm, ...provider.llm } },
  };
  runs = createRuns(bench.dependencies);
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
      const attachment = await runs.send(sendTo(key));
      const { runId, messageId, source } = attachment;
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
      // A cancel that came too late says so; one that was recorded gets the end, whatever it is.
      for (const outcome of cancelled) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'no_active_run' });
      }
    },
  );
});
