import type { Usage } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { exampleMessage } from './chatTestBench.ts';
import { chatCost } from './transcript.ts';

const usage = (costUsd: number | null, estimated = false): Usage => ({
  promptTokens: 1,
  completionTokens: 1,
  reasoningTokens: null,
  cachedTokens: null,
  costUsd,
  estimated,
});
const answers = (...usages: (Usage | null)[]) =>
  usages.map((each, index) => exampleMessage({ id: `a${index}`, role: 'assistant', usage: each }));

describe('chatCost', () => {
  it('adds what the provider reported', () => {
    expect(chatCost(answers(usage(0.25), null, usage(0.5)))).toEqual({ costUsd: 0.75, isEstimated: false });
  });

  it('is an estimate when one part is, or is not known', () => {
    expect(chatCost(answers(usage(0.25), usage(0.5, true)))?.isEstimated).toBe(true);
    expect(chatCost(answers(usage(0.25), usage(null)))).toEqual({ costUsd: 0.25, isEstimated: true });
  });

  it('is nothing when no cost is known', () => {
    expect(chatCost(answers(null, usage(null)))).toBeNull();
    expect(chatCost([])).toBeNull();
  });
});
