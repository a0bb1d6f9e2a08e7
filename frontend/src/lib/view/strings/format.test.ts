import { describe, expect, it } from 'vitest';
import {
  countWords,
  formatCost,
  formatCount,
  formatEstimatedCost,
  formatPricePerMillion,
  formatTokenCount,
} from './format.ts';

describe('countWords', () => {
  it('counts words of any script and not markdown signs', () => {
    expect(countWords('## Don’t *count* `signs` — über alles 42')).toBe(6);
    expect(countWords('')).toBe(0);
  });
});

describe('formatCost', () => {
  it.each([
    [0, '$0'],
    [0.000_01, '<$0.0001'],
    [0.003_14, '$0.0031'],
    [0.421_6, '$0.422'],
    [12.4, '$12.40'],
  ])('writes %d with the digits that matter', (costUsd, written) => {
    expect(formatCost(costUsd)).toBe(written);
  });
});

describe('formatCount', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1204, '1,204'],
    [1_000_000, '1,000,000'],
  ])('sets the thousands of %d apart', (count, words) => {
    expect(formatCount(count)).toBe(words);
  });
});

describe('formatEstimatedCost', () => {
  it('marks an estimate once', () => {
    expect(formatEstimatedCost(0.421_6)).toBe('≈$0.422');
    expect(formatEstimatedCost(0.000_01)).toBe('<$0.0001');
  });
});

describe('formatTokenCount', () => {
  it.each([
    [500, '500'],
    [8192, '8K'],
    [131_072, '131K'],
    [1_000_000, '1M'],
    [1_048_576, '1M'],
    [2_500_000, '2.5M'],
  ])('shortens %d', (tokens, written) => {
    expect(formatTokenCount(tokens)).toBe(written);
  });
});

describe('formatPricePerMillion', () => {
  it.each([
    [0, '$0'],
    [0.000_000_25, '$0.25'],
    [0.000_015, '$15'],
    [0.000_000_075, '$0.075'],
  ])('turns %d per token into a price per million', (usdPerToken, written) => {
    expect(formatPricePerMillion(usdPerToken)).toBe(written);
  });
});
