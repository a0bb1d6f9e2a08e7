import { expect, test } from 'vitest';
import { present } from '../../../chat/chatStateTestBench.ts';
import { joinAnswers } from '../../../chat/transcript/joinAnswers.ts';
import { messageFixture } from '../messageFixtures.ts';
import { type Receipt, receiptOf } from './receiptRows.ts';

const table = ({ rows }: Receipt) => Object.fromEntries(rows.map(({ name, value }) => [name, value]));
const estimatedUsage = {
  promptTokens: 10,
  completionTokens: 20,
  reasoningTokens: 5,
  cachedTokens: 8,
  costUsd: 0.5,
  estimated: true,
};

test('the receipt of an answer in parts counts the time of all parts', () => {
  const usage = (completionTokens: number) => ({
    promptTokens: 1000,
    completionTokens,
    reasoningTokens: null,
    cachedTokens: null,
    costUsd: null,
    estimated: false,
  });
  const part = (completionTokens: number, firstDeltaMs: number, totalMs: number) =>
    messageFixture({ usage: usage(completionTokens), timings: { firstDeltaMs, totalMs } });
  const parts = [part(600, 500, 10_500), part(60, 900, 1900)];
  const receipt = receiptOf(joinAnswers(parts.slice(0, 1), present(parts[1])), parts);
  expect(table(receipt)).toMatchObject({
    'Tokens out': '660',
    Speed: '60 tokens/s',
    'First text after': '500 ms',
    'Total time': '12 s',
  });
  expect(receipt.summary).toBe('12 s');
  const crashed = messageFixture({ usage: usage(600), timings: null });
  const last = present(parts[1]);
  const known = receiptOf(joinAnswers([crashed], last), [crashed, last]);
  expect(table(known).Speed).toBe('60 tokens/s');
  expect(table(known)).not.toHaveProperty('Total time');
  expect(known.summary).toBe('660 tokens');
});

test('the receipt summarises duration and cost, and lists what is known in order', () => {
  const receipt = receiptOf(messageFixture());
  expect(receipt.summary).toBe('12 s · $0.0031');
  expect(receipt.note).toBe('');
  expect(receipt.rows.map(({ name, value }) => `${name}: ${value}`)).toEqual([
    'Model: demo/quick',
    'Provider: Simulator',
    'Tokens in: 1,204',
    'Tokens out: 412',
    'Cost: $0.0031',
    'First text after: 812 ms',
    'Speed: 36 tokens/s',
    'Total time: 12 s',
  ]);
});

test('the receipt marks what is estimated', () => {
  const unknown = { model: null, provider: null, timings: null };
  const receipt = receiptOf(messageFixture({ ...unknown, usage: estimatedUsage }));
  expect(table(receipt)).toEqual({
    'Tokens in': '≈10',
    'of them cached': '≈8',
    'Tokens out': '≈20',
    'of them reasoning': '≈5',
    Cost: '≈$0.500',
  });
  expect(receipt.summary).toBe('≈$0.500');
  expect(receipt.note).toContain('more may still be billed');
  const withoutCost = receiptOf(messageFixture({ ...unknown, usage: { ...estimatedUsage, costUsd: null } }));
  expect(withoutCost.note).toBe('Figures with ≈ are estimated.');
  expect(withoutCost.summary).toBe('≈20 tokens');
});

test('the receipt names a speed only where there was time to measure it', () => {
  const timings = { firstDeltaMs: 500, totalMs: 2500 };
  expect(table(receiptOf(messageFixture({ timings, usage: estimatedUsage }))).Speed).toBe('≈10 tokens/s');
  const instant = { firstDeltaMs: 500, totalMs: 510 };
  expect(table(receiptOf(messageFixture({ timings: instant, usage: estimatedUsage })))).not.toHaveProperty(
    'Speed',
  );
});

test('an answer of which nothing is known has no receipt', () => {
  const nothing = { model: null, provider: null, timings: null, usage: null };
  expect(receiptOf(messageFixture(nothing))).toEqual({ summary: '', rows: [], note: '' });
});

test('searches and their fee, and what caching saved, are rows of their own', () => {
  const used = { ...estimatedUsage, estimated: false };
  const rows = (usage: object) => table(receiptOf(messageFixture({ usage: { ...used, ...usage } })));
  expect(rows({ searchCount: 2, toolCostUsd: 0.01, savedUsd: 0.012, cacheWriteTokens: 1500 })).toMatchObject({
    'Web search': '2 searches, $0.010',
    'Saved by caching': '$0.012',
    'of them put in the cache': '1,500',
  });
  expect(rows({ searchCount: 1 })).toMatchObject({ 'Web search': '1 search' });
  expect(rows({ toolCostUsd: 0.002 })).toMatchObject({ 'Tools, and reading of scans': '$0.0020' });
  const allowed = messageFixture({ usage: used, web: 'offered' });
  expect(table(receiptOf(allowed))).toMatchObject({ 'Web search': 'allowed, none counted' });
  expect(Object.keys(rows({}))).not.toEqual(expect.arrayContaining(['Web search']));
});
