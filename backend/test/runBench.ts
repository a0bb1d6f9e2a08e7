/** Sets up the run stage on a real database with a scripted provider, for tests that need no HTTP. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { v7 as newId } from 'uuid';
import { createWriteQueue } from '../src/database/writeQueue.ts';
import { MemoryFeeds } from '../src/delivery/feed/memoryFeeds.ts';
import { FinishedRunCache } from '../src/delivery/finishedRunCache.ts';
import { LiveRuns } from '../src/delivery/liveRuns.ts';
import { createFileService } from '../src/files/fileService.ts';
import { openFolderFileStore } from '../src/files/folderFileStore.ts';
import type { LlmPart, LlmResult, LlmService } from '../src/llm/llmService.ts';
import { createSqliteEventLog } from '../src/log/sqliteEventLog.ts';
import { ActiveRequests } from '../src/runs/activeRequests.ts';
import { AnswerMemory } from '../src/runs/answerMemory.ts';
import { UnsavedText } from '../src/runs/execute/unsavedText.ts';
import { createBudgets } from '../src/runs/money/answerBudgets.ts';
import { storedLedger } from '../src/runs/money/usageLedger.ts';
import { QueueWakes } from '../src/runs/queue/queueWakes.ts';
import type { RunDependencies } from '../src/runs/runDependencies.ts';
import { noRunsElsewhere } from '../src/runs/runsElsewhere.ts';
import type { SendRequest } from '../src/runs/start/send.ts';
import type { ChatKey } from '../src/store/chats/chats.ts';
import { FakeClock } from './fakeClock.ts';
import { openTestDatabase, type TestDatabase } from './testDatabase.ts';

export interface RunBench {
  readonly test: TestDatabase;
  readonly clock: FakeClock;
  readonly dependencies: RunDependencies;
  /** Lines of the log, as level and message. */
  readonly logged: string[];
  close(): Promise<void>;
}

export async function openRunBench(overrides: Partial<RunDependencies> = {}): Promise<RunBench> {
  const clock = new FakeClock();
  const test = await openTestDatabase(clock);
  const store = await openFolderFileStore(join(test.dataDirectory, 'files'));
  const logged: string[] = [];
  const dependencies: RunDependencies = {
    database: test.database,
    log: createSqliteEventLog(test.database),
    files: createFileService({ store, database: test.database, clock, newId }),
    liveRuns: new LiveRuns(),
    elsewhere: noRunsElsewhere,
    finishedRuns: new FinishedRunCache(),
    feeds: new MemoryFeeds(newId),
    activeRequests: new ActiveRequests(),
    unsavedText: new UnsavedText(),
    answerMemory: new AnswerMemory(() => Number.POSITIVE_INFINITY),
    giants: createWriteQueue(),
    hasRoomForCall: () => true,
    llm: answering([]),
    models: {
      list: async () => [],
      lookFor: async () => undefined,
      find: () => null,
      featuresOf: () => undefined,
      defaultModel: () => 'demo/quick',
      forget: () => undefined,
    },
    clock,
    newId,
    bootId: 'this-boot',
    budgets: createBudgets({
      stored: test.database,
      bootId: 'this-boot',
      clock,
      logger: { error: () => undefined },
    }),
    ledger: storedLedger,
    titles: { consider: () => undefined },
    reconciliation: { nowMs: () => clock.nowMs(), wakeAt: () => undefined },
    closing: new AbortController().signal,
    queueWakes: new QueueWakes(),
    settings: {
      defaultModel: 'demo/quick',
      titleModel: 'off',
      fallbackModels: [],
      maxTokens: 100,
      maxWebCostUsd: 0.1,
      connectTimeoutMs: 1000,
      firstDeltaTimeoutMs: 1000,
      idleTimeoutMs: 1000,
      runDeadlineMs: 10_000,
      maxRunsPerOwner: 10,
      maxRuns: 10,
    },
    logger: {
      info: (_fields, message) => logged.push(`info: ${message}`),
      warn: (_fields, message) => logged.push(`warn: ${message}`),
      error: (_fields, message) => logged.push(`error: ${message}`),
    },
    ...overrides,
  };
  return { test, clock, dependencies, logged, close: () => test.close() };
}

export function sendTo(key: ChatKey, content = 'Hello', sendKey: string | null = null): SendRequest {
  return { ...key, body: { content }, sendKey };
}

/** Lets the event loop turn until the condition holds. */
export async function turnUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

const result: LlmResult = {
  finishReason: 'stop',
  model: 'demo/quick',
  provider: null,
  generationId: null,
  usage: null,
  toolCalls: [],
  reasoningDetails: [],
};

/** A provider that answers every request with these texts, and then keeps the stream open until it is aborted. */
export function answering(texts: readonly string[], ending: 'end' | 'hold' = 'end'): LlmService {
  const refuse = () => Promise.reject(new Error('Only streams are answered.'));
  return {
    async *streamLLMResponse(_request, { signal }): AsyncGenerator<LlmPart, void, undefined> {
      yield { type: 'attempt', attempt: 1, model: 'demo/quick', sent: {} };
      for (const text of texts) yield { type: 'content', text };
      if (ending === 'hold') await aborted(signal);
      yield { type: 'end', result };
    },
    callLLM: refuse,
    listModels: refuse,
    contextLengthOf: () => null,
    canLookUp: () => false,
    lookUpGeneration: refuse,
    close: async () => undefined,
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
