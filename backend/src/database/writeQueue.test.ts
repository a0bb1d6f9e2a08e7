import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createWriteQueue } from './writeQueue.ts';

it('the queue runs one task after another, in call order', async () => {
  const queue = createWriteQueue();
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await setImmediate();
    order.push(`${name} ends`);
    return name;
  };
  expect(await Promise.all([queue.run(work('a')), queue.run(work('b')), queue.run(work('c'))])).toEqual([
    'a',
    'b',
    'c',
  ]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

it('the queue continues after a failed task, and only its caller gets the error', async () => {
  const queue = createWriteQueue();
  const outcomes = await Promise.allSettled([
    queue.run(() => {
      throw new Error('at once');
    }),
    queue.run(() => Promise.reject(new Error('later'))),
    queue.run(() => 'works'),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

it('the queue is idle only when tasks that were added during the wait are done too', async () => {
  const queue = createWriteQueue();
  const done: string[] = [];
  void queue.run(async () => {
    await setImmediate();
    done.push('first');
    void queue.run(async () => {
      await setImmediate();
      done.push('second');
    });
  });
  await queue.idle();
  expect(done).toEqual(['first', 'second']);
  await queue.idle();
});
