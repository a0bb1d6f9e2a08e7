import { expect, test } from 'vitest';
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

test('the total is an estimate as long as the figures of one call are unknown', () => {
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
