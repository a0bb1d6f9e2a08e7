/** Tests usage under every known name, and figures that are impossible. */
import { expect, test } from 'vitest';
import { readUsage } from './usage.ts';

const counted = {
  promptTokens: 12,
  completionTokens: 9,
  reasoningTokens: 4,
  cachedTokens: 3,
  costUsd: 0.5,
  estimated: false,
};

test.each([
  [
    'OpenAI',
    {
      prompt_tokens: 12,
      completion_tokens: 9,
      completion_tokens_details: { reasoning_tokens: 4 },
      prompt_tokens_details: { cached_tokens: 3 },
      cost: 0.5,
    },
  ],
  [
    'OpenAI responses',
    {
      input_tokens: 12,
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 4 },
      input_tokens_details: { cached_tokens: 3 },
      total_cost: 0.5,
    },
  ],
  [
    'Anthropic',
    { input_tokens: 12, output_tokens: 9, cache_read_input_tokens: 3, reasoning_tokens: 4, cost: 0.5 },
  ],
  [
    'DeepSeek',
    {
      prompt_tokens: 12,
      completion_tokens: 9,
      prompt_cache_hit_tokens: 3,
      completion_tokens_details: { reasoning_tokens: 4 },
      cost_usd: 0.5,
    },
  ],
  [
    'DeepInfra',
    { prompt_tokens: 12, completion_tokens: 9, reasoning_tokens: 4, cached_tokens: 3, estimated_cost: 0.5 },
  ],
  [
    'Gemini',
    {
      promptTokenCount: 12,
      candidatesTokenCount: 9,
      thoughtsTokenCount: 4,
      cachedContentTokenCount: 3,
      cost: 0.5,
    },
  ],
  ['camel case', { promptTokens: 12, completionTokens: 9, reasoningTokens: 4, cachedTokens: 3, cost: 0.5 }],
  [
    'numbers as text',
    { prompt_tokens: '12', output_tokens: '9', reasoning_tokens: '4', cached_tokens: '3', cost: '0.5' },
  ],
  [
    'a whole and a part',
    { prompt_tokens: 12, total_tokens: 21, reasoning_tokens: 4, cached_tokens: 3, cost: 0.5 },
  ],
])('usage is read under the names of %s', (_, raw) => {
  expect(readUsage(raw)).toEqual({ raw, normalised: counted });
});

test('usage is read under the names of Ollama, which has no cost', () => {
  const { normalised } = readUsage({ prompt_eval_count: 12, eval_count: 9, eval_duration: 77 });
  expect(normalised).toEqual({ ...counted, reasoningTokens: null, cachedTokens: null, costUsd: null });
});

test.each([
  -1,
  -1e-9,
  Number.NaN,
  Infinity,
  -Infinity,
  1e300,
  '-3',
  'NaN',
  'Infinity',
  '',
  null,
  true,
  [],
  {},
])('%j is neither a count nor a cost', (figure) => {
  const raw = {
    prompt_tokens: figure,
    completion_tokens: figure,
    total_tokens: figure,
    reasoning_tokens: figure,
    cached_tokens: figure,
    cost: figure,
  };
  expect(readUsage(raw).normalised).toEqual({
    promptTokens: 0,
    completionTokens: 0,
    reasoningTokens: null,
    cachedTokens: null,
    costUsd: null,
    estimated: true,
  });
});

test('usage reads a count under its other name when the first is invalid, and never becomes negative', () => {
  expect(readUsage({ prompt_tokens: -1, input_tokens: 12, completion_tokens: 9 }).normalised).toMatchObject({
    promptTokens: 12,
    completionTokens: 9,
    estimated: false,
  });
  expect(readUsage({ prompt_tokens: 12, total_tokens: 5 }).normalised).toMatchObject({
    completionTokens: 0,
    estimated: true,
  });
});
