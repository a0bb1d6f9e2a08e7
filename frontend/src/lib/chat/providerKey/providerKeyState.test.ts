import { RillError } from '@rill/protocol';
import { expect, test, vi } from 'vitest';
import { type KeyClient, ProviderKeyState, readReturn } from './providerKeyState.svelte.ts';

const none = { source: 'none', lastCharacters: '', hasUnusedKey: false, canConnect: true } as const;
const stored = { ...none, source: 'stored', lastCharacters: 'good' } as const;
const models = { models: [], defaultModel: 'm', isDemo: false };

function setUp(change: Partial<KeyClient> = {}) {
  const client: KeyClient = {
    getProviderKey: async () => none,
    putProviderKey: async () => stored,
    deleteProviderKey: async () => none,
    connectProvider: async () => ({ url: 'https://provider.example/auth', expiresAtMs: 0 }),
    finishConnection: async () => stored,
    listModels: async () => models,
    ...change,
  };
  const onModels = vi.fn();
  return { state: new ProviderKeyState({ client, onModels }), onModels };
}

test('a stored key is told with the models that it has, and none of it is kept here', async () => {
  const { state, onModels } = setUp();
  await state.load();
  expect(state.key).toEqual(none);
  expect(await state.store('sk-secret')).toBe(true);
  expect([state.key, state.done, state.failure]).toEqual([stored, 'stored', null]);
  expect(onModels).toHaveBeenCalledWith(models);
  expect(JSON.stringify(state)).not.toContain('sk-secret');
});

test('a refused key is reported and changes nothing', async () => {
  const putProviderKey = () => Promise.reject(new RillError('key_refused'));
  const { state, onModels } = setUp({ putProviderKey });
  await state.load();
  expect(await state.store('sk-wrong')).toBe(false);
  expect([state.key, state.failure]).toEqual([none, 'The model provider does not accept this key.']);
  expect(onModels).not.toHaveBeenCalled();
});

test('a connection that was too late is reported, next to the current key', async () => {
  const finishConnection = () => Promise.reject(new RillError('connection_expired'));
  const { state } = setUp({ finishConnection });
  await state.finish({ state: 's', code: 'c' });
  expect([state.key, state.failure]).toEqual([none, new RillError('connection_expired').message]);
});

test.each([
  [new RillError('unauthorized'), false],
  [new RillError('server_busy'), false],
  [new RillError('connection_expired'), true],
  [null, true],
])('after a finish that ended with %o the code is spent: %s', async (failure, isSpent) => {
  const finishConnection = () => (failure ? Promise.reject(failure) : Promise.resolve(stored));
  const { state } = setUp({ finishConnection });
  expect(await state.finish({ state: 's', code: 'c' })).toBe(isSpent);
});

test.each([
  ['?state=s&code=c', { state: 's', code: 'c' }],
  ['?state=s?code=c', { state: 's', code: 'c' }],
  ['?state=s', null],
  ['?code=c', null],
  ['', null],
])('the query %j leads back with %j', (search, returned) => {
  expect(readReturn(search)).toEqual(returned);
});
