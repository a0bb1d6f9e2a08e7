import { setImmediate } from 'node:timers/promises';
import type { Model } from '@rill/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakeClock.ts';
import { createModelCatalog, type ModelCatalog } from './modelCatalog.ts';
import type { ModelListing } from './wire/modelList.ts';

const modelOf = (id: string): Model => ({
  id,
  name: id,
  contextLengthTokens: 1000,
  maxCompletionTokens: null,
  promptUsdPerToken: null,
  completionUsdPerToken: null,
  isReasoning: false,
});

/** Models whose name starts with `embed` answer no messages. */
const listingOf = (ids: readonly string[]): ModelListing => ({
  models: ids.map(modelOf),
  forChat: new Set(ids.filter((id) => !id.startsWith('embed'))),
  idBySlug: new Map(),
});

interface Question {
  readonly signal: AbortSignal;
  answer(...ids: string[]): Promise<void>;
  fail(error: Error): Promise<void>;
}

let clock: FakeClock;
let questions: Question[];
let failures: unknown[];
let catalog: ModelCatalog;

function open(fallbackModel = 'a/one', chosenModel: string | null = null): void {
  clock = new FakeClock();
  questions = [];
  failures = [];
  catalog = createModelCatalog({
    fetchModels(signal) {
      const { promise, resolve, reject } = Promise.withResolvers<ModelListing>();
      signal.addEventListener('abort', () => reject(signal.reason));
      const settled = async (settle: () => void) => {
        settle();
        await setImmediate();
      };
      questions.push({
        signal,
        answer: (...ids) => settled(() => resolve(listingOf(ids))),
        fail: (error) => settled(() => reject(error)),
      });
      return promise;
    },
    clock,
    chosenModel,
    fallbackModel,
    onFailure: (error) => failures.push(error),
  });
}
beforeEach(() => open());

const idsOf = (models: readonly Model[]) => models.map((model) => model.id);
const isPending = async (promise: Promise<unknown>) =>
  (await Promise.race([promise.then(() => 'settled'), setImmediate('pending')])) === 'pending';

/** Opens a catalog that has its first list. */
async function learn(...ids: string[]): Promise<void> {
  const listed = catalog.list();
  await questions.at(-1)?.answer(...ids);
  await listed;
}

describe('the first list', () => {
  it('is awaited by all concurrent callers with one request', async () => {
    const [first, second] = [catalog.list(), catalog.list()];
    const looked = catalog.lookFor('a/one');
    expect([await isPending(first), await isPending(second), await isPending(looked)]).toEqual([
      true,
      true,
      true,
    ]);
    await questions[0]?.answer('a/one', 'b/two');
    expect([idsOf(await first), idsOf(await second)]).toEqual([
      ['a/one', 'b/two'],
      ['a/one', 'b/two'],
    ]);
    await looked;
    expect([questions.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('is awaited for at most 2 s from the request on, by early and late callers', async () => {
    const first = catalog.list();
    clock.advance(1500);
    const second = catalog.lookFor('a/one');
    expect(await isPending(second)).toBe(true);
    clock.advance(500);
    expect(await first).toEqual([]);
    await second;
    await questions[0]?.answer('a/one');
    expect(catalog.find('a/one')).not.toBeNull();
  });

  it('is abandoned after 10 s', async () => {
    void catalog.list();
    clock.advance(10_000);
    await setImmediate();
    expect(questions[0]?.signal.aborted).toBe(true);
    expect([failures.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});

describe('a provider that lists nothing', () => {
  it('is requested again only after 30 s', async () => {
    const listed = catalog.list();
    await questions[0]?.fail(new Error('404'));
    expect(await listed).toEqual([]);
    clock.advance(30_000);
    expect(await catalog.list()).toEqual([]);
    expect([questions.length, failures.length]).toEqual([1, 1]);
    clock.advance(1);
    const again = catalog.list();
    await questions[1]?.answer('a/one');
    expect(idsOf(await again)).toEqual(['a/one']);
  });

  it('is treated like one with an empty list', async () => {
    await learn();
    expect(catalog.defaultModel()).toBe('a/one');
  });
});

describe('a known list', () => {
  beforeEach(() => learn('a/one', 'b/two'));

  it('knows the limits of a model, also under a routing suffix', () => {
    expect(catalog.find('a/one:nitro')).toEqual(modelOf('a/one'));
    expect(catalog.find('c/three')).toBeNull();
  });

  it('knows a model by its name without the tag', async () => {
    open();
    await learn('llama3.2:1b', 'llama3.2:latest', 'qwen3:8b');
    expect(catalog.find('llama3.2')?.id).toBe('llama3.2:latest');
    expect(catalog.find('qwen3')?.id).toBe('qwen3:8b');
    expect(catalog.find('qwen')).toBeNull();
  });

  it('is renewed in the background after 10 minutes, and used meanwhile', async () => {
    clock.advance(600_001);
    expect(idsOf(await catalog.list())).toEqual(['a/one', 'b/two']);
    expect(questions).toHaveLength(2);
    await questions[1]?.answer('c/three');
    expect(idsOf(await catalog.list())).toEqual(['c/three']);
  });

  it('stays when the provider fails later', async () => {
    clock.advance(600_001);
    await catalog.list();
    await questions[1]?.fail(new Error('503'));
    expect(idsOf(await catalog.list())).toEqual(['a/one', 'b/two']);
  });

  it('is requested again for an unknown name once it is 30 s old, and no caller waits for that', async () => {
    await catalog.lookFor('c/new');
    expect(questions).toHaveLength(1);
    clock.advance(30_001);
    await Promise.all([catalog.lookFor('c/new'), catalog.lookFor('c/new')]);
    expect(questions).toHaveLength(2);
    await questions[1]?.answer('a/one', 'c/new');
    expect(catalog.find('c/new')).not.toBeNull();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('the default model', () => {
  it('is the fallback until a list is known, and later when the list contains it', async () => {
    expect(catalog.defaultModel()).toBe('a/one');
    await learn('b/two', 'a/one');
    expect(catalog.defaultModel()).toBe('a/one');
  });

  it('is the first one of a list without the fallback', async () => {
    open('gone/model');
    await learn('b/two', 'a/one');
    expect(catalog.defaultModel()).toBe('b/two');
  });

  it('is never one that answers no messages', async () => {
    open('gone/model');
    await learn('embed/one', 'b/two');
    expect(catalog.defaultModel()).toBe('b/two');
    open('gone/model');
    await learn('embed/one');
    expect(catalog.defaultModel()).toBe('gone/model');
  });

  it('is the one in the settings with any list', async () => {
    open('a/one', '@preset/mine');
    await learn('b/two', 'a/one');
    expect(catalog.defaultModel()).toBe('@preset/mine');
  });
});
