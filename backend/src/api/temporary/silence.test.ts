import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { onSilence } from './silence.ts';

const limitMs = 25_000;

function watchFlow() {
  const clock = new FakeClock();
  const end = vi.fn();
  const from = new PassThrough();
  const to = new PassThrough({ highWaterMark: 4 });
  const stop = onSilence({ clock, limitMs, from, to, isExcused: () => to.writableNeedDrain, end });
  return { clock, end, from, to, stop };
}

/** Data passes between two turns of the event loop. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('a flow', () => {
  it('ends after the limit without a byte, counted from the last one', async () => {
    const { clock, end, from } = watchFlow();
    clock.advance(limitMs - 1);
    from.write('.');
    await nextTurn();
    clock.advance(limitMs - 1);
    expect(end).not.toHaveBeenCalled();
    clock.advance(1);
    expect(end).toHaveBeenCalledOnce();
    expect(clock.pendingTimers).toBe(0);
  });

  it('continues while its reader does not read, and has the whole limit again once it reads', async () => {
    const { clock, end, to } = watchFlow();
    to.write('more than fits');
    clock.advance(10 * limitMs - 1);
    to.resume();
    await nextTurn();
    clock.advance(limitMs - 1);
    expect(end).not.toHaveBeenCalled();
    clock.advance(1);
    expect(end).toHaveBeenCalledOnce();
  });

  it('leaves no timer behind, whatever still moves', async () => {
    const { clock, end, from, stop } = watchFlow();
    stop();
    from.resume().write('.');
    await nextTurn();
    expect(clock.pendingTimers).toBe(0);
    expect(end).not.toHaveBeenCalled();
  });
});
