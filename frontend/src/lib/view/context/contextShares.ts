/** Divides the context of a model into shares by what fills it. */
import type { ChatContext } from '@rill/protocol';

export type ContextPart = 'instructions' | 'history' | 'next';

export interface ContextShare {
  readonly part: ContextPart;
  /** Of the whole, from 0 to 1. */
  readonly share: number;
}

/** What fills the context, in the order in which it is sent; null when its length is not known. At most 1 in all. */
export function contextShares(context: ChatContext): readonly ContextShare[] | null {
  const { contextLengthTokens, instructionsTokens, historyTokens, nextTokens, estimatedTokens } = context;
  if (!contextLengthTokens) return null;
  const wholeTokens = Math.max(contextLengthTokens, estimatedTokens);
  return [
    { part: 'instructions', share: instructionsTokens / wholeTokens },
    { part: 'history', share: historyTokens / wholeTokens },
    { part: 'next', share: nextTokens / wholeTokens },
  ];
}
