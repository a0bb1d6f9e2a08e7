import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { connectionLifeMs, MemoryConnections, PendingConnections } from './pendingConnections.ts';

const clock = { nowMs: 0, elapsedMs: () => clock.nowMs };
let pending: PendingConnections;
beforeEach(() => {
  clock.nowMs = 0;
  pending = new PendingConnections(new MemoryConnections(clock));
});

test('the verifier of a challenge is returned once, to its session', async () => {
  const { state, challenge } = await pending.begin('session');
  expect(await pending.take(state, 'other')).toBeNull();
  expect(await pending.take(state, null)).toBeNull();
  const verifier = (await pending.take(state, 'session')) ?? '';
  expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge);
  // RFC 7636 asks for 43 characters at least.
  expect(verifier.length).toBeGreaterThanOrEqual(43);
  expect(await pending.take(state, 'session')).toBeNull();
});

test('a connection is good for ten minutes', async () => {
  const [first, second] = [await pending.begin(null), await pending.begin(null)];
  clock.nowMs = connectionLifeMs - 1;
  expect(await pending.take(first.state, null)).not.toBeNull();
  clock.nowMs = connectionLifeMs;
  expect(await pending.take(second.state, null)).toBeNull();
});

test('of very many connections the oldest are forgotten', async () => {
  const states: string[] = [];
  for (let count = 0; count < 25; count += 1) states.push((await pending.begin(null)).state);
  const taken = await Promise.all(states.map((state) => pending.take(state, null)));
  expect(taken.map((verifier) => verifier !== null)).toEqual(states.map((_, index) => index >= 5));
});
