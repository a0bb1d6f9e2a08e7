import { expect, it } from 'vitest';
import { CallEnding } from './callEnding.ts';

it('ends once, for its first cause, and calls its listeners in their order', () => {
  const ending = new CallEnding();
  const calls: string[] = [];
  ending.onEnd(() => calls.push(`first ${String(ending.reason)}`));
  ending.onEnd(() => {
    calls.push('second');
    ending.end('again');
  });
  expect(ending.isEnded).toBe(false);
  ending.throwIfEnded();
  ending.end('cause');
  ending.end('later');
  expect(calls).toEqual(['first cause', 'second']);
  expect(ending.isEnded).toBe(true);
  expect(ending.reason).toBe('cause');
  expect(() => ending.throwIfEnded()).toThrow('cause');
});

it('calls no listener that was removed, or was added after the end', () => {
  const ending = new CallEnding();
  const calls: string[] = [];
  const remove = ending.onEnd(() => calls.push('removed'));
  ending.onEnd(() => calls.push('kept'));
  remove();
  remove();
  ending.end(null);
  ending.onEnd(() => calls.push('late'))();
  expect(calls).toEqual(['kept']);
});
