import type { Model } from '@rill/protocol';
import { expect, test } from 'vitest';
import { chooseTitleModel } from './chooseTitleModel.ts';

const listed = (...ids: string[]): Model[] =>
  ids.map((id) => ({
    id,
    name: id,
    contextLengthTokens: null,
    maxCompletionTokens: null,
    promptUsdPerToken: null,
    completionUsdPerToken: null,
    isReasoning: false,
  }));

test('the setting is used whether or not it is listed, and off means none', () => {
  expect(chooseTitleModel('my/model', [])).toBe('my/model');
  expect(chooseTitleModel('off', listed('openai/gpt-4.1-nano'))).toBeNull();
});

test('without a setting it is a small model of the list, or none: never a model of unknown price', () => {
  expect(chooseTitleModel('', listed('anthropic/claude-opus', 'openai/gpt-4.1-nano'))).toBe(
    'openai/gpt-4.1-nano',
  );
  expect(chooseTitleModel('', listed('anthropic/claude-opus', 'llama3.2:latest'))).toBeNull();
});
