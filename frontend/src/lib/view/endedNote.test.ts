import { errorTable } from '@rill/protocol';
import { expect, test } from 'vitest';
import { endedNote } from './endedNote.ts';
import { messageFixture } from './messageFixtures.ts';
import { receiptParts } from './receiptParts.ts';

const words = (changes: Parameters<typeof messageFixture>[0]) =>
  endedNote(messageFixture(changes))?.words ?? null;

test('an answer that ended well has no note', () => {
  expect(words({})).toBeNull();
});

test('every other end is said in words', () => {
  expect(words({ status: 'cancelled', content: 'x'.repeat(1204) })).toBe('Stopped after 1,204 characters.');
  expect(words({ status: 'cancelled', content: '' })).toBe('Stopped before any text.');
  expect(words({ status: 'interrupted' })).toBe(
    'The server restarted while writing. The text so far is kept.',
  );
  expect(words({ finishReason: 'length' })).toBe('Reached the output limit.');
  expect(words({ finishReason: 'content_filter' })).toBe('The provider stopped this answer.');
  expect(words({ content: ' \n' })).toBe('The model answered with nothing.');
});

test("a failed answer says the error's sentence and keeps its code", () => {
  const message = errorTable.provider_unavailable.sentence;
  const error = { code: 'provider_unavailable', message, isRetryable: true } as const;
  expect(words({ status: 'failed', content: '', error })).toBe(message);
  expect(words({ status: 'failed', error })).toBe(`${message} The text so far is kept.`);
  expect(endedNote(messageFixture({ status: 'failed', error }))?.error).toBe(error);
});

test('the receipt shows what is known and marks estimates', () => {
  expect(receiptParts(messageFixture())).toEqual([
    'demo/quick',
    'Simulator',
    '1,204 in',
    '412 out',
    '$0.0031',
    'first text 812 ms',
    '36 tokens/s',
    'total 12 s',
  ]);
  const usage = {
    promptTokens: 10,
    completionTokens: 20,
    reasoningTokens: 5,
    cachedTokens: 8,
    costUsd: 0.5,
    estimated: true,
  };
  expect(receiptParts(messageFixture({ model: null, provider: null, timings: null, usage }))).toEqual([
    '~10 in (8 cached)',
    '~20 out (5 reasoning)',
    '~$0.500',
    'estimated, more may still be billed',
  ]);
  const timings = { firstDeltaMs: 500, totalMs: 2500 };
  expect(receiptParts(messageFixture({ timings, usage }))).toContain('~10 tokens/s');
  const instant = { firstDeltaMs: 500, totalMs: 510 };
  expect(receiptParts(messageFixture({ timings: instant, usage })).join()).not.toContain('tokens/s');
  const withoutCost = { ...usage, costUsd: null };
  expect(receiptParts(messageFixture({ timings: null, usage: withoutCost })).at(-1)).toBe('estimated');
  expect(receiptParts(messageFixture({ model: null, provider: null, timings: null, usage: null }))).toEqual(
    [],
  );
});
