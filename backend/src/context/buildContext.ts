/**
 * The branch of a chat to the messages a model is given. The system prompt and the newest message always go; the
 * oldest turns are left out first when the model cannot read them all.
 */
import { type ContextReport, type Message, RillError } from '@rill/protocol';
import { estimateTokens } from './estimateTokens.ts';

/** One message in the provider's terms. */
export interface ContextMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ContextRequest {
  readonly systemPrompt: string | null;
  /** Root first; the last one is the message to answer. */
  readonly branch: readonly Message[];
  /** What the model can read and write together, in tokens; null when not known. */
  readonly contextLengthTokens: number | null;
  /** Tokens kept free for the answer. */
  readonly maxTokens: number;
}

export interface Context {
  readonly messages: readonly ContextMessage[];
  readonly report: ContextReport;
}

/** What the framing of one message costs, in tokens; measured chat formats need 3 to 5. */
const tokensPerMessage = 4;

/** Share of the context that an estimate may fill: estimates are off by up to a quarter on code and CJK. */
const usableShare = 0.9;

/**
 * Chooses what the model reads. Token counts are estimates.
 * Errors: context_too_large when the system prompt and the newest message alone do not fit.
 */
export function buildContext(request: ContextRequest): Context {
  const system: ContextMessage[] = request.systemPrompt?.trim()
    ? [{ role: 'system', content: request.systemPrompt }]
    : [];
  const turns = request.branch
    .filter((message) => message.content !== '')
    .map((message): ContextMessage => ({ role: message.role, content: message.content }));
  const budgetTokens = budget(request);
  const kept: ContextMessage[] = [];
  let estimatedTokens = system.reduce((sum, message) => sum + costOf(message), 0);
  for (const message of turns.toReversed()) {
    const costTokens = costOf(message);
    if (kept.length > 0 && estimatedTokens + costTokens > budgetTokens) break;
    estimatedTokens += costTokens;
    kept.unshift(message);
  }
  // Strict chat templates refuse a conversation that begins with an answer.
  for (let first = kept[0]; first?.role === 'assistant' && kept.length > 1; first = kept[0]) {
    kept.shift();
    estimatedTokens -= costOf(first);
  }
  if (estimatedTokens > budgetTokens) throw new RillError('context_too_large');
  return {
    messages: [...system, ...kept],
    report: {
      messageCount: kept.length,
      omittedMessageCount: turns.length - kept.length,
      estimatedTokens,
      contextLengthTokens: request.contextLengthTokens,
    },
  };
}

function costOf(message: ContextMessage): number {
  return tokensPerMessage + estimateTokens(message.content);
}

function budget({ contextLengthTokens, maxTokens }: ContextRequest): number {
  if (contextLengthTokens === null) return Number.POSITIVE_INFINITY;
  // An answer limit as long as the context must not leave nothing for the question.
  const reservedTokens = Math.min(maxTokens, contextLengthTokens / 2);
  return Math.floor((contextLengthTokens - reservedTokens) * usableShare);
}
