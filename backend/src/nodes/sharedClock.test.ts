import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fakeClock.ts';
import { SharedClock } from './sharedClock.ts';

const startMs = 1_700_000_000_000;

function start() {
  const machine = new FakeClock(startMs + 7_200_000);
  const clock = new SharedClock({
    nowMs: () => machine.nowMs(),
    elapsedMs: () => machine.elapsedMs(),
    elapsedOrigin: machine.elapsedOrigin,
    schedule: (delayMs, callback) => machine.schedule(delayMs, callback),
  });
  /** The database answers `aheadMs` later than this machine counts, `outMs` after it was asked and `backMs` before the answer. */
  const ask = (aheadMs: number, outMs: number, backMs: number) => {
    const askedMs = machine.elapsedMs();
    machine.advance(outMs);
    const sharedMs = startMs + machine.elapsedMs() + aheadMs;
    machine.advance(backMs);
    clock.follow({ askedMs, answeredMs: machine.elapsedMs(), sharedMs });
  };
  const errorMs = () => clock.nowMs() - (startMs + machine.elapsedMs());
  return { machine, clock, ask, errorMs };
}

it('is the clock of the machine until a database has told its time', () => {
  const { machine, clock } = start();
  expect(clock.nowMs()).toBe(machine.nowMs());
  machine.jumpWallClock(-5000);
  expect(clock.nowMs()).toBe(machine.nowMs());
});

it('is the time of the database from then on, whatever the wall clock does', () => {
  const { machine, ask, errorMs } = start();
  ask(0, 2, 2);
  expect(errorMs()).toBe(0);
  machine.jumpWallClock(3_600_000);
  machine.advance(90_000);
  expect(errorMs()).toBe(0);
});

it('is wrong by no more than the fastest round trip, of which either way may have been the slow one', () => {
  const { ask, errorMs } = start();
  ask(0, 0, 40);
  expect(errorMs()).toBe(-20);
  ask(0, 3, 1);
  for (const [outMs, backMs] of [
    [0, 5000],
    [5000, 0],
  ] as const) {
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(4);
    ask(0, outMs, backMs);
  }
  expect(Math.abs(errorMs())).toBeLessThanOrEqual(4);
});

it('follows a database whose clock was set, or that another one has replaced', () => {
  const { ask, errorMs } = start();
  ask(0, 1, 1);
  ask(-60_000, 1, 1);
  expect(Math.abs(errorMs() + 60_000)).toBeLessThanOrEqual(1);
  ask(60_000, 1, 1);
  expect(Math.abs(errorMs() - 60_000)).toBeLessThanOrEqual(1);
});
