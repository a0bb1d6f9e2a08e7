import { expect, test } from 'vitest';
import { decodeModels, isErrorBody } from './modelList.ts';

const modelsOf = (body: unknown) => decodeModels(body).models;
const idsOf = (body: unknown) => modelsOf(body).map(({ id }) => id);

const unknown = {
  contextLengthTokens: null,
  maxCompletionTokens: null,
  promptUsdPerToken: null,
  completionUsdPerToken: null,
  isReasoning: false,
};

test.each(['-1', -1, 'NaN', 'Infinity', '1e300', 'free', null, true])('%j is no price', (price) => {
  const [model] = modelsOf([{ id: 'a', pricing: { prompt: price, completion: price } }]);
  expect(model).toMatchObject({ promptUsdPerToken: null, completionUsdPerToken: null });
});

test('a price of "-1" is unknown, a price of "0" is free', () => {
  const [router, free] = modelsOf({
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

test('a minimal OpenAI list becomes models with unknown fields', () => {
  expect(modelsOf({ object: 'list', data: [{ id: 'llama3', object: 'model' }] })).toEqual([
    { id: 'llama3', name: 'llama3', ...unknown },
  ]);
});

test('entries of the wrong shape are omitted, fields of the wrong type are unknown', () => {
  const data = [
    null,
    7,
    {},
    { id: '' },
    { id: 'a', name: 3, context_length: 'long', pricing: [] },
    { id: 'a' },
  ];
  expect(modelsOf({ data })).toEqual([{ id: 'a', name: 'a', ...unknown }]);
  expect(modelsOf({})).toEqual([]);
});

test.each([
  ['a bare array', [{ id: 'a/small' }, { id: 'a/large' }], ['a/small', 'a/large']],
  ['names', { data: ['a/small', 'a/large'] }, ['a/small', 'a/large']],
  ['a bare array of names', ['a/small', '', 'a/small'], ['a/small']],
  ['Ollama’s own', { models: [{ name: 'llama3:8b', model: 'llama3:8b' }] }, ['llama3:8b']],
  ['Google’s own', { models: [{ name: 'models/gemini' }] }, ['models/gemini']],
  ['one list inside another', { result: { data: [{ id: 'a' }] } }, ['a']],
  ['null', { object: 'list', data: null }, []],
  ['nothing at all', null, []],
  ['a word', 'models', []],
  ['wildcards', { data: [{ id: '*' }, { id: 'openai/*' }, { id: 'a/real' }] }, ['a/real']],
  ['blanks around an id', { data: [{ id: ' a ' }] }, ['a']],
  ['litellm’s details', { data: [{ model_name: 'gpt', model_info: { max_input_tokens: 9 } }] }, ['gpt']],
])('%s is read', (_, body, ids) => {
  expect(idsOf(body)).toEqual(ids);
  expect(isErrorBody(body)).toBe(false);
});

test.each([
  { error: { message: 'models cannot be listed' } },
  { error: 'no' },
  { detail: 'Not Found' },
  { errors: [{ message: 'no' }] },
])('%j is an error in place of a list', (body) => {
  expect(isErrorBody(body)).toBe(true);
  expect(idsOf(body)).toEqual([]);
});

test.each([
  { context_length: 8192 },
  { context_length: '8192' },
  { context_window: 8192 },
  { max_model_len: 8192 },
  { max_context_length: 8192 },
  { max_context_length: 131_072, loaded_context_length: 8192 },
  { n_ctx: 8192 },
  { meta: { n_ctx_train: 8192 } },
  { meta: { n_ctx: 8192, n_ctx_train: 131_072 } },
  { top_provider: { context_length: 8192 } },
  { max_input_tokens: 8192 },
  { inputTokenLimit: 8192 },
  { limits: { max_input_tokens: 8192 } },
  { capabilities: { limits: { max_context_window_tokens: 8192 } } },
  { model_info: { max_input_tokens: 8192 } },
  { context_length: null, max_model_len: 8192 },
  { context_length: '8k' },
])('the context in %j is 8192 tokens', (facts) => {
  expect(modelsOf([{ id: 'a', ...facts }])).toMatchObject([{ contextLengthTokens: 8192 }]);
});

test.each([
  { max_completion_tokens: 4096 },
  { max_output_tokens: 4096 },
  { outputTokenLimit: 4096 },
  { top_provider: { max_completion_tokens: 4096 } },
  { limits: { max_output_tokens: 4096 } },
])('the longest answer in %j is 4096 tokens', (facts) => {
  expect(modelsOf([{ id: 'a', ...facts }])).toMatchObject([{ maxCompletionTokens: 4096 }]);
});

test.each([
  [{ id: 'text-embedding-3-small' }],
  [{ id: 'nomic-embed-text:latest' }],
  [{ id: 'BAAI/bge-m3' }],
  [{ id: 'intfloat/e5-large' }],
  [{ id: 'mxbai-embed-large' }],
  [{ id: 'all-minilm' }],
  [{ id: 'whisper-large-v3' }],
  [{ id: 'gpt-4o-mini-tts' }],
  [{ id: 'tts-1' }],
  [{ id: 'gpt-4o-transcribe' }],
  [{ id: 'dall-e-3' }],
  [{ id: 'gpt-image-1' }],
  [{ id: 'black-forest-labs/FLUX.1-schnell' }],
  [{ id: 'stabilityai/stable-diffusion-xl' }],
  [{ id: 'jina-reranker-v2' }],
  [{ id: 'omni-moderation-latest' }],
  [{ id: 'meta-llama/Llama-Guard-3-8B' }],
  [{ id: 'plain', type: 'embedding' }],
  [{ id: 'plain', type: 'embeddings' }],
  [{ id: 'plain', type: 'image' }],
  [{ id: 'plain', type: 'rerank' }],
  [{ id: 'plain', capabilities: ['embedding'] }],
  [{ id: 'plain', capabilities: { completion_chat: false } }],
  [{ id: 'plain', capabilities: { embeddings: true, chat_completion: false } }],
  [{ id: 'plain', supportedGenerationMethods: ['embedContent'] }],
  [{ id: 'plain', pipeline_tag: 'text-to-speech' }],
  [{ id: 'plain', model_info: { mode: 'embedding' } }],
  [{ id: 'plain', architecture: { output_modalities: ['image'] } }],
  [{ id: 'plain', architecture: { modality: 'text->audio' } }],
])('%j answers no messages', (entry) => {
  expect([...decodeModels([entry]).forChat]).toEqual([]);
});

test.each([
  [{ id: 'llama3.2:latest' }],
  [{ id: 'gpt-4o-mini' }],
  [{ id: 'gemma-2-9b-it' }],
  [{ id: 'mistral-small', capabilities: { completion_chat: true } }],
  [{ id: 'llama', capabilities: ['completion', 'vision'] }],
  [{ id: 'plain', type: 'chat' }],
  [{ id: 'plain', type: 'llm' }],
  [{ id: 'plain', object: 'model' }],
  [{ id: 'plain', supportedGenerationMethods: ['generateContent', 'countTokens'] }],
  [{ id: 'plain', architecture: { output_modalities: ['text', 'image'] } }],
  [{ id: 'google/gemini-flash-image', architecture: { modality: 'text+image->text+image' } }],
])('%j answers messages', (entry) => {
  expect(decodeModels([entry]).forChat.size).toBe(1);
});

test('the price of a cached token is absent where it is not listed', () => {
  const [cheap, plain] = modelsOf([
    { id: 'a', pricing: { prompt: '0.000003', input_cache_read: '0.0000003' } },
    { id: 'b', pricing: { prompt: '0.000003', input_cache_read: '-1' } },
  ]);
  expect(cheap).toMatchObject({ cacheReadUsdPerToken: 3e-7 });
  expect(plain).not.toHaveProperty('cacheReadUsdPerToken');
});
