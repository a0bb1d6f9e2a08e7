/** What is sent to models of ten kinds with the same options, by what the provider's list says of each. */
import type { GenerationOptions } from '@rill/protocol';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { requestFor } from '../llmTestBench.ts';
import { createModelCatalog } from '../modelCatalog.ts';
import { decodeModels } from './modelList.ts';
import { buildParameters } from './openRouterRequest.ts';
import { fullForm } from './requestForm.ts';

const options: GenerationOptions = {
  temperature: 0.4,
  topP: 0.9,
  seed: 7,
  stop: ['END'],
  reasoning: { effort: 'low' },
  provider: { order: ['azure'], zdr: true, dataCollection: 'deny' },
};
const sampling = ['temperature', 'top_p', 'seed', 'stop', 'max_tokens'];
const sampled = { temperature: 0.4, top_p: 0.9, seed: 7, stop: ['END'] };
const routed = { provider: { order: ['azure'], zdr: true, data_collection: 'deny' } };
const always = { stream: true, stream_options: { include_usage: true }, max_tokens: 1000 };

async function sentTo(listed: readonly unknown[], model: string, asked: GenerationOptions = options) {
  const catalog = createModelCatalog({
    fetchModels: async () => decodeModels({ data: listed }),
    clock: new FakeClock(),
    chosenModel: null,
    fallbackModel: 'a/b',
    onFailure: () => undefined,
  });
  await catalog.list();
  const features = catalog.featuresOf([model, ...(asked.fallbackModels ?? [])]);
  return buildParameters(requestFor(model, { options: asked, features }), fullForm, Number.POSITIVE_INFINITY);
}

const router = { id: 'other/model', supported_parameters: sampling };

test.each([
  ['plain', { supported_parameters: sampling }, { ...sampled, ...routed }],
  [
    'that thinks',
    { supported_parameters: [...sampling, 'reasoning', 'include_reasoning'] },
    { ...sampled, reasoning: { effort: 'low' }, ...routed },
  ],
  [
    'that thinks and takes no sampling, as those of OpenAI',
    { supported_parameters: ['max_tokens', 'seed', 'reasoning', 'reasoning_effort'] },
    { seed: 7, reasoning: { effort: 'low' }, ...routed },
  ],
  [
    'that takes the effort as a word alone',
    { supported_parameters: ['max_tokens', 'reasoning_effort'] },
    { reasoning_effort: 'low', ...routed },
  ],
  ['that takes nothing but a limit', { supported_parameters: ['max_tokens'] }, routed],
  ['that says it takes nothing', { supported_parameters: [] }, routed],
  [
    'that reads pictures',
    { supported_parameters: ['temperature', 'max_tokens'], architecture: { modality: 'text+image->text' } },
    { temperature: 0.4, ...routed },
  ],
  [
    'whose entry does not say, as a router of models',
    {},
    { ...sampled, reasoning: { effort: 'low' }, ...routed },
  ],
])('a model %s', async (_kind, entry, expected) => {
  expect(await sentTo([router, { id: 'a/b', ...entry }], 'a/b')).toEqual({
    model: 'a/b',
    ...always,
    ...expected,
  });
});

test('a preset or an alias that is in no list of a router gets everything, in its form', async () => {
  expect(await sentTo([router], '@preset/writer')).toEqual({
    model: '@preset/writer',
    ...always,
    ...sampled,
    reasoning: { effort: 'low' },
    ...routed,
  });
});

test('a model of a server that is no router gets the effort as a word, and of the routing what keeps it private', async () => {
  expect(await sentTo([{ id: 'llama3', object: 'model' }], 'llama3')).toEqual({
    model: 'llama3',
    ...always,
    ...sampled,
    reasoning_effort: 'low',
    provider: { zdr: true, data_collection: 'deny' },
  });
  expect(await sentTo([{ id: 'llama3' }], 'llama3', { provider: { order: ['azure'] } })).not.toHaveProperty(
    'provider',
  );
});

test('what the model lacks and its fallback has is sent', async () => {
  const fallback = { id: 'c/d', supported_parameters: ['temperature'] };
  const listed = [{ id: 'a/b', supported_parameters: ['seed'] }, fallback];
  expect(await sentTo(listed, 'a/b', { temperature: 1, topP: 0.5, fallbackModels: ['c/d'] })).toEqual({
    model: 'a/b',
    ...always,
    models: ['c/d'],
    temperature: 1,
  });
});

test('a suffix of routing and the dated name of an answer lead to the same model', async () => {
  const listed = [{ id: 'a/b', canonical_slug: 'a/b-20260102', supported_parameters: ['seed'] }];
  for (const name of ['a/b:nitro', 'a/b-20260102'])
    expect(await sentTo(listed, name, { temperature: 1, seed: 3 })).toEqual({
      model: name,
      ...always,
      seed: 3,
    });
});
