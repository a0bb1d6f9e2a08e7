/**
 * Turns the branch of a chat into the messages that are sent to the model. The system prompt, the message to answer and
 * what is pinned are always sent. When not everything fits, the oldest turns are dropped first.
 */
import { type ContextReport, RillError } from '@rill/protocol';
import { costOf, type Decision, type MarkedMessage, selectMessages, type Unit } from './selectMessages.ts';

/** One message in the provider's terms. */
export interface ContextMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ContextRequest {
  readonly systemPrompt: string | null;
  /** Root first; the last one is the message to answer, or the answer to continue. */
  readonly branch: readonly MarkedMessage[];
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

/** The same with what was decided about each message. */
export interface PlannedContext extends Context {
  /** One for each message of the branch. */
  readonly decisions: readonly Decision[];
  readonly instructionsTokens: number;
  /** What the messages may take together with the instructions; null when the context of the model is not known. */
  readonly budgetTokens: number | null;
  /** False when what must be sent takes more than that. */
  readonly isFitting: boolean;
}

/** Share of the context that an estimate may fill: estimates are off by up to a quarter on code and CJK. */
const usableShare = 0.9;

/** Upper bound of a prompt as a share of its estimate, used for how much is left for the answer. */
const cautiousShare = 1.25;

/** Tokens that servers and chat templates add to a whole prompt. */
const tokensPerPrompt = 64;

/** The smallest answer limit that is sent: some providers refuse a smaller one. */
const minAnswerTokens = 16;

/** Separates two messages that are sent as one. */
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
 * Errors: context_too_large when the system prompt, what is pinned and the message to answer do not fit by themselves.
 */
export function buildContext(request: ContextRequest): Context {
  const { isFitting, decisions, messages, answerTokens, report } = planContext(request);
  if (isFitting) return { messages, answerTokens, report };
  const isPinned = decisions.some(({ reason }) => reason === 'pinned');
  throw new RillError('context_too_large', isPinned ? { message: pinnedTooLarge } : {});
}

const pinnedTooLarge = 'What is pinned and the message are together longer than the model can read.';

/** What a request would contain, also when it is too large to be sent. */
export function planContext(request: ContextRequest): PlannedContext {
  const { branch, systemPrompt, contextLengthTokens } = request;
  const system: ContextMessage[] = systemPrompt?.trim() ? [{ role: 'system', content: systemPrompt }] : [];
  const continuing = endsWithAnswer(branch) ? [continueRequest] : [];
  const instructionsTokens = sumCosts(system);
  const fixedTokens = instructionsTokens + sumCosts(continuing);
  const budgetTokens = budget(request);
  const selection = selectMessages(branch, budgetTokens - fixedTokens);
  const estimatedTokens = fixedTokens + selection.estimatedTokens;
  const turns = [...toTurns(branch, selection.units), ...continuing];
  const keptOutMessageCount = selection.decisions.filter(
    ({ reason }) => reason === 'kept-out' || reason === 'summarised',
  ).length;
  return {
    messages: [...system, ...turns],
    answerTokens: answerLimit(request, estimatedTokens),
    report: {
      messageCount: turns.length,
      omittedMessageCount: selection.omittedUnitCount,
      ...(keptOutMessageCount > 0 && { keptOutMessageCount }),
      estimatedTokens,
      contextLengthTokens,
    },
    decisions: selection.decisions,
    instructionsTokens,
    budgetTokens: contextLengthTokens === null ? null : budgetTokens,
    isFitting: estimatedTokens <= budgetTokens,
  };
}

const endsWithAnswer = (branch: ContextRequest['branch']): boolean =>
  branch.at(-1)?.role === 'assistant' &&
  branch.findLast(({ content }) => content.trim() !== '')?.role === 'assistant';

/** Joins what is sent of the same role, one after the other: strict servers refuse roles that do not alternate. */
function toTurns(branch: ContextRequest['branch'], units: readonly Unit[]): ContextMessage[] {
  const turns: ContextMessage[] = [];
  for (const { role, indexes } of units) {
    const separator = role === 'user' ? messageSeparator : '';
    const content = indexes.map((index) => branch[index]?.content ?? '').join(separator);
    const last = turns.at(-1);
    if (last?.role !== role) turns.push({ role, content });
    else turns.splice(-1, 1, { role, content: last.content + messageSeparator + content });
  }
  return turns;
}

const sumCosts = (messages: readonly ContextMessage[]): number =>
  messages.reduce((sum, message) => sum + costOf(message), 0);

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
