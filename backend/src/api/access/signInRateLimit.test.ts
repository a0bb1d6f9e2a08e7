/** Tests the limit on guesses of the access token: how many at once, how many later, and separately by source. */
import { expect, test } from 'vitest';
import { guessIntervalMs, SignInRateLimit } from './signInRateLimit.ts';

function startLimit() {
  const time = { nowMs: 0 };
  return { time, limit: new SignInRateLimit(() => time.nowMs) };
}
const takeMany = (limit: SignInRateLimit, source: string, count: number) =>
  Array.from({ length: count }, () => limit.take(source));

test('the limit allows ten guesses at once, three more after a wait each, and refuses further ones', () => {
  const { limit } = startLimit();
  const decisions = takeMany(limit, 'a', 400);
  const allowed = decisions.filter((decision) => decision.isAllowed);
  expect(allowed.map(({ waitMs }) => waitMs / guessIntervalMs)).toEqual([...Array(10).fill(0), 1, 2, 3]);
  expect(decisions.at(-1)).toEqual({ isAllowed: false, retryAfterMs: guessIntervalMs });
});

test('a source gets one more guess per interval, and never more than ten at once', () => {
  const { limit, time } = startLimit();
  takeMany(limit, 'a', 13);
  time.nowMs += 4 * guessIntervalMs;
  expect(takeMany(limit, 'a', 2).map((decision) => decision.isAllowed && decision.waitMs)).toEqual([
    0,
    guessIntervalMs,
  ]);
  time.nowMs += 1000 * guessIntervalMs;
  const later = takeMany(limit, 'a', 11);
  expect(later.filter((decision) => decision.isAllowed && decision.waitMs === 0)).toHaveLength(10);
});

test('a right token never counts against its source', () => {
  const { limit } = startLimit();
  for (let count = 0; count < 1000; count += 1) {
    expect(limit.take('a')).toEqual({ isAllowed: true, waitMs: 0 });
    limit.refund('a');
  }
  expect(takeMany(limit, 'a', 10).every((decision) => decision.isAllowed && decision.waitMs === 0)).toBe(
    true,
  );
});

test('each source has its own limit', () => {
  const { limit } = startLimit();
  takeMany(limit, 'a', 20);
  expect(limit.take('b')).toEqual({ isAllowed: true, waitMs: 0 });
});

test('the number of sources is bounded: further ones share a limit until others have recovered theirs', () => {
  const { limit, time } = startLimit();
  for (let source = 0; source < 10_000; source += 1) limit.take(`source-${source}`);
  const shared = Array.from({ length: 20 }, (_, index) => limit.take(`late-${index}`));
  expect(shared.filter((decision) => decision.isAllowed)).toHaveLength(13);
  time.nowMs += 1000 * guessIntervalMs;
  expect(limit.take('late-0')).toEqual({ isAllowed: true, waitMs: 0 });
});
