import { expect, test } from 'vitest';
import { decodeModels } from './models.ts';

const unknown = {
  contextLengthTokens: null,
  maxCompletionTokens: null,
  promptUsdPerToken: null,
  completionUsdPerToken: null,
  isReasoning: false,
};

test('a price of "-1" is not known, a price of "0" is free', () => {
  const [router, free] = decodeModels({
    data: [
      { id: 'openrouter/auto', pricing: { prompt: '-1', completion: '-1' }, context_length: 2_000_000 },
      {
        id: 'a/free',
        pricing: { prompt: '0', completion: '0.0000006' },
        supported_parameters: ['reasoning'],
      },
    ],
  });
  expect(router).toMatchObject({
    promptUsdPerToken: null,
    completionUsdPerToken: null,
    contextLengthTokens: 2_000_000,
  });
  expect(free).toMatchObject({ promptUsdPerToken: 0, completionUsdPerToken: 6e-7, isReasoning: true });
});

test('a minimal OpenAI list gives models with little known about them', () => {
  expect(decodeModels({ object: 'list', data: [{ id: 'llama3', object: 'model' }] })).toEqual([
    { id: 'llama3', name: 'llama3', ...unknown },
  ]);
});

test('entries of the wrong shape are left out, fields of the wrong type are not known', () => {
  const data = [
    null,
    7,
    {},
    { id: '' },
    { id: 'a', name: 3, context_length: '8k', pricing: [] },
    { id: 'a' },
  ];
  expect(decodeModels({ data })).toEqual([{ id: 'a', name: 'a', ...unknown }]);
  expect(decodeModels({})).toEqual([]);
});
