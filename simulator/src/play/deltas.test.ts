import { describe, expect, it } from 'vitest';
import { loadDemoTexts } from '../answers/loadDemoTexts.ts';
import type { Clock } from '../waitClock.ts';
import { splitDeltas } from '../wire/splitDeltas.ts';
import { limitSteps } from './limitSteps.ts';
import { paceDeltas } from './paceDeltas.ts';

const { almanac } = await loadDemoTexts();

/** A clock that moves only when a caller waits on it. */
function createTestClock(lateByMs = 0): Clock & { waits: number[] } {
  let nowMs = 0;
  const waits: number[] = [];
  return {
    waits,
    nowMs: () => nowMs,
    wait: async (delayMs, signal) => {
      signal.throwIfAborted();
      waits.push(delayMs);
      nowMs += delayMs + lateByMs;
    },
  };
}

async function collect(deltas: readonly string[], tokensPerSecond: number, clock: Clock): Promise<number[]> {
  const groups: number[] = [];
  for await (const group of paceDeltas(deltas, tokensPerSecond, clock, new AbortController().signal)) {
    groups.push(group.length);
  }
  return groups;
}

describe('paceDeltas', () => {
  const deltas = Array.from({ length: 2_000 }, (_, index) => String(index));

  it('sends a slow answer one delta at a time', async () => {
    const clock = createTestClock();
    expect(await collect(deltas.slice(0, 61), 60, clock)).toEqual(Array(61).fill(1));
    expect(clock.nowMs()).toBeGreaterThanOrEqual(1000);
    expect(clock.nowMs()).toBeLessThan(1020);
  });

  it('keeps 2,000 deltas a second by bundling, even when every timer is late', async () => {
    const clock = createTestClock(3);
    const groups = await collect(deltas, 2_000, clock);
    expect(groups.reduce((sum, length) => sum + length, 0)).toBe(2_000);
    expect(clock.nowMs()).toBeGreaterThan(990);
    expect(clock.nowMs()).toBeLessThan(1010);
  });

  it('only yields to the event loop when there is no pace', async () => {
    const clock = createTestClock();
    await collect(deltas, 0, clock);
    expect(new Set(clock.waits)).toEqual(new Set([0]));
  });

  it('stops when the signal aborts', async () => {
    const abort = new AbortController();
    const groups = paceDeltas(deltas, 10, createTestClock(), abort.signal);
    await groups.next();
    abort.abort();
    await expect(groups.next()).rejects.toThrow();
  });
});

describe('splitDeltas', () => {
  const texts = [almanac, '👨‍👩‍👧‍👦🏳️‍🌈 e\u0301 \ud800 lone', '  \t\n\n 漢字かな한국어 مرحبا שלום', ''];

  it.each(texts.map((text, index) => [index, text] as const))(
    'text %i equals its joined deltas',
    (_index, text) => {
      expect(splitDeltas(text).join('')).toBe(text);
    },
  );

  it('never cuts a surrogate pair but does cut grapheme clusters', () => {
    const deltas = splitDeltas('a 👨‍👩‍👧‍👦 family, 漢字漢字漢字');
    expect(deltas.every((delta) => delta.isWellFormed())).toBe(true);
    expect(deltas.filter((delta) => /\p{Emoji_Presentation}/u.test(delta)).length).toBeGreaterThan(1);
  });

  it('makes deltas of about four characters', () => {
    const [text = ''] = texts;
    const averageLength = text.length / splitDeltas(text).length;
    expect(averageLength).toBeGreaterThan(3);
    expect(averageLength).toBeLessThan(5);
  });
});

describe('limitSteps', () => {
  it('cuts text at the limit, reasoning included, and ends with length', () => {
    const steps = limitSteps(
      [{ text: 'one two', as: 'reasoning' }, { text: ' three four' }, { finish: 'stop' }],
      3,
    );
    expect(steps).toEqual([
      { text: 'one two', as: 'reasoning' },
      { text: ' three' },
      { finish: 'length', nativeFinishReason: 'length' },
    ]);
  });

  it('does not change an answer that fits exactly', () => {
    const steps = [{ text: 'one two' }, { finish: 'stop' }];
    expect(limitSteps(steps, 2)).toEqual(steps);
  });
});
