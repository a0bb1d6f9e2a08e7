import { describe, expect, it } from 'vitest';
import { isSameHost, readHost, readOrigin } from './host.ts';

describe('readHost', () => {
  it.each([
    ['chat.example.com', 'chat.example.com', null],
    ['CHAT.Example.COM', 'chat.example.com', null],
    ['chat.example.com.', 'chat.example.com', null],
    ['chat.example.com.:443', 'chat.example.com', 443],
    ['localhost:3000', 'localhost', 3000],
    ['rill_1:3000', 'rill_1', 3000],
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['[::1]', '::1', null],
    ['[2001:DB8:0:0::1]:8443', '2001:db8::1', 8443],
    ['[0:0:0:0:0:0:0:1]:3000', '::1', 3000],
    ['[::ffff:127.0.0.1]', '::ffff:7f00:1', null],
  ])('reads %s', (text, name, port) => {
    expect(readHost(text)).toEqual({ name, port });
  });

  it.each([
    '',
    '.',
    ':80',
    'a..b',
    'a b',
    'user@a',
    'a/b',
    'a#127.0.0.1',
    'a?b',
    'a:80:90',
    'a:x',
    'a:99999',
    '::1',
    '[::1',
    '[::1].a',
    '[1.2.3.4]',
    '[fe80::1%eth0]',
    'a\\b',
    'a%2eb',
    'a,b',
    'ü.example',
  ])('finds no host in %j', (text) => {
    expect(readHost(text)).toBeNull();
  });
});

describe('an origin and a host', () => {
  it.each([
    ['https://chat.example.com', 'chat.example.com', true],
    ['https://chat.example.com', 'chat.example.com:443', true],
    ['https://chat.example.com:443', 'chat.example.com', true],
    ['http://chat.example.com', 'chat.example.com:80', true],
    ['http://chat.example.com', 'chat.example.com', true],
    ['https://CHAT.example.com', 'chat.Example.com.', true],
    ['https://chat.example.com.', 'chat.example.com', true],
    ['http://chat.example.com:8080', 'chat.example.com:8080', true],
    ['https://[2001:db8::1]', '[2001:DB8:0::1]:443', true],
    ['http://[::1]:3000', '[0::1]:3000', true],
    ['https://chat.example.com', 'chat.example.com:80', false],
    ['http://chat.example.com', 'chat.example.com:443', false],
    ['http://chat.example.com:8080', 'chat.example.com', false],
    ['http://chat.example.com', 'chat.example.com:8080', false],
    ['https://evil.example', 'chat.example.com', false],
    ['https://chat.example.com.evil.example', 'chat.example.com', false],
  ])('%s and %s name the same server: %s', (originText, hostText, isSame) => {
    const [origin, host] = [readOrigin(originText), readHost(hostText)];
    expect(origin && host && isSameHost(host, origin)).toBe(isSame);
  });

  it.each([
    'null',
    '',
    'file://',
    'chat.example.com',
    'chrome-extension://abc',
    'https://',
    'data:text/html,x',
  ])('never name the same server when the origin is %j', (text) => {
    expect(readOrigin(text)).toBeNull();
  });
});
