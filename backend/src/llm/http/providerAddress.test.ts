import { describe, expect, test } from 'vitest';
import { readApiKey, readProviderAddress, secretsOfAddress } from './providerAddress.ts';

const refusalOf = (text: string): string => {
  try {
    return `accepted: ${readProviderAddress(text).baseUrl}`;
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
};

describe('an address in any form', () => {
  test.each([
    ['https://openrouter.ai/api/v1', 'https://openrouter.ai/api/v1'],
    ['https://openrouter.ai/api/v1/', 'https://openrouter.ai/api/v1'],
    ['https://openrouter.ai/api/v1///', 'https://openrouter.ai/api/v1'],
    ['https://openrouter.ai//api//v1', 'https://openrouter.ai/api/v1'],
    ['https://openrouter.ai/api/v1/chat/completions', 'https://openrouter.ai/api/v1'],
    ['https://openrouter.ai/api/v1/chat/completions/', 'https://openrouter.ai/api/v1'],
    ['https://openrouter.ai/api/v1/models', 'https://openrouter.ai/api/v1'],
    ['http://localhost:11434/v1/chat', 'http://localhost:11434/v1'],
    ['http://localhost:11434/v1/completions', 'http://localhost:11434/v1'],
    ['http://localhost:11434/chat', 'http://localhost:11434/chat'],
    [' http://localhost:11434/v1 ', 'http://localhost:11434/v1'],
    ['"http://localhost:11434/v1"', 'http://localhost:11434/v1'],
    ["'http://localhost:11434/v1/'\n", 'http://localhost:11434/v1'],
    ['“http://localhost:11434/v1”', 'http://localhost:11434/v1'],
    ['<http://localhost:11434/v1>,', 'http://localhost:11434/v1'],
    ['HTTP://LOCALHOST:11434/V1', 'http://localhost:11434/v1'],
    ['https://OpenRouter.AI/API/V1', 'https://openrouter.ai/api/v1'],
    ['https://example.com/Team/V1', 'https://example.com/Team/v1'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080/v1', 'http://[::1]:8080/v1'],
    ['https://example.com:443/v1', 'https://example.com/v1'],
    ['localhost:11434', 'http://localhost:11434'],
    ['localhost:11434/v1', 'http://localhost:11434/v1'],
    ['localhost/v1', 'http://localhost/v1'],
    ['127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1'],
    ['192.168.1.20:1234/v1', 'http://192.168.1.20:1234/v1'],
    ['[::1]:8080/v1', 'http://[::1]:8080/v1'],
    ['vllm:8000/v1', 'http://vllm:8000/v1'],
    ['nas.local:8000/v1', 'http://nas.local:8000/v1'],
    ['openrouter.ai/api/v1', 'https://openrouter.ai/api/v1'],
    ['api.example.com:8443/v1', 'https://api.example.com:8443/v1'],
    ['api.example.com:8080/v1', 'http://api.example.com:8080/v1'],
  ])('%j is read as %s', (text, baseUrl) => {
    expect(readProviderAddress(text)).toEqual({ baseUrl, query: '', basicAuth: null });
  });

  test.each(['ftp://localhost', 'http://', 'javascript:alert(1)', 'two words', 'ws://localhost/v1', '/v1'])(
    '%j is refused in a sentence that does not repeat it',
    (text) => {
      expect(refusalOf(text)).toBe('must be an http or https address.');
    },
  );

  test('with a fragment is refused', () => {
    expect(refusalOf('http://localhost/v1#secret')).toBe('must not have a part after a # sign.');
  });
});

describe('the other parts of an address', () => {
  test('a query is kept after any path', () => {
    const query = '?api-version=2024-10-21&key=abc%20d';
    for (const path of ['', '/', '/chat/completions', '/chat/completions/'])
      expect(readProviderAddress(`https://x.example/openai/deployments/d${path}${query}`)).toEqual({
        baseUrl: 'https://x.example/openai/deployments/d',
        query,
        basicAuth: null,
      });
  });

  test.each([
    ['http://me:pass@localhost/v1', 'me:pass'],
    ['http://me@localhost/v1', 'me:'],
    ['http://:pass@localhost/v1', ':pass'],
    ['http://m%40e:p%3Ass%25@localhost/v1', 'm@e:p:ss%'],
    ['me:pass@localhost:8080/v1', 'me:pass'],
  ])('%s signs in as %s, which is not in the address', (text, basicAuth) => {
    const address = readProviderAddress(text);
    expect(address.basicAuth).toBe(basicAuth);
    expect(address.baseUrl).toMatch(/^http:\/\/localhost(:8080)?\/v1$/);
  });

  test('its secrets are known in each form in which a server may repeat them', () => {
    const address = readProviderAddress('http://me:p%40ss-word@localhost/v1?api-version=2024&key=a%2Fb');
    const { secrets, words } = secretsOfAddress(address);
    for (const secret of ['p@ss-word', 'p%40ss-word', 'me:p@ss-word', btoa('me:p@ss-word'), 'a/b', 'a%2Fb'])
      expect(secrets).toContain(secret);
    expect(words).toEqual(['me']);
    expect(secrets).not.toContain('2024');
  });
});

test.each([
  ['sk-or-v1-abc', 'sk-or-v1-abc'],
  [' sk-or-v1-abc\n', 'sk-or-v1-abc'],
  ['"sk-or-v1-abc"', 'sk-or-v1-abc'],
  ["'sk-or-v1-abc'\r\n", 'sk-or-v1-abc'],
  ['Bearer sk-or-v1-abc', 'sk-or-v1-abc'],
  ['bearer  sk-or-v1-abc', 'sk-or-v1-abc'],
  ['"Bearer sk-or-v1-abc"', 'sk-or-v1-abc'],
  ['Authorization: Bearer sk-or-v1-abc', 'sk-or-v1-abc'],
  ['OPENROUTER_API_KEY=sk-or-v1-abc', 'sk-or-v1-abc'],
  ['export OPENAI_API_KEY="sk-or-v1-abc"', 'sk-or-v1-abc'],
  ['an unusual key!', 'an unusual key!'],
  ['abc=', 'abc='],
  ['', null],
  [' "" ', null],
  ['Bearer ', null],
  ['sk-or-v1-\nabc', 'sk-or-v1-abc'],
  ['Bearer\n sk-or-v1-abc', 'sk-or-v1-abc'],
  ['\u200bsk-or-v1-abc\ufeff', 'sk-or-v1-abc'],
])('the key %j is read as %j', (text, key) => {
  expect(readApiKey(text)).toBe(key);
});

test('a key that is no valid header value is refused in a sentence that does not repeat it', () => {
  expect(() => readApiKey('sk-…abc')).toThrow(/^must have plain letters, digits and signs only\.$/);
});
