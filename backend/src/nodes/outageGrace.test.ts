import { describe, expect, it } from 'vitest';
import { OutageGrace } from './outageGrace.ts';

const leaseMs = 8000;

/** Renews every two seconds, as long as it is said, and answers within `answerMs`. */
function renewing(grace: OutageGrace, fromMs: number, untilMs: number, answerMs = 10): void {
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 2000) grace.renewed(nowMs, nowMs + answerMs);
}

describe('a node may treat others as dead', () => {
  it('once its own renewals have worked for a lease, not before', () => {
    const grace = new OutageGrace(leaseMs);
    expect(grace.allowsFencing(0)).toBe(false);
    renewing(grace, 0, 8000);
    expect([grace.allowsFencing(8010), grace.allowsFencing(8011)]).toEqual([false, true]);
  });

  it('not for a lease after a renewal that failed', () => {
    const grace = new OutageGrace(leaseMs);
    renewing(grace, 0, 20_000);
    grace.failed();
    expect(grace.allowsFencing(20_100)).toBe(false);
    renewing(grace, 22_000, 30_000);
    expect([grace.allowsFencing(30_010), grace.allowsFencing(30_011)]).toEqual([false, true]);
  });

  it('not after it was paused itself, nor for a lease after that', () => {
    const grace = new OutageGrace(leaseMs);
    renewing(grace, 0, 20_000);
    expect(grace.allowsFencing(26_000)).toBe(false);
    renewing(grace, 26_000, 34_000);
    expect([grace.allowsFencing(34_010), grace.allowsFencing(34_011)]).toEqual([false, true]);
  });

  it('not for a lease after the database was slow to answer: its data about others is old', () => {
    const grace = new OutageGrace(leaseMs);
    renewing(grace, 0, 20_000);
    grace.answered(20_100, 22_700);
    expect(grace.allowsFencing(22_700)).toBe(false);
    renewing(grace, 24_000, 30_000);
    expect(grace.allowsFencing(32_000)).toBe(false);
    expect(grace.allowsFencing(32_011)).toBe(true);
  });
});
