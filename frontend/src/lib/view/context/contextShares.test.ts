import type { ChatContext } from '@rill/protocol';
import { expect, it } from 'vitest';
import { contextShares } from './contextShares.ts';

const context: ChatContext = {
  model: 'demo/quick',
  contextLengthTokens: 1000,
  estimatedTokens: 400,
  instructionsTokens: 100,
  historyTokens: 250,
  nextTokens: 50,
  roomTokens: 300,
  answerTokens: 300,
  isTooLarge: false,
  messages: [],
  price: null,
};

it('is the share of each part in the whole', () => {
  expect(contextShares(context)?.map(({ share }) => share)).toEqual([0.1, 0.25, 0.05]);
});

it('is never more than the whole', () => {
  const shares = contextShares({ ...context, historyTokens: 4850, estimatedTokens: 5000 }) ?? [];
  expect(shares.reduce((sum, { share }) => sum + share, 0)).toBe(1);
});

it('is not known without a limit', () => {
  expect(contextShares({ ...context, contextLengthTokens: null })).toBeNull();
});
