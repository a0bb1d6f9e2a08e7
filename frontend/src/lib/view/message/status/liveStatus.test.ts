import { expect, test } from 'vitest';
import { viewFixture } from '../messageFixtures.ts';
import { type LiveFacts, liveStatus } from './liveStatus.ts';

function status(changes: Partial<LiveFacts>) {
  return liveStatus({
    view: viewFixture(),
    connection: 'open',
    isCancelling: false,
    elapsedMs: 0,
    estimatedTokens: 0,
    seenTokens: 0,
    textMs: null,
    ...changes,
  });
}

test('says nothing in the first 400 ms, then how long it waits', () => {
  expect(status({ elapsedMs: 399 }).words).toBe('');
  expect(status({ elapsedMs: 3200 }).words).toBe('Waiting for the model, 3 s');
});

test('offers to stop after 15 s without text', () => {
  expect(status({ elapsedMs: 14_999 }).isCancelOffered).toBe(false);
  expect(status({ elapsedMs: 15_000 }).isCancelOffered).toBe(true);
  expect(status({ elapsedMs: 15_000, view: viewFixture({ content: 'a' }) }).isCancelOffered).toBe(false);
});

test('says that it may search where the model may use the web and nothing has arrived for 2 s', () => {
  const searching = (changes: Partial<LiveFacts>) => status({ mayUseWeb: true, ...changes }).words;
  expect(searching({ elapsedMs: 1900 })).toBe('Waiting for the model, 1 s');
  expect(searching({ elapsedMs: 7300 })).toBe('Searching or thinking, 7 s');
  expect(searching({ elapsedMs: 17_000 })).toBe(
    'Still searching or thinking, 17 s. You can stop at any time.',
  );
  const begun = { view: viewFixture({ content: 'text' }), elapsedMs: 40_000 };
  expect(searching({ ...begun, silentMs: 20_000 })).toBe('Searching or thinking, 20 s');
  expect(searching({ ...begun, silentMs: 100 })).toBe('Writing');
});

test('says in words why the provider is tried again', () => {
  const notice = (code: 'provider_rate_limited' | 'provider_unavailable') =>
    status({
      view: viewFixture({
        notice: {
          code: 'retrying',
          error: { code, message: '', isRetryable: true },
          attempt: 2,
          delayMs: 500,
        },
      }),
    });
  expect(notice('provider_rate_limited').words).toBe('The provider is busy. Trying again…');
  expect(notice('provider_unavailable').words).toBe('The provider failed. Trying again…');
});

test('shows the estimate at once and the rate after a second', () => {
  const view = viewFixture({ content: 'text' });
  const counts = { view, estimatedTokens: 1412, seenTokens: 412 };
  expect(status({ ...counts, textMs: 500 })).toMatchObject({ figures: '≈1,412 tokens', details: '' });
  expect(status({ ...counts, textMs: 4000 })).toMatchObject({ figures: '≈1,412 tokens', details: '103/s' });
});

test('shows what the answer costs so far when the price is known', () => {
  const view = viewFixture({ content: 'text' });
  const facts = { view, estimatedTokens: 412, seenTokens: 412, textMs: 500 };
  expect(status({ ...facts, usdPerToken: 0.000_007_5 }).details).toBe('≈$0.0031');
  expect(status({ ...facts, usdPerToken: 0 }).details).toBe('');
});

test('says for 3 s that it reconnected', () => {
  const view = viewFixture({ content: 'text' });
  expect(status({ view, reconnectedMs: 2900 }).words).toBe('Reconnected');
  expect(status({ view, reconnectedMs: 3000 }).words).toBe('Writing');
  expect(status({ view, reconnectedMs: 100, isCancelling: true }).words).toBe('Stopping');
});

test('says that no text arrives, and for how long from 5 s on, until it arrives again', () => {
  const view = viewFixture({ content: 'text' });
  expect(status({ view, silentMs: 1499 }).words).toBe('Writing');
  expect(status({ view, silentMs: 1500 }).words).toBe('Waiting for the model');
  expect(status({ view, silentMs: 4999 }).words).toBe('Waiting for the model');
  expect(status({ view, silentMs: 5000 }).words).toBe('Waiting for the model, 5 s');
  expect(status({ view, silentMs: 41_000 }).words).toBe('Waiting for the model, 41 s');
  expect(status({ view, silentMs: 0 }).words).toBe('Writing');
  const thinking = viewFixture({ reasoning: 'hm' });
  expect(status({ view: thinking, silentMs: 7000 }).words).toBe('Waiting for the model, 7 s');
  expect(status({ view, silentMs: 4000, isCancelling: true }).words).toBe('Stopping');
  expect(status({ view, silentMs: 4000, connection: 'reconnecting' }).words).toContain('Reconnecting');
});

test('leaves it to the disclosure to say that the model thinks', () => {
  const view = viewFixture({ reasoning: 'hm' });
  const counts = { view, estimatedTokens: 300, seenTokens: 300, textMs: 5000 };
  expect(status(counts)).toMatchObject({ words: '≈300 tokens', figures: '', details: '60/s' });
});

test('does not call a text safe where there is none', () => {
  expect(status({ connection: 'reconnecting' }).words).toBe('No connection. Trying again…');
});

test('reconnecting and stopping have priority over everything else', () => {
  const view = viewFixture({ content: 'text' });
  expect(status({ view, connection: 'reconnecting' }).words).toBe('Reconnecting. The text is safe.');
  expect(status({ view, connection: 'reconnecting', isCancelling: true }).words).toBe('Stopping');
});
