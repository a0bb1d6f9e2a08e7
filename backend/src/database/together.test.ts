import { expect, it } from 'vitest';
import { together } from './together.ts';

it('gives the results in call order', async () => {
  const late = Promise.withResolvers<string>();
  const both = together([late.promise, Promise.resolve(2)]);
  late.resolve('one');
  expect(await both).toEqual(['one', 2]);
});

it('fails once all have settled, with the first failure in call order', async () => {
  const [first, second, third] = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const settled: string[] = [];
  const all = together(
    [first?.promise, second?.promise, third?.promise].map((each) => each ?? Promise.resolve()),
  );
  const failed = all.then(
    () => settled.push('resolved'),
    (error: Error) => settled.push(error.message),
  );
  third?.reject(new Error('third'));
  await third?.promise.catch(() => undefined);
  second?.reject(new Error('second'));
  await second?.promise.catch(() => undefined);
  expect(settled).toEqual([]);
  first?.resolve();
  await failed;
  expect(settled).toEqual(['second']);
});
