/** Tests the limits on guessing the access token: how often, from where, and who is still let in meanwhile. */
import { afterEach, expect, it } from 'vitest';
import { failureOf, leftOpen, nothing } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const token = 'correct-horse-battery-staple';
let server: TestServer;
let clock: FakeClock;
const start = async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock, environment: { RILL_ACCESS_TOKEN: token } });
  // Once the models are known, no timer of the start can be mistaken for one of a guess.
  await server.request('GET', '/api/models', undefined, { authorization: `Bearer ${token}` });
};
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

const ask = (given: string) =>
  server.request('GET', '/api/projects', undefined, { authorization: `Bearer ${given}` });
const signIn = (given: string, headers: Record<string, string> = {}) =>
  server.request('POST', '/api/session', { token: given }, headers);
const pairsOf = (response: Response) =>
  response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
/** Uses up the guesses that one address has. */
const guessAll = async () => {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    expect((await ask(`wrong-token-${attempt}`)).status, `${attempt}`).toBe(401);
  }
};

it('compares ten of four hundred concurrent guesses, and not the right one among the last', async () => {
  await start();
  const idleTimers = clock.pendingTimers;
  const guesses = Array.from({ length: 399 }, (_, index) => ask(`wrong-token-${index}`));
  guesses.push(ask(token));
  const statuses: number[] = [];
  const counted = guesses.map(async (guess) => statuses.push((await guess).status));
  await expect.poll(() => statuses.length).toBe(397);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(387);
  expect(clock.pendingTimers - idleTimers).toBe(3);
  clock.advance(15_000);
  await Promise.all(counted);
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
});

it('tells the client when to retry', async () => {
  await start();
  await guessAll();
  const idleTimers = clock.pendingTimers;
  const waiting = [ask('wrong-a'), ask('wrong-b'), ask('wrong-c')];
  await expect.poll(() => clock.pendingTimers).toBe(idleTimers + 3);
  const refused = await ask(token);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await failureOf(refused)).toMatchObject({ status: 429, code: 'rate_limited' });
  clock.advance(60_000);
  await Promise.all(waiting);
});

it('lets the right token in from an address that guessed wrong ten times, after a few seconds', async () => {
  await start();
  await guessAll();
  const idleTimers = clock.pendingTimers;
  const right = ask(token);
  await expect.poll(() => clock.pendingTimers).toBe(idleTimers + 1);
  clock.advance(5_000);
  expect((await right).status).toBe(200);
});

it('does not limit the use of a right token', async () => {
  await start();
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(token)));
  expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
});

it('lets browsers in that are or were signed in, while their address is used to guess', async () => {
  await start();
  const first = await signIn(token);
  const cookie = pairsOf(first).join('; ');
  const device = pairsOf(first).find((pair) => pair.startsWith('rill_device=')) ?? '';
  await guessAll();
  expect((await server.request('GET', '/api/projects', undefined, { cookie })).status).toBe(200);
  expect((await signIn(token, { cookie: device })).status).toBe(204);
});

it('counts the guesses of a browser that was signed in before, and refuses an invented mark of one', async () => {
  await start();
  const device = pairsOf(await signIn(token)).find((pair) => pair.startsWith('rill_device=')) ?? '';
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    expect((await signIn(`wrong-token-${attempt}`, { cookie: device })).status).toBe(401);
  }
  const idleTimers = clock.pendingTimers;
  const eleventh = signIn('wrong-token-11', { cookie: device });
  await expect.poll(() => clock.pendingTimers).toBe(idleTimers + 1);
  clock.advance(5_000);
  expect((await eleventh).status).toBe(401);
  await guessAll();
  const madeUp = signIn('wrong-token-12', { cookie: 'rill_device=made.up' });
  await expect.poll(() => clock.pendingTimers).toBe(idleTimers + 1);
  clock.advance(5_000);
  expect((await madeUp).status).toBe(401);
});

it('does not count a request without a token', async () => {
  await start();
  for (let attempt = 1; attempt <= 20; attempt += 1) await server.request('GET', '/api/projects');
  expect((await ask(token)).status).toBe(200);
});
