import { expect, test, vi } from 'vitest';
import { IdleWork } from './idleWork.ts';

/** A browser whose idle time the test gives out. */
function setUp() {
  const requested: IdleRequestCallback[] = [];
  vi.stubGlobal('requestIdleCallback', (callback: IdleRequestCallback) => requested.push(callback));
  const give = (remainingMs: number) => {
    for (const callback of requested.splice(0))
      callback({ didTimeout: false, timeRemaining: () => remainingMs });
  };
  return { idle: new IdleWork(), requested, give };
}

function* steps(name: string, count: number, taken: string[]): Generator<void, string> {
  for (let index = 0; index < count; index += 1) {
    taken.push(`${name}${index}`);
    yield;
  }
  return name;
}

test('many jobs share one callback, and run in the order in which they came', () => {
  const { idle, requested, give } = setUp();
  const [taken, done]: [string[], string[]] = [[], []];
  for (const name of ['a', 'b', 'c']) idle.run(steps(name, 1, taken), (result) => done.push(result));
  expect(requested.length).toBe(1);
  give(40);
  expect(taken).toEqual(['a0', 'b0', 'c0']);
  expect(done).toEqual(['a', 'b', 'c']);
  expect(requested.length).toBe(0);
});

test('without time left each callback takes one step', () => {
  const { idle, requested, give } = setUp();
  const taken: string[] = [];
  idle.run(steps('a', 2, taken), () => taken.push('done'));
  give(0);
  expect(taken).toEqual(['a0']);
  give(0);
  give(0);
  expect(taken).toEqual(['a0', 'a1', 'done']);
  expect(requested.length).toBe(0);
});

test('what is stopped takes no further step, and the next one follows', () => {
  const { idle, give } = setUp();
  const taken: string[] = [];
  const stop = idle.run(steps('a', 2, taken), () => taken.push('done'));
  idle.run(steps('b', 1, taken), () => undefined);
  give(0);
  stop();
  give(40);
  expect(taken).toEqual(['a0', 'b0']);
});

test('a job that fails ends, and the next one follows', () => {
  const { idle, give } = setUp();
  const taken: string[] = [];
  idle.run(failing(), () => undefined);
  idle.run(steps('b', 1, taken), () => undefined);
  expect(() => give(40)).toThrow('This step fails.');
  give(40);
  expect(taken).toEqual(['b0']);
});

function* failing(): Generator<void, void> {
  yield;
  throw new Error('This step fails.');
}
