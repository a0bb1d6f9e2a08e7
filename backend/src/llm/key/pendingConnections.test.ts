import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { connectionLifeMs, PendingConnections } from './pendingConnections.ts';

const clock = { nowMs: 0, elapsedMs: () => clock.nowMs };
let pending: PendingConnections;
beforeEach(() => {
  clock.nowMs = 0;
  pending = new PendingConnections(clock);
});

test('the verifier of a challenge is given out once, to its session', () => {
  const { state, challenge } = pending.begin('session');
  expect(pending.take(state, 'other')).toBeNull();
  expect(pending.take(state, null)).toBeNull();
  const verifier = pending.take(state, 'session') ?? '';
  expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge);
  // RFC 7636 asks for 43 characters at least.
  expect(verifier.length).toBeGreaterThanOrEqual(43);
  expect(pending.take(state, 'session')).toBeNull();
});

test('a connection is good for ten minutes', () => {
  const [first, second] = [pending.begin(null), pending.begin(null)];
  clock.nowMs = connectionLifeMs - 1;
  expect(pending.take(first.state, null)).not.toBeNull();
  clock.nowMs = connectionLifeMs;
  expect(pending.take(second.state, null)).toBeNull();
});

test('of very many connections the oldest are forgotten', () => {
  const states = Array.from({ length: 25 }, () => pending.begin(null).state);
  const kept = states.filter((state) => pending.take(state, null) !== null);
  expect(kept).toEqual(states.slice(5));
});
