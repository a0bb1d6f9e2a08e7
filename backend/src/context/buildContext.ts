/**
 * Turns the branch of a chat into the messages that are sent to the model. The system prompt and the message to answer
 * are always sent. When not everything fits, the oldest turns are dropped first.
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
  /** Root first; the last one is the message to answer, or the answer to continue. */
  readonly branch: readonly Pick<Message, 'role' | 'content'>[];
  /** Longest prompt and answer together, in tokens; null when not known. */
  readonly contextLengthTokens: number | null;
  /** The requested answer limit, in tokens. */
  readonly maxTokens: number;
}

export interface Context {
  readonly messages: readonly ContextMessage[];
  /** The answer limit that fits together with the messages, in tokens: at most the requested one. */
  readonly answerTokens: number;
  readonly report: ContextReport;
}

/** Tokens that the framing of one message takes; measured chat formats need 3 to 5. */
const tokensPerMessage = 4;

/** Share of the context that an estimate may fill: estimates are off by up to a quarter on code and CJK. */
const usableShare = 0.9;

/** Upper bound of a prompt as a share of its estimate, used for how much is left for the answer. */
const cautiousShare = 1.25;

/** Tokens that servers and chat templates add to a whole prompt. */
const tokensPerPrompt = 64;

/** The smallest answer limit that is sent: some providers refuse a smaller one. */
const minAnswerTokens = 16;

/** Separates two messages of a user that are sent as one. */
const messageSeparator = '\n\n';

/**
 * Asks a model to continue its own answer. It is a user message, because many models start a new answer when the
 * conversation ends with an answer, and some refuse such a conversation.
 */
const continueRequest: ContextMessage = {
  role: 'user',
  content:
    'Your last answer was cut off before its end. Go on from exactly there, as if you had never stopped: begin with the very next character, repeat nothing, and say nothing about this.',
};

/**
 * Token counts are estimates.
 * Errors: context_too_large when the system prompt and the message to answer do not fit by themselves.
 */
export function buildContext(request: ContextRequest): Context {
  const system: ContextMessage[] = request.systemPrompt?.trim()
    ? [{ role: 'system', content: request.systemPrompt }]
    : [];
  const turns = toTurns(request.branch);
  // A continuation needs the question, the truncated answer and the request to continue it.
  const neededCount = turns.at(-1) === continueRequest ? 3 : 1;
  const budgetTokens = budget(request);
  const kept: ContextMessage[] = [];
  let estimatedTokens = system.reduce((sum, message) => sum + costOf(message), 0);
  for (const message of turns.toReversed()) {
    const costTokens = costOf(message);
    if (kept.length >= neededCount && estimatedTokens + costTokens > budgetTokens) break;
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
    answerTokens: answerLimit(request, estimatedTokens),
    report: {
      messageCount: kept.length,
      omittedMessageCount: turns.length - kept.length,
      estimatedTokens,
      contextLengthTokens: request.contextLengthTokens,
    },
  };
}

/**
 * Drops blank messages, and joins messages of the same role: an answer and its continuation, or two messages of the user
 * without an answer between them. Strict servers refuse blank messages and roles that do not alternate.
 */
function toTurns(branch: ContextRequest['branch']): ContextMessage[] {
  const turns: ContextMessage[] = [];
  for (const { role, content } of branch) {
    if (content.trim() === '') continue;
    const last = turns.at(-1);
    if (last?.role !== role) turns.push({ role, content });
    else {
      const separator = role === 'user' ? messageSeparator : '';
      turns.splice(-1, 1, { role, content: last.content + separator + content });
    }
  }
  return turns.at(-1)?.role === 'assistant' ? [...turns, continueRequest] : turns;
}

function costOf(message: ContextMessage): number {
  return tokensPerMessage + estimateTokens(message.content);
}

function budget({ contextLengthTokens, maxTokens }: ContextRequest): number {
  if (contextLengthTokens === null) return Number.POSITIVE_INFINITY;
  // Half of the context is kept for the prompt, even if the answer limit is as long as the context.
  const reservedTokens = Math.min(maxTokens, contextLengthTokens / 2);
  return Math.floor((contextLengthTokens - reservedTokens) * usableShare);
}

/** Servers refuse a request whose prompt and answer limit together exceed the context. */
function answerLimit({ contextLengthTokens, maxTokens }: ContextRequest, promptTokens: number): number {
  if (contextLengthTokens === null) return maxTokens;
  const leftTokens = Math.floor(contextLengthTokens - promptTokens * cautiousShare - tokensPerPrompt);
  return Math.min(maxTokens, Math.max(minAnswerTokens, leftTokens));
}
