import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../startSimulator.ts';

const running: Simulator[] = [];
const clock = { nowMs: 0 };
async function start(): Promise<string> {
  clock.nowMs = 1000;
  const simulator = await startSimulator({ apiKey: 'sk-or-v1-made', now: () => clock.nowMs });
  running.push(simulator);
  return simulator.url;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

const verifier = 'a verifier that only its maker knows';
const challenge = createHash('sha256').update(verifier).digest('base64url');

async function askForCode(url: string, method = 'S256'): Promise<Response> {
  const query = new URLSearchParams({
    callback_url: 'http://localhost:3000/settings?state=1',
    code_challenge: challenge,
    code_challenge_method: method,
  });
  return fetch(`${new URL(url).origin}/auth?${query}`, { redirect: 'manual' });
}

async function codeFrom(url: string): Promise<string> {
  const location = new URL((await askForCode(url)).headers.get('location') ?? '');
  expect(location.origin + location.pathname).toBe('http://localhost:3000/settings');
  expect(location.searchParams.get('state')).toBe('1');
  return location.searchParams.get('code') ?? '';
}

const exchange = (url: string, code: string, fields: object = {}) =>
  fetch(`${url}/auth/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, code_verifier: verifier, code_challenge_method: 'S256', ...fields }),
  });

test('a code is exchanged for the key once, by the caller who knows the verifier', async () => {
  const url = await start();
  const code = await codeFrom(url);
  const made = await exchange(url, code);
  expect([made.status, await made.json()]).toMatchObject([200, { key: 'sk-or-v1-made' }]);
  expect((await exchange(url, code)).status).toBe(403);
});

test('a wrong verifier, an unknown code and an old one get 403, another method 400', async () => {
  const url = await start();
  expect((await exchange(url, await codeFrom(url), { code_verifier: 'a guess' })).status).toBe(403);
  expect((await exchange(url, 'unknown')).status).toBe(403);
  expect((await exchange(url, await codeFrom(url), { code_challenge_method: 'plain' })).status).toBe(400);
  const old = await codeFrom(url);
  clock.nowMs += 10 * 60_000;
  expect((await exchange(url, old)).status).toBe(403);
  expect((await askForCode(url, 'plain')).status).toBe(400);
});
