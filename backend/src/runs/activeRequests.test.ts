import { beforeEach, describe, expect, it } from 'vitest';
import { ActiveRequests } from './activeRequests.ts';
import { RunCancelled, RunInterrupted } from './finish/abortReasons.ts';

let requests: ActiveRequests;
beforeEach(() => {
  requests = new ActiveRequests();
});

/** Whether a promise has resolved by now. */
async function isResolved(promise: Promise<void> | undefined): Promise<boolean> {
  return (await Promise.race([promise?.then(() => true), Promise.resolve(false).then(() => false)])) === true;
}

describe('active requests', () => {
  it('have one signal per run from its send to its end', () => {
    const { signal } = requests.register('a');
    requests.register('b');
    expect(requests.get('a')?.signal).toBe(signal);
    expect([requests.size, signal.aborted]).toEqual([2, false]);
    requests.finish('a');
    expect([requests.get('a'), requests.size]).toEqual([null, 1]);
    requests.finish('b');
    expect(requests.size).toBe(0);
  });

  it('abort only the named run, with the reason', () => {
    const [a, b] = [requests.register('a'), requests.register('b')];
    const reason = new RunCancelled();
    expect(requests.abort('a', reason)).toBe(true);
    expect(a.signal.reason).toBe(reason);
    expect(b.signal.aborted).toBe(false);
  });

  it('keep the first reason', () => {
    const { signal } = requests.register('a');
    requests.abort('a', new RunCancelled());
    requests.abort('a', new RunInterrupted());
    expect(signal.reason).toBeInstanceOf(RunCancelled);
  });

  it('report an unknown run', () => {
    expect(requests.abort('elsewhere', new RunCancelled())).toBe(false);
    requests.register('a');
    requests.finish('a');
    expect(requests.abort('a', new RunCancelled())).toBe(false);
    expect(requests.get('elsewhere')).toBeNull();
  });

  it('abort all runs, also when one ends at that moment', () => {
    const signals = ['a', 'b', 'c'].map((runId) => requests.register(runId).signal);
    signals[0]?.addEventListener('abort', () => requests.finish('b'));
    requests.abortAll(new RunInterrupted());
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false, true]);
    expect(requests.get('b')).toBeNull();
  });

  it('resolve a wait for the end of a run', async () => {
    const { ended } = requests.register('a');
    expect(await isResolved(ended)).toBe(false);
    requests.finish('a');
    await ended;
    requests.finish('a');
  });

  it('resolve a wait until no run is active', async () => {
    await requests.whenEmpty();
    requests.register('a');
    requests.register('b');
    const [first, second] = [requests.whenEmpty(), requests.whenEmpty()];
    requests.finish('a');
    expect(await isResolved(first)).toBe(false);
    requests.finish('b');
    await Promise.all([first, second]);
    requests.register('c');
    expect(await isResolved(requests.whenEmpty())).toBe(false);
  });
});
