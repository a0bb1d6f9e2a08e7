/** Tests RILL_TRUSTED_PROXIES: whose address counts for the limit on wrong tokens, and when a cookie is secure. */
import { afterEach, expect, it } from 'vitest';
import { leftOpen, nothing } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const token = 'correct-horse-battery-staple';
let server: TestServer;
const start = async (trusted?: string) => {
  const environment = { RILL_ACCESS_TOKEN: token, ...(trusted && { RILL_TRUSTED_PROXIES: trusted }) };
  server = await startTestServer({ environment });
};
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

const tryToken = async (given: string, forwarded: string, signal?: AbortSignal): Promise<number> => {
  const headers = { authorization: `Bearer ${given}`, 'x-forwarded-for': forwarded };
  return (await fetch(`${server.url}/api/projects`, { headers, signal: signal ?? null })).status;
};

/** Ten wrong tokens are compared at once, and three are queued. */
const atOnce = 10;
const waiting = 3;

/** The status of another visitor's wrong token while the first visitor gets 429: 401 when they are counted separately. */
async function afterTooMany(visitor: (attempt: number) => string, other: string): Promise<number> {
  const leave = new AbortController();
  for (let attempt = 1; attempt <= atOnce; attempt += 1) {
    expect(await tryToken(`wrong-${attempt}`, visitor(attempt))).toBe(401);
  }
  const more = Array.from({ length: waiting + 1 }, (_, index) =>
    tryToken(`wrong-more-${index}`, visitor(atOnce + 1 + index), leave.signal),
  );
  expect(await Promise.any(more)).toBe(429);
  const status = await tryToken('wrong', other);
  leave.abort();
  await Promise.allSettled(more);
  return status;
}

it.each([
  ['another address', () => '203.0.113.7', '203.0.113.8', 401],
  ['the same address', () => '203.0.113.7', '203.0.113.7', 429],
  [
    'the same address behind invented ones',
    (attempt: number) => `198.51.100.${attempt}, 203.0.113.7`,
    '203.0.113.7',
    429,
  ],
  ['the same address behind another trusted proxy', () => '203.0.113.7, 10.1.2.3', '203.0.113.7', 429],
  [
    'the same address with the ports of its connections',
    (attempt: number) => `203.0.113.7:${5000 + attempt}`,
    '203.0.113.7',
    429,
  ],
  [
    'the same IPv6 address in brackets',
    (attempt: number) => `[2001:db8::7]:${5000 + attempt}`,
    '2001:DB8::7',
    429,
  ],
  ['the same address in IPv6 form', () => '::ffff:203.0.113.7', '203.0.113.7', 429],
  ['no address at all', (attempt: number) => `unknown-${attempt}`, 'hidden', 429],
])('a visitor at %s', async (_, visitor, other, status) => {
  await start('loopback, 10.0.0.0/8');
  expect(await afterTooMany(visitor, other)).toBe(status);
});

it.each([undefined, '10.0.0.0/8'])(
  'what a stranger claims is not heard, with "%s" trusted',
  async (trusted) => {
    await start(trusted);
    expect(await afterTooMany((attempt) => `203.0.113.${attempt}`, '203.0.113.99')).toBe(429);
  },
);

it.each([
  [{ 'x-forwarded-proto': 'https' }, true],
  [{ 'x-forwarded-proto': 'HTTPS' }, true],
  [{ 'x-forwarded-proto': 'https, http' }, true],
  [{ 'x-forwarded-proto': 'http' }, false],
  [{}, false],
])('a sign-in with %j makes a secure cookie: %s', async (headers, isSecure) => {
  await start('loopback');
  const response = await server.request('POST', '/api/session', { token }, headers);
  expect(/; Secure/.test(response.headers.get('set-cookie') ?? '')).toBe(isSecure);
});

it('a sign-in from a page on HTTPS gets a secure cookie, although the proxy does not report HTTPS', async () => {
  await start();
  const headers = { origin: server.url.replace('http:', 'https:') };
  const response = await server.request('POST', '/api/session', { token }, headers);
  expect(response.headers.get('set-cookie')).toMatch(/; Secure/);
});
