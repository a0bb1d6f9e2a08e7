import { expect, test } from 'vitest';
import { generationRow } from '../../test/testDatabase.ts';
import type { GenerationRow } from '../database/schema.ts';
import type { AnswerSoFar } from './estimateUsage.ts';
import { usageOfRun } from './runUsage.ts';

const context = { messageCount: 1, omittedMessageCount: 0, estimatedTokens: 20, contextLengthTokens: null };
const nothing: AnswerSoFar = { context, model: null, content: '', reasoning: '' };
const written: AnswerSoFar = { ...nothing, content: 'A few words of an answer.' };
const calls = (...rows: Partial<GenerationRow>[]) =>
  rows.map((fields) => generationRow({ run_id: 'r', ...fields }));
const told = (cost: number) =>
  JSON.stringify({
    prompt_tokens: 10,
    completion_tokens: 5,
    cost,
    completion_tokens_details: { reasoning_tokens: 1 },
  });

test('a run that no provider took used nothing', () => {
  expect(usageOfRun([], nothing)).toBeNull();
  expect(usageOfRun(calls({ generation_id: null }), nothing)).toBeNull();
});

test("the provider's own figures are no estimate", () => {
  expect(usageOfRun(calls({ usage_json: told(0.5) }), written)).toEqual({
    promptTokens: 10,
    completionTokens: 5,
    reasoningTokens: 1,
    cachedTokens: null,
    costUsd: 0.5,
    estimated: false,
  });
});

test('a call that was taken and told nothing is estimated by the text that came', () => {
  const usage = usageOfRun(calls({}), written);
  expect(usage).toMatchObject({ promptTokens: 20, costUsd: null, estimated: true });
  expect(usage?.completionTokens).toBeGreaterThan(3);
  expect(usageOfRun(calls({}), nothing)).toMatchObject({ completionTokens: 0, estimated: true });
});

test('text of a server that names no calls is estimated too', () => {
  expect(usageOfRun(calls({ generation_id: null }), written)).toMatchObject({ estimated: true });
});

test('every call counts, the one that failed and was repeated too', () => {
  const usage = usageOfRun(calls({ usage_json: told(0.25) }, { usage_json: told(0.5) }), written);
  expect(usage).toMatchObject({ promptTokens: 20, completionTokens: 10, costUsd: 0.75, estimated: false });
});

test('the whole is an estimate as long as one call is not known', () => {
  const failed = usageOfRun(calls({}, { usage_json: told(0.5) }), written);
  expect(failed).toMatchObject({ promptTokens: 10, costUsd: 0.5, estimated: true });
  const cut = usageOfRun(calls({ usage_json: told(0.5) }, {}), written);
  expect(cut).toMatchObject({ promptTokens: 30, costUsd: 0.5, estimated: true });
});
