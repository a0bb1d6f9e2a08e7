import type { Model } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { filterModels } from './filterModels.ts';

const model = (id: string, name: string): Model => ({
  id,
  name,
  contextLengthTokens: null,
  maxCompletionTokens: null,
  promptUsdPerToken: null,
  completionUsdPerToken: null,
  isReasoning: false,
});
const models = [model('openai/gpt-6-mini', 'GPT-6 mini'), model('demo/quick', 'Demo Quick')];
const idsFor = (query: string) => filterModels(models, query).map(({ id }) => id);

describe('filterModels', () => {
  it('shows all models for a blank query', () => {
    expect(idsFor('  ')).toEqual(['openai/gpt-6-mini', 'demo/quick']);
  });

  it('finds words of name and id in any order and case', () => {
    expect(idsFor('MINI openai')).toEqual(['openai/gpt-6-mini']);
    expect(idsFor('demo')).toEqual(['demo/quick']);
  });

  it('finds nothing when one word is missing', () => {
    expect(idsFor('demo mini')).toEqual([]);
  });
});
