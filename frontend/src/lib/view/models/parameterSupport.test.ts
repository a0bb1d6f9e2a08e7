/** Which controls are shown for models of the kinds that providers describe. */
import type { Model } from '@rill/protocol';
import { expect, it } from 'vitest';
import { exampleModel } from '../../chat/chatTestBench.ts';
import { supportOf } from './parameterSupport.ts';

const sampling = ['temperature', 'top_p', 'seed', 'stop', 'max_tokens'];
const common = ['none', 'low', 'medium', 'high'];

it.each<[string, Partial<Model>, boolean, readonly string[], boolean]>([
  ['plain', { supportedParameters: sampling }, true, [], true],
  [
    'that thinks',
    { supportedParameters: [...sampling, 'reasoning', 'include_reasoning'], isReasoning: true },
    true,
    common,
    true,
  ],
  [
    'that thinks and takes no sampling, as those of OpenAI',
    { supportedParameters: ['max_tokens', 'reasoning', 'reasoning_effort'], isReasoning: true },
    false,
    common,
    true,
  ],
  [
    'that distinguishes some efforts and can be kept from thinking',
    {
      supportedParameters: ['reasoning'],
      isReasoning: true,
      reasoningEfforts: ['none', 'minimal', 'high'],
    },
    false,
    ['none', 'minimal', 'high'],
    true,
  ],
  [
    'that always thinks',
    { supportedParameters: ['reasoning'], isReasoning: true, reasoningEfforts: ['low', 'high'] },
    false,
    ['low', 'high'],
    true,
  ],
  [
    'that takes the effort as a word alone',
    { supportedParameters: ['reasoning_effort'], isReasoning: true },
    false,
    common,
    true,
  ],
  ['that takes nothing but a limit', { supportedParameters: ['max_tokens'] }, false, [], true],
  ['that says it takes nothing', { supportedParameters: [] }, false, [], true],
  ['of a server that describes nothing', {}, true, common, false],
])('a model %s', (_kind, facts, hasTemperature, efforts, hasRouting) => {
  const model = { ...exampleModel, ...facts };
  const sampled = {
    hasTemperature,
    hasTopP: hasTemperature,
    hasSeed: hasTemperature,
    hasStop: hasTemperature,
  };
  expect(supportOf(model, [model])).toEqual({ ...sampled, efforts, hasRouting });
});

it('a name that is in no list may be set everything, as may any while there is no list', () => {
  const router = { ...exampleModel, supportedParameters: sampling };
  const sampled = { hasTemperature: true, hasTopP: true, hasSeed: true, hasStop: true };
  const all = { ...sampled, efforts: common, hasRouting: true };
  expect([supportOf(null, [router]), supportOf(null, [])]).toEqual([all, all]);
});
