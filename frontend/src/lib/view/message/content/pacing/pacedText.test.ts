import { beforeEach, describe, expect, test } from 'vitest';
import { PacedText, type TextFlow } from './pacedText.ts';

const frameMs = 1000 / 60;
const sentence = 'Tides are the long waves that the Moon and the Sun raise in the oceans, twice a day. ';

interface Step {
  readonly atMs: number;
  readonly text: string;
  readonly isStreaming: boolean;
}

let nowMs = 0;
let steps: Step[] = [];
let frame: (() => void) | null = null;
let isWanted = true;
let paced: PacedText;
let source = '';

beforeEach(() => {
  nowMs = 0;
  steps = [];
  frame = null;
  isWanted = true;
  source = '';
  paced = new PacedText({
    draw: (text, isStreaming) => steps.push({ atMs: nowMs, text, isStreaming }),
    scheduleFrame: (callback) => {
      frame = callback;
      return () => {
        if (frame === callback) frame = null;
      };
    },
    nowMs: () => nowMs,
    isWanted: () => isWanted,
  });
  give('');
});

function give(text: string, { isStreaming = true, flow = 'paced' as TextFlow } = {}): void {
  source = text;
  paced.update({ source, isStreaming, isCut: false, flow });
}

function passFrame(): void {
  nowMs += frameMs;
  const due = frame;
  frame = null;
  due?.();
}

function passUntil(endMs: number): void {
  while (nowMs + frameMs <= endMs) passFrame();
  nowMs = endMs;
}

const drawn = () => steps.at(-1)?.text ?? '';

describe('a text that arrives in bursts', () => {
  test('37 bursts 550 ms apart are drawn in more than 300 steps, soon, without a pause while text waits', () => {
    let waitsSinceMs: number | null = null;
    let longestPauseMs = 0;
    let largestDelayMs = 0;
    for (let burst = 0; burst < 37; burst += 1) {
      const atMs = burst * 550;
      passUntil(atMs);
      const before = drawn().length;
      give(source + sentence.repeat(2).slice(0, 150));
      largestDelayMs = Math.max(largestDelayMs, drawn().length > before ? 0 : Number.POSITIVE_INFINITY);
      waitsSinceMs = atMs;
      while (nowMs + frameMs <= atMs + 550) {
        const count = steps.length;
        passFrame();
        if (steps.length > count) {
          longestPauseMs = Math.max(longestPauseMs, nowMs - waitsSinceMs);
          waitsSinceMs = nowMs;
        }
        if (nowMs >= atMs + 150 + frameMs) expect(drawn()).toBe(source);
      }
    }
    expect(steps.length).toBeGreaterThan(300);
    expect(longestPauseMs).toBeLessThan(100);
    expect(largestDelayMs).toBe(0);
  });

  test('is complete with its end, so that it moves nothing that follows', () => {
    give(sentence.repeat(3));
    expect(drawn()).not.toBe(source);
    give(sentence.repeat(5), { isStreaming: false });
    expect(steps.at(-1)).toMatchObject({ text: source, isStreaming: false });
    expect(frame).toBeNull();
  });

  test('is cut between words', () => {
    give(sentence.repeat(2));
    passUntil(100);
    expect(steps.length).toBeGreaterThan(4);
    for (const { text } of steps.slice(1)) {
      const [last, next] = [text.at(-1) ?? '', source.at(text.length) ?? ''];
      expect(`${last}${next}`).not.toMatch(/^\w\w$/);
    }
  });

  test('never shows a part of a letter, also where there are no spaces', () => {
    const family = '👨‍👩‍👧‍👦';
    give(family.repeat(30));
    passUntil(200);
    expect(steps.length).toBeGreaterThan(4);
    for (const { text } of steps) expect(text.length % family.length).toBe(0);
  });

  test('keeps the speed of an even stream, and is never far behind', () => {
    for (let index = 0; index < 60; index += 1) {
      give(source + sentence.slice(0, 12));
      passUntil(nowMs + 50);
    }
    expect(source.length - drawn().length).toBeLessThan(30);
  });
});

describe('a text that arrives evenly', () => {
  test.each([17, 25, 45])('every %i ms is drawn as it arrives, except at its start', (gapMs) => {
    for (let index = 0; index < 60; index += 1) {
      give(source + sentence.slice(0, 6));
      if (nowMs > 500) expect(drawn()).toBe(source);
      passUntil(nowMs + gapMs);
    }
    expect(nowMs).toBeGreaterThan(1000);
  });

  test('and then pauses is drawn in steps again', () => {
    for (let index = 0; index < 60; index += 1) {
      give(source + sentence.slice(0, 6));
      passUntil(nowMs + 20);
    }
    passUntil(nowMs + 300);
    give(source + sentence);
    expect(drawn()).not.toBe(source);
    passUntil(nowMs + 200);
    expect(drawn()).toBe(source);
  });
});

describe('is drawn at once', () => {
  test.each([
    ['that was there before', () => give(sentence.repeat(4), { flow: 'at-once' })],
    [
      'of which another version begins',
      () => {
        give(sentence);
        give(sentence.toUpperCase().repeat(2));
      },
    ],
    ['that comes faster than it is read', () => give(sentence.repeat(12))],
    [
      'when motion is not wanted',
      () => {
        isWanted = false;
        give(sentence.repeat(4));
      },
    ],
    [
      'when the tab comes back',
      () => {
        give(sentence.repeat(4));
        paced.finish();
      },
    ],
  ])('a text %s', (_name, act) => {
    act();
    expect(drawn()).toBe(source);
    expect(frame).toBeNull();
  });

  test('a finished text, in one step', () => {
    steps = [];
    const history = new PacedText({
      draw: (text, isStreaming) => steps.push({ atMs: nowMs, text, isStreaming }),
      scheduleFrame: () => () => undefined,
      nowMs: () => nowMs,
      isWanted: () => true,
    });
    history.update({ source: sentence, isStreaming: false, isCut: false, flow: 'paced' });
    expect(steps).toEqual([{ atMs: 0, text: sentence, isStreaming: false }]);
  });
});

describe('Stop', () => {
  test('freezes the text in the same frame, and its end shows all that was received', () => {
    give(sentence.repeat(4));
    passFrame();
    const frozen = drawn();
    give(source, { flow: 'frozen' });
    give(`${source} and more`, { flow: 'frozen' });
    passUntil(500);
    expect(drawn()).toBe(frozen);
    give(source, { isStreaming: false });
    expect(steps.at(-1)).toMatchObject({ text: source, isStreaming: false });
  });

  test('that fails lets the text continue, with all that came meanwhile', () => {
    give(sentence.repeat(4));
    give(source, { flow: 'frozen' });
    give(source, { flow: 'paced' });
    expect(drawn()).toBe(source);
  });
});

test('draws nothing after it was disposed', () => {
  give(sentence.repeat(4));
  const count = steps.length;
  paced.dispose();
  passUntil(500);
  expect(steps).toHaveLength(count);
});
