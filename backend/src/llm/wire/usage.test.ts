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

/** As OpenRouter recorded them: a native search of OpenAI, and the Exa plugin. */
const nativeSearch = {
  prompt_tokens: 8174,
  completion_tokens: 98,
  cost: 0.0133176,
  is_byok: false,
  cost_details: {
    upstream_inference_cost: 0.0133176,
    upstream_inference_prompt_cost: 0.0029424,
    upstream_inference_completions_cost: 0.0003752,
  },
  server_tool_use_details: { web_search_requests: 1, tool_calls_requested: 1, tool_calls_executed: 1 },
};
const exaSearch = {
  prompt_tokens: 1200,
  completion_tokens: 40,
  cost: 0.0077585,
  cost_details: {
    upstream_inference_cost: 0.0007585,
    upstream_inference_prompt_cost: 0.0006585,
    upstream_inference_completions_cost: 0.0001,
  },
  server_tool_use: { web_search_requests: 2 },
};

test.each([
  ['a native search', nativeSearch, { toolCostUsd: 0.01, searchCount: 1 }],
  ['a search of a third party', exaSearch, { toolCostUsd: 0.007, searchCount: 2 }],
])('the fee of %s is the cost without that of the tokens', (_, raw, expected) => {
  expect(readUsage(raw).normalised).toMatchObject(expected);
});

test.each([
  ['the difference is rounding', { ...exaSearch, cost: 0.000_758_500_000_1, server_tool_use: undefined }],
  ['the cost is that of a key of the user', { ...exaSearch, is_byok: true, server_tool_use: {} }],
  ['the parts of the cost are not known', { prompt_tokens: 1, completion_tokens: 1, cost: 0.5 }],
  ['the parts are more than the cost', { ...exaSearch, cost: 0.0001, server_tool_use: null }],
])('there is no fee of tools when %s', (_, raw) => {
  const { normalised } = readUsage(raw);
  expect([normalised.toolCostUsd, normalised.searchCount]).toEqual([undefined, undefined]);
});

test('the searches, the reads and the writes of a cache are read under both of their names', () => {
  const details = { cached_tokens: 3000, cache_write_tokens: 512 };
  const read = readUsage({ prompt_tokens: 4000, completion_tokens: 5, prompt_tokens_details: details });
  expect(read.normalised).toMatchObject({ cachedTokens: 3000, cacheWriteTokens: 512 });
  const raw = { input_tokens: 4000, output_tokens: 5, cache_creation_input_tokens: 512 };
  expect(readUsage(raw).normalised).toMatchObject({ cacheWriteTokens: 512 });
});

test('what a cache saved is what the provider says, and never less than nothing', () => {
  const raw = { prompt_tokens: 10, completion_tokens: 5, cost: 0.1 };
  expect(readUsage({ ...raw, cache_discount: 0.012 }).normalised.savedUsd).toBe(0.012);
  expect(readUsage({ ...raw, cache_discount: -0.003 }).normalised.savedUsd).toBeUndefined();
});
