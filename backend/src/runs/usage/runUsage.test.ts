import type { Model } from '@rill/protocol';
import { describe, expect, it, test } from 'vitest';
import { generationRow } from '../../../test/testDatabase.ts';
import type { GenerationRow } from '../../database/schema.ts';
import { type UsageInput, usageOfRun } from './runUsage.ts';

const context = { messageCount: 1, omittedMessageCount: 0, estimatedTokens: 20, contextLengthTokens: null };
const nothing: UsageInput = { context, model: null, content: '', reasoning: '' };
const written: UsageInput = { ...nothing, content: 'A few words of an answer.' };
const calls = (...rows: Partial<GenerationRow>[]) =>
  rows.map((fields) => generationRow({ run_id: 'r', ...fields }));
const told = (cost: number) =>
  JSON.stringify({
    prompt_tokens: 10,
    completion_tokens: 5,
    cost,
    completion_tokens_details: { reasoning_tokens: 1 },
  });

test('a run that no provider accepted has no usage', () => {
  expect(usageOfRun([], nothing)).toBeNull();
  expect(usageOfRun(calls({ generation_id: null }), nothing)).toBeNull();
});

test("the provider's own figures are not an estimate", () => {
  expect(usageOfRun(calls({ usage_json: told(0.5) }), written)).toEqual({
    promptTokens: 10,
    completionTokens: 5,
    reasoningTokens: 1,
    cachedTokens: null,
    costUsd: 0.5,
    estimated: false,
  });
});

test('a call without figures is estimated from its text', () => {
  const usage = usageOfRun(calls({}), written);
  expect(usage).toMatchObject({ promptTokens: 20, costUsd: null, estimated: true });
  expect(usage?.completionTokens).toBeGreaterThan(3);
  expect(usageOfRun(calls({}), nothing)).toMatchObject({ completionTokens: 0, estimated: true });
});

test('text of a provider without call ids is estimated too', () => {
  expect(usageOfRun(calls({ generation_id: null }), written)).toMatchObject({ estimated: true });
});

test('every call counts, including one that failed and was repeated', () => {
  const usage = usageOfRun(calls({ usage_json: told(0.25) }, { usage_json: told(0.5) }), written);
  expect(usage).toMatchObject({ promptTokens: 20, completionTokens: 10, costUsd: 0.75, estimated: false });
});

test('the total is an estimate while the figures of one call are unknown', () => {
  const failed = usageOfRun(calls({}, { usage_json: told(0.5) }), written);
  expect(failed).toMatchObject({ promptTokens: 10, costUsd: 0.5, estimated: true });
  const cut = usageOfRun(calls({ usage_json: told(0.5) }, {}), written);
  expect(cut).toMatchObject({ promptTokens: 30, costUsd: 0.5, estimated: true });
});

test.each([
  ['nothing', {}],
  ['counts below 0', { prompt_tokens: -4, completion_tokens: -2, cost: -1 }],
  ['counts past any answer', { prompt_tokens: 1e300, completion_tokens: 1e300, cost: 1e300 }],
])('a call that reported %s is estimated from its text', (_, usage) => {
  const silent = usageOfRun(calls({}), written);
  expect(usageOfRun(calls({ usage_json: JSON.stringify(usage) }), written)).toMatchObject({
    promptTokens: silent?.promptTokens,
    completionTokens: silent?.completionTokens,
    costUsd: null,
    estimated: true,
  });
});

test('figures that a call reported in part are kept, and the missing ones are estimated', () => {
  const usage_json = JSON.stringify({ prompt_tokens: 10, cost: 0.5 });
  const usage = usageOfRun(calls({ usage_json }), written);
  expect(usage).toMatchObject({ promptTokens: 10, costUsd: 0.5, estimated: true });
  expect(usage?.completionTokens).toBeGreaterThan(3);
});

describe('what a cache saved', () => {
  const model: Model = {
    id: 'maker/model',
    name: 'Model',
    contextLengthTokens: null,
    maxCompletionTokens: null,
    promptUsdPerToken: 0.000_003,
    completionUsdPerToken: 0.000_015,
    cacheReadUsdPerToken: 0.000_000_3,
    isReasoning: false,
  };
  const read = (cached_tokens: number, more: object = {}) =>
    calls({
      usage_json: JSON.stringify({
        prompt_tokens: 5000,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens },
        ...more,
      }),
    });

  it('is computed by the prices of the model', () => {
    expect(usageOfRun(read(4000), { ...written, model })?.savedUsd).toBeCloseTo(4000 * 0.000_002_7, 10);
  });

  it('is what the provider says where it says it', () => {
    const usage = usageOfRun(read(4000, { cache_discount: 0.5 }), { ...written, model });
    expect(usage?.savedUsd).toBe(0.5);
  });

  it.each([
    ['nothing was read from it', 0, model],
    ['the model is not listed', 4000, null],
    ['a cached token costs as much as another', 4000, { ...model, cacheReadUsdPerToken: 0.000_003 }],
  ])('is not known when %s', (_, cachedTokens, listed) => {
    expect(usageOfRun(read(cachedTokens), { ...written, model: listed })).not.toHaveProperty('savedUsd');
  });

  it('and the fees of tools are the sums over all calls', () => {
    const [first] = read(4000, { cache_discount: 0.25, server_tool_use: { web_search_requests: 2 } });
    const [second] = read(4000, { cache_discount: 0.5, server_tool_use: { web_search_requests: 1 } });
    const rows = [first, second].flatMap((row) => row ?? []);
    expect(usageOfRun(rows, { ...written, model })).toMatchObject({ savedUsd: 0.75, searchCount: 3 });
  });
});
