/**
 * The branch of a chat to the messages a model is given. The system prompt and what is to be answered always go; the
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
  /** Root first; the last one is the message to answer, or the answer to go on with. */
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
 * How a model is asked to go on with its own answer. As a message, because many models answer anew to a conversation
 * that ends with an answer, and some refuse it.
 */
const goOn: ContextMessage = {
  role: 'user',
  content:
    'Your last answer was cut off before its end. Go on from exactly there, as if you had never stopped: begin with the very next character, repeat nothing, and say nothing about this.',
};

/**
 * Chooses what the model reads. Token counts are estimates.
 * Errors: context_too_large when the system prompt and what is to be answered do not fit by themselves.
 */
export function buildContext(request: ContextRequest): Context {
  const system: ContextMessage[] = request.systemPrompt?.trim()
    ? [{ role: 'system', content: request.systemPrompt }]
    : [];
  const turns = toTurns(request.branch);
  // To go on, a model needs its answer and the question to it, besides being asked to.
  const neededCount = turns.at(-1) === goOn ? 3 : 1;
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
    report: {
      messageCount: kept.length,
      omittedMessageCount: turns.length - kept.length,
      estimatedTokens,
      contextLengthTokens: request.contextLengthTokens,
    },
  };
}

/** Messages with text; an answer and what goes on with it are one, because providers want the roles to alternate. */
function toTurns(branch: readonly Message[]): ContextMessage[] {
  const turns: ContextMessage[] = [];
  for (const { role, content } of branch) {
    if (content === '') continue;
    const last = turns.at(-1);
    if (last?.role === 'assistant' && role === 'assistant') {
      turns.splice(-1, 1, { role, content: last.content + content });
    } else turns.push({ role, content });
  }
  return turns.at(-1)?.role === 'assistant' ? [...turns, goOn] : turns;
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
