import { expect, test, vi } from 'vitest';
import type { FoundText } from '../../../chat/run/watchedRun.svelte.ts';
import { viewFixture } from '../messageFixtures.ts';
import { LiveClock } from './liveClock.svelte.ts';

const words = (count: number) => 'word '.repeat(count);

/** A clock at 0 ms, and what moves it: the time, the text, and how much of the text was found. */
function setUp() {
  const now = { ms: 0, content: '', reasoning: '', found: null as FoundText | null };
  const clock = new LiveClock({
    startedAtMs: 0,
    nowMs: () => now.ms,
    readView: () => viewFixture({ content: now.content, reasoning: now.reasoning }),
    readFoundText: () => now.found,
  });
  const read = (change: Partial<typeof now>) => {
    Object.assign(now, change);
    clock.read();
  };
  const rate = () => Math.round((clock.seenTokens * 1000) / (clock.textMs ?? Number.NaN));
  return { clock, read, rate };
}

test('the rate of an answer that is opened later is that of the text that was seen arriving', () => {
  const { clock, read, rate } = setUp();
  read({ ms: 20_000 });
  read({ ms: 20_250, content: words(1200) });
  expect(clock.textMs).toBeNull();
  read({ content: words(1201), found: { contentLength: words(1200).length, reasoningLength: 0 } });
  read({ ms: 22_250, content: words(1200 + 120) });
  expect(rate()).toBe(60);
  expect(clock.estimatedTokens).toBe(1320);
});

test('the rate of an answer that is seen from its start counts all of it', () => {
  const { read, rate } = setUp();
  read({ ms: 500 });
  read({ ms: 1000, content: 'word ', found: { contentLength: 0, reasoningLength: 0 } });
  read({ ms: 3000, content: words(120) });
  expect(rate()).toBe(60);
});

test('silence begins with the last text of either kind', () => {
  const { clock, read } = setUp();
  read({ ms: 9000 });
  expect(clock.silentMs).toBeNull();
  read({ ms: 10_000, reasoning: 'hm' });
  read({ ms: 12_500 });
  expect(clock.silentMs).toBe(2500);
  read({ ms: 12_750, content: 'Word' });
  expect(clock.silentMs).toBe(0);
  read({ ms: 16_000 });
  expect(clock.silentMs).toBe(3250);
});

test('a silence is reported once it is long enough, and not before', () => {
  vi.useFakeTimers();
  let view = viewFixture({ content: 'Word' });
  const clock = new LiveClock({ startedAtMs: Date.now(), nowMs: () => Date.now(), readView: () => view });
  const end = clock.start();
  vi.advanceTimersByTime(90);
  view = viewFixture({ content: 'Word by' });
  clock.noteText();
  vi.advanceTimersByTime(1499);
  expect(clock.silentMs).toBeLessThan(1500);
  vi.advanceTimersByTime(1);
  expect(clock.silentMs).toBe(1500);
  vi.advanceTimersByTime(3500);
  expect(clock.silentMs).toBe(5000);
  view = viewFixture({ content: 'Word by word' });
  clock.noteText();
  expect(clock.silentMs).toBe(0);
  end();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
