import { describe, expect, it } from 'vitest';
import { exampleModel } from '../../chat/chatTestBench.ts';
import { findModels } from './findModels.ts';
import { manyModels } from './modelsTestBench.ts';

const many = manyModels();
const idsFor = (query: string, models = many) => findModels(models, query).map(({ id }) => id);

it('finds all models in their order for a blank query', () => {
  expect(idsFor('  ')).toEqual(many.map(({ id }) => id));
});

/** What users type, and a model that they may mean. */
const typed: readonly (readonly [string, string])[] = [
  ['son 4.5', 'anthropic/claude-sonnet-4.5'],
  ['sonnet', 'anthropic/claude-sonnet-4.5'],
  ['sonet 4.5', 'anthropic/claude-sonnet-4.5'],
  ['calude opus', 'anthropic/claude-opus-4.5'],
  ['haiku', 'anthropic/claude-haiku-4.5'],
  ['3.7 thinking', 'anthropic/claude-3.7-sonnet:thinking'],
  ['gpt5', 'openai/gpt-5'],
  ['gpt-5 mini', 'openai/gpt-5-mini'],
  ['GPT 5.2', 'openai/gpt-5.2'],
  ['4o mini', 'openai/gpt-4o-mini'],
  ['4o', 'openai/gpt-4o'],
  ['o3', 'openai/o3'],
  ['chatgpt', 'openai/chatgpt-4o-latest'],
  ['codex', 'openai/gpt-5.1-codex'],
  ['gemini flash', 'google/gemini-2.5-flash'],
  ['gemni pro', 'google/gemini-2.5-pro'],
  ['gemini 3', 'google/gemini-3-pro-preview'],
  ['nano banana', 'google/gemini-3-pro-image-preview'],
  ['deepseek r1', 'deepseek/deepseek-r1'],
  ['v3.2', 'deepseek/deepseek-v3.2'],
  ['grok fast', 'x-ai/grok-4.1-fast'],
  ['grok code', 'x-ai/grok-code-fast-1'],
  ['llama 70b free', 'meta-llama/llama-3.3-70b-instruct:free'],
  ['maverick', 'meta-llama/llama-4-maverick'],
  ['qwen coder', 'qwen/qwen3-coder'],
  ['kimi k2', 'moonshotai/kimi-k2'],
  ['glm 4.6', 'z-ai/glm-4.6'],
  ['mistral large', 'mistralai/mistral-large'],
  ['free coder', 'qwen/qwen3-coder:free'],
  ['cheap vision 200k', 'google/gemini-2.0-flash-lite-001'],
  ['cheap vision 1m', 'openai/gpt-4.1-nano'],
  ['free r1', 'deepseek/deepseek-r1-0528:free'],
  ['auto', 'openrouter/auto'],
  ['openai <$0.1', 'openai/gpt-oss-20b'],
];

describe('among 400 models', () => {
  it('there are as many', () => {
    expect(many).toHaveLength(400);
    expect(typed.length).toBeGreaterThanOrEqual(30);
  });

  it.each(typed)('“%s” has %s among the first three', (query, wanted) => {
    expect(idsFor(query).slice(0, 3)).toContain(wanted);
  });

  it.each([
    ['vision', ({ inputModalities }: (typeof many)[number]) => inputModalities?.includes('image')],
    ['pdf', ({ inputModalities }: (typeof many)[number]) => inputModalities?.includes('file')],
    ['1m', ({ contextLengthTokens }: (typeof many)[number]) => (contextLengthTokens ?? 0) >= 1_000_000],
    ['free', ({ promptUsdPerToken }: (typeof many)[number]) => promptUsdPerToken === 0],
    ['draw', ({ outputModalities }: (typeof many)[number]) => outputModalities?.includes('image')],
  ])('“%s” finds every model that is so', (query, is) => {
    const found = new Set(idsFor(query));
    expect(many.filter((model) => is(model) && !found.has(model.id))).toEqual([]);
  });

  it('orders a search for cheap models by price, with free models after those that cost a little', () => {
    const prices = findModels(many, 'cheap vision 200k').map(({ promptUsdPerToken }) => promptUsdPerToken);
    expect(prices[0]).toBeGreaterThan(0);
    expect(prices.indexOf(0)).toBeGreaterThan(5);
  });

  it('finds nothing when one word fits nothing', () => {
    expect(idsFor('sonnet zebra')).toEqual([]);
  });

  it('is searched in a fraction of a frame', () => {
    const startedMs = performance.now();
    for (const [query] of typed) findModels(many, query);
    expect((performance.now() - startedMs) / typed.length).toBeLessThan(16);
  });
});

it('a server that describes nothing is searched by name alone', () => {
  const plain = ['llama3:8b', 'vision-model'].map((id) => ({
    ...exampleModel,
    id,
    name: id,
    promptUsdPerToken: null,
  }));
  expect(idsFor('vision', plain)).toEqual(['vision-model']);
  expect(idsFor('cheap', plain)).toEqual([]);
});
