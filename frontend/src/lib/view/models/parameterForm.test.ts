import { expect, it } from 'vitest';
import type { ChatParameters } from '../../chat/chatRecord.svelte.ts';
import { toParameterFields, toParameters } from './parameterForm.ts';

const stored: ChatParameters = {
  options: {
    temperature: 0.5,
    topP: 0.9,
    maxTokens: 2000,
    seed: -7,
    stop: ['END', '\n\n', 'a\\n'],
    reasoning: { effort: 'low', maxTokens: 100 },
    fallbackModels: ['a/b', 'c/d'],
    provider: { order: ['azure', 'openai'], only: ['azure'], zdr: true, dataCollection: 'deny' },
    pdfEngine: 'ocr',
  },
  timeouts: { connectMs: 500, firstDeltaMs: 30_000, idleMs: 1500, runMs: 600_000 },
};

it('parameters that are not edited stay as they are, also those without a field', () => {
  expect(toParameters(stored, toParameterFields(stored))).toEqual(stored);
});

it('fields that are emptied leave the wider scope to decide, and keep what has no field', () => {
  expect(toParameters(stored, toParameterFields({}))).toEqual({
    options: { reasoning: { maxTokens: 100 } },
    timeouts: { connectMs: 500 },
  });
  expect(toParameters({}, toParameterFields({}))).toEqual({});
});

it('a chat can override the choice of its project to use only providers that keep nothing', () => {
  const fields = { ...toParameterFields({}), isPrivate: 'no' as const };
  expect(toParameters({}, fields)).toEqual({
    options: { provider: { zdr: false, dataCollection: 'allow' } },
  });
});

it('at most four texts end an answer, and an empty line is none', () => {
  const fields = { ...toParameterFields({}), stop: 'one\n\n two \n\\n\nfour\nfive' };
  expect(toParameters({}, fields)).toEqual({ options: { stop: ['one', ' two ', '\n', 'four'] } });
});

it('names are apart by commas or spaces, and a temperature of 0 means something', () => {
  const fields = {
    ...toParameterFields({}),
    temperature: 0,
    fallbackModels: ' a/b, c/d  e/f g/h',
    order: 'azure,openai',
    firstTextSeconds: 0.5,
  };
  expect(toParameters({}, fields)).toEqual({
    options: {
      temperature: 0,
      fallbackModels: ['a/b', 'c/d', 'e/f'],
      provider: { order: ['azure', 'openai'] },
    },
    timeouts: { firstDeltaMs: 500 },
  });
});
