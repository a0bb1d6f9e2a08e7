import { describe, expect, test } from 'vitest';
import { chooseProxy, readProxies } from './chooseProxy.ts';

const settingsOf = (variables: Record<string, string>) => readProxies((name) => variables[name] ?? '');
const originFor = (url: string, variables: Record<string, string>): string | null =>
  chooseProxy(new URL(url), settingsOf(variables))?.origin ?? null;

const [https, http] = ['http://proxy.lan:3128', 'http://proxy.lan:8080'];

describe('the proxy', () => {
  test.each([
    ['https://openrouter.ai/api/v1', { HTTPS_PROXY: https, HTTP_PROXY: http }, https],
    ['http://llm.lan/v1', { HTTPS_PROXY: https, HTTP_PROXY: http }, http],
    ['https://openrouter.ai', { HTTP_PROXY: http }, null],
    ['http://llm.lan', { HTTPS_PROXY: https }, null],
    ['https://openrouter.ai', { ALL_PROXY: http }, http],
    ['http://llm.lan', { ALL_PROXY: http, HTTP_PROXY: https }, https],
    ['https://openrouter.ai', { HTTPS_PROXY: 'proxy.lan:3128' }, https],
    ['https://openrouter.ai', {}, null],
    ['http://localhost:11434/v1', { HTTP_PROXY: http }, null],
    ['http://127.0.0.1:11434/v1', { HTTP_PROXY: http }, null],
    ['http://[::1]:11434/v1', { HTTP_PROXY: http }, null],
    ['http://127.0.0.1:11434/v1', { HTTP_PROXY: 'http://localhost:9999' }, 'http://localhost:9999'],
  ])('for %s with %j is %s', (url, variables, origin) => {
    expect(originFor(url, variables)).toBe(origin);
  });

  test.each([
    ['*', true],
    ['api.example.com', true],
    ['example.com', true],
    ['.example.com', true],
    ['*.example.com', true],
    ['*.api.example.com', false],
    ['API.Example.COM', true],
    ['example.com.', true],
    ['ample.com', false],
    ['api.example.com:8443', true],
    ['api.example.com:443', false],
    ['other.org, example.com', true],
    ['other.org example.com', true],
    ['10.0.0.0/8', false],
    ['', false],
  ])('NO_PROXY %j excludes api.example.com:8443: %s', (noProxy, isLeftOut) => {
    const variables = { HTTPS_PROXY: https, NO_PROXY: noProxy };
    expect(originFor('https://api.example.com:8443/v1', variables)).toBe(isLeftOut ? null : https);
  });

  test.each([
    ['http://10.1.2.3:8000', '10.0.0.0/8', true],
    ['http://11.1.2.3:8000', '10.0.0.0/8', false],
    ['http://10.1.2.3:8000', '10.1.2.3', true],
    ['http://[fd00::1]:8000', 'fd00::/8', true],
    ['http://[fd00::1]:8000', '[fd00::1]:8000', true],
    ['http://[fd00::1]:8000', 'fd00::1', true],
    ['http://10.1.2.3:8000', '10.0.0.0/99', false],
  ])('%s is excluded by %s: %s', (url, noProxy, isLeftOut) => {
    expect(originFor(url, { HTTP_PROXY: http, NO_PROXY: noProxy })).toBe(isLeftOut ? null : http);
  });

  test('may need a user, who is stored separately from its address', () => {
    const { https: proxy } = settingsOf({ HTTPS_PROXY: 'http://me:p%40ss@proxy.lan:3128/' });
    expect(proxy).toEqual({ origin: https, basicAuth: 'me:p@ss', problem: null });
  });

  test.each([
    [
      'socks5://secret@proxy.lan:1080',
      'ALL_PROXY must be an HTTP proxy: Rill cannot speak SOCKS. NO_PROXY leaves a host out.',
    ],
    ['ftp://secret.lan', 'ALL_PROXY must be the http or https address of a proxy.'],
    ['http://sec ret', 'ALL_PROXY must be the http or https address of a proxy.'],
  ])('%j is refused in a sentence that does not repeat it', (text, sentence) => {
    expect(chooseProxy(new URL('https://openrouter.ai'), settingsOf({ ALL_PROXY: text }))?.problem).toBe(
      sentence,
    );
  });
});
