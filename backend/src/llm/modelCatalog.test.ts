import { setImmediate } from 'node:timers/promises';
import type { Model } from '@rill/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakeClock.ts';
import { createModelCatalog, type ModelCatalog } from './modelCatalog.ts';

const modelOf = (id: string): Model => ({
  id,
  name: id,
  contextLengthTokens: 1000,
  maxCompletionTokens: null,
  promptUsdPerToken: null,
  completionUsdPerToken: null,
  isReasoning: false,
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

function open(fallbackModel = 'a/one'): void {
  clock = new FakeClock();
  questions = [];
  failures = [];
  catalog = createModelCatalog({
    fetchModels(signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Model[]>();
      signal.addEventListener('abort', () => reject(signal.reason));
      const settled = async (settle: () => void) => {
        settle();
        await setImmediate();
      };
      questions.push({
        signal,
        answer: (...ids) => settled(() => resolve(ids.map(modelOf))),
        fail: (error) => settled(() => reject(error)),
      });
      return promise;
    },
    clock,
    fallbackModel,
    onFailure: (error) => failures.push(error),
  });
}
beforeEach(() => open());

const idsOf = (models: readonly Model[]) => models.map((model) => model.id);
const isPending = async (promise: Promise<unknown>) =>
  (await Promise.race([promise.then(() => 'settled'), setImmediate('pending')])) === 'pending';

/** A catalog that has its first list. */
async function learn(...ids: string[]): Promise<void> {
  const listed = catalog.list();
  await questions.at(-1)?.answer(...ids);
  await listed;
}

describe('the first list', () => {
  it('is waited for, by everybody who asks meanwhile, with one question', async () => {
    const [first, second] = [catalog.list(), catalog.list()];
    const known = catalog.isKnown('a/one');
    expect([await isPending(first), await isPending(second), await isPending(known)]).toEqual([
      true,
      true,
      true,
    ]);
    await questions[0]?.answer('a/one', 'b/two');
    expect([idsOf(await first), idsOf(await second)]).toEqual([
      ['a/one', 'b/two'],
      ['a/one', 'b/two'],
    ]);
    expect(await known).toBe(true);
    expect([questions.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('is waited for at most 2 s from the question on, whoever asks when', async () => {
    const first = catalog.list();
    clock.advance(1500);
    const second = catalog.isKnown('a/one');
    expect(await isPending(second)).toBe(true);
    clock.advance(500);
    expect([await first, await second]).toEqual([[], null]);
    expect(await catalog.isKnown('a/one')).toBeNull();
    await questions[0]?.answer('a/one');
    expect(await catalog.isKnown('a/one')).toBe(true);
  });

  it('is given up after 10 s', async () => {
    void catalog.list();
    clock.advance(10_000);
    await setImmediate();
    expect(questions[0]?.signal.aborted).toBe(true);
    expect([failures.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});

describe('a provider that lists nothing', () => {
  it('makes no model unknown, and is asked again only after 30 s', async () => {
    const listed = catalog.list();
    await questions[0]?.fail(new Error('404'));
    expect(await listed).toEqual([]);
    expect(await catalog.isKnown('any/model')).toBeNull();
    clock.advance(30_000);
    expect(await catalog.list()).toEqual([]);
    expect([questions.length, failures.length]).toEqual([1, 1]);
    clock.advance(1);
    const again = catalog.list();
    await questions[1]?.answer('a/one');
    expect(idsOf(await again)).toEqual(['a/one']);
  });

  it('is like one that lists an empty list', async () => {
    await learn();
    expect(await catalog.isKnown('any/model')).toBeNull();
    expect(catalog.defaultModel()).toBe('a/one');
  });
});

describe('a known list', () => {
  beforeEach(() => learn('a/one', 'b/two'));

  it.each([
    ['a/one', true],
    ['a/one:nitro', true],
    ['~a/latest', true],
    ['c/three', false],
    ['a/one:nitro:x', false],
    ['', false],
  ])('says of %j: %s', async (model, isKnown) => {
    expect(await catalog.isKnown(model)).toBe(isKnown);
    expect(questions).toHaveLength(1);
  });

  it('knows the limits of a model, also under a routing suffix', () => {
    expect(catalog.find('a/one:nitro')).toEqual(modelOf('a/one'));
    expect(catalog.find('c/three')).toBeNull();
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

  it('is asked for again for an unknown name once it is 30 s old: the model may be new', async () => {
    clock.advance(30_001);
    const [first, second] = [catalog.isKnown('c/new'), catalog.isKnown('c/new')];
    expect([await isPending(first), await isPending(second)]).toEqual([true, true]);
    await questions[1]?.answer('a/one', 'c/new');
    expect([await first, await second]).toEqual([true, true]);
    expect([questions.length, clock.pendingTimers]).toEqual([2, 0]);
  });

  it('refuses an unknown name after 2 s when the provider does not answer', async () => {
    clock.advance(30_001);
    const known = catalog.isKnown('c/new');
    await setImmediate();
    clock.advance(2000);
    expect(await known).toBe(false);
  });
});

describe('the default model', () => {
  it('is the one in the settings until a list says that it does not exist', async () => {
    expect(catalog.defaultModel()).toBe('a/one');
    await learn('b/two', 'a/one');
    expect(catalog.defaultModel()).toBe('a/one');
  });

  it('is the first that is listed when the one in the settings is not', async () => {
    open('gone/model');
    await learn('b/two', 'a/one');
    expect(catalog.defaultModel()).toBe('b/two');
  });
});
