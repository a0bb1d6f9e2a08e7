/** Tests an iteration over pushed events: when it starts, how far it reads ahead, and how it ends. */
import { expect, test } from 'vitest';
import { settle } from '../../test/fakeBrowser.ts';
import { iterate } from './iterate.ts';

test('the work starts with the first next, and work that awaits each push is never ahead of the reader', async () => {
  const pushed: number[] = [];
  const iterator = iterate<number>(undefined, async (push) => {
    for (let event = 1; event <= 3; event += 1) {
      pushed.push(event);
      await push(event);
    }
  });
  await settle();
  expect(pushed).toEqual([]);
  expect(await iterator.next()).toEqual({ done: false, value: 1 });
  await settle();
  expect(pushed).toEqual([1]);
  expect(await iterator.next()).toEqual({ done: false, value: 2 });
  await settle();
  expect(pushed).toEqual([1, 2]);
  expect(await iterator.return()).toEqual({ done: true, value: undefined });
});

test('what was pushed before the end or an error is still read', async () => {
  const read: number[] = [];
  const iteration = iterate<number>(undefined, (push) => {
    void push(1);
    void push(2);
    return Promise.reject(new Error('over'));
  });
  const reading = (async () => {
    for await (const event of iteration) read.push(event);
  })();
  await expect(reading).rejects.toThrow('over');
  expect(read).toEqual([1, 2]);
});

test('a reader that leaves aborts the work, lets a push that waits return, and waits until the work is over', async () => {
  const steps: string[] = [];
  const iteration = iterate<number>(undefined, async (push, signal) => {
    await push(1);
    steps.push(signal.aborted ? 'pushed, aborted' : 'pushed');
    await settle();
    await push(2);
    steps.push('over');
  });
  for await (const _event of iteration) break;
  expect(steps).toEqual(['pushed, aborted', 'over']);
});

test('an abort of the caller reaches the work, whose end is the end of the iteration', async () => {
  const caller = new AbortController();
  const iterator = iterate<number>(caller.signal, async (push, signal) => {
    await push(1);
    if (!signal.aborted) await push(2);
  });
  await iterator.next();
  caller.abort();
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
});
