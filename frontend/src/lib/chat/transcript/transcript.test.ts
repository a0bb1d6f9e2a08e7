import type { Usage } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { costOf } from './transcript.ts';

const usage = (costUsd: number | null, estimated = false): Usage => ({
  promptTokens: 1,
  completionTokens: 1,
  reasoningTokens: null,
  cachedTokens: null,
  costUsd,
  estimated,
});

describe('the cost of several answers', () => {
  it('adds what the provider reported', () => {
    expect(costOf([usage(0.25), null, usage(0.5)])).toEqual({ costUsd: 0.75, isEstimated: false });
  });

  it('is an estimate when one part is, or is not known', () => {
    expect(costOf([usage(0.25), usage(0.5, true)])?.isEstimated).toBe(true);
    expect(costOf([usage(0.25), usage(null)])).toEqual({ costUsd: 0.25, isEstimated: true });
  });

  it('is nothing when no cost is known', () => {
    expect(costOf([null, usage(null)])).toBeNull();
    expect(costOf([])).toBeNull();
  });
});
