/**
 * Turns the branch of a chat into the messages that are sent to the model. The system prompt, the message to answer and
 * pinned messages are always sent. When not everything fits, the oldest turns are dropped first.
 */
import { type ContextReport, type FileReference, isPicture, RillError } from '@rill/protocol';
import {
  costOf,
  type Decision,
  isBlank,
  type MarkedMessage,
  maxFileBytesOfRequest,
  selectMessages,
  type Thought,
  tokensOfFiles,
  totalBytes,
  type Unit,
} from './selectMessages.ts';

/** One message in the provider's terms. */
export interface ContextMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
  /** Files placed before the text and after it; absent if there are none. */
  readonly filesBefore?: readonly FileReference[];
  readonly files?: readonly FileReference[];
  /** The thinking behind an answer. */
  readonly thought?: Thought;
}

export interface ContextRequest {
  readonly systemPrompt: string | null;
  /** Sent with every request, before the first message. */
  readonly projectFiles?: readonly FileReference[];
  /** False when the model is known not to see pictures: those of earlier messages are replaced by their names. */
  readonly seesPictures?: boolean;
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

/** The same, with the decision about each message. */
export interface PlannedContext extends Context {
  /** One for each message of the branch. */
  readonly decisions: readonly Decision[];
  readonly instructionsTokens: number;
  /** The budget for the messages and the instructions together; null when the model's context length is unknown. */
  readonly budgetTokens: number | null;
  /** False when the messages that must be sent exceed the budget. */
  readonly isFitting: boolean;
}

/** Share of the context that an estimate may fill: estimates can be too low by a quarter on code and CJK. */
const usableShare = 0.9;

/** Upper bound of a prompt as a share of its estimate, used to compute the room left for the answer. */
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
 * Token counts are estimates. Errors: model_cannot_see when the message to answer has pictures that the model does not
 * see; context_too_large when the system prompt, pinned messages and the message to answer do not fit by themselves.
 */
export function buildContext(request: ContextRequest): Context {
  const { isFitting, decisions, messages, answerTokens, report } = planContext(request);
  const answered = request.branch.findLast(({ role }) => role === 'user');
  if (request.seesPictures === false && answered?.files?.some(isPicture))
    throw new RillError('model_cannot_see');
  if (fileBytesOf(messages) > maxFileBytesOfRequest)
    throw new RillError('context_too_large', { message: filesTooLarge });
  if (isFitting) return { messages, answerTokens, report };
  const isPinned = decisions.some(({ reason }) => reason === 'pinned');
  throw new RillError('context_too_large', isPinned ? { message: pinnedTooLarge } : {});
}

const pinnedTooLarge = 'What is pinned and the message are together longer than the model can read.';

const filesTooLarge = `The files of the message are together larger than one request may be: ${maxFileBytesOfRequest / 2 ** 20} MiB.`;

const fileBytesOf = (messages: readonly ContextMessage[]): number =>
  messages.reduce((sum, { files, filesBefore }) => sum + totalBytes(files) + totalBytes(filesBefore), 0);

/** Plans a request, even one that is too large to be sent. */
export function planContext(request: ContextRequest): PlannedContext {
  const { systemPrompt, contextLengthTokens, seesPictures = true } = request;
  const branch = seesPictures ? sendBackPictures(request.branch) : request.branch.map(withoutPictures);
  const projectFiles = (request.projectFiles ?? []).filter((file) => seesPictures || !isPicture(file));
  const system: ContextMessage[] = systemPrompt?.trim() ? [{ role: 'system', content: systemPrompt }] : [];
  const continuing = endsWithAnswer(branch) ? [continueRequest] : [];
  const instructionsTokens = sumCosts(system) + tokensOfFiles(projectFiles);
  const fixedTokens = instructionsTokens + sumCosts(continuing);
  const budgetTokens = budget(request);
  const selection = selectMessages(branch, budgetTokens - fixedTokens);
  const estimatedTokens = fixedTokens + selection.estimatedTokens;
  const turns = withFilesBefore([...toTurns(branch, selection.units), ...continuing], projectFiles);
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
    isFitting: estimatedTokens <= budgetTokens && fileBytesOf(turns) <= maxFileBytesOfRequest,
  };
}

const endsWithAnswer = (branch: ContextRequest['branch']): boolean =>
  branch.at(-1)?.role === 'assistant' &&
  branch.findLast((message) => !isBlank(message))?.role === 'assistant';

/** Joins consecutive messages of one role: strict servers refuse roles that do not alternate. */
function toTurns(branch: ContextRequest['branch'], units: readonly Unit[]): ContextMessage[] {
  const turns: ContextMessage[] = [];
  for (const { role, indexes } of units) {
    const separator = role === 'user' ? messageSeparator : '';
    const content = indexes.map((index) => branch[index]?.content ?? '').join(separator);
    const added = indexes.flatMap((index) => branch[index]?.files ?? []);
    const last = turns.at(-1);
    const before = last?.role === role ? turns.pop() : undefined;
    const files = [...(before?.files ?? []), ...added];
    const thought = !before && indexes.length === 1 ? branch[indexes[0] ?? 0]?.thought : undefined;
    turns.push({
      role,
      content: before ? before.content + messageSeparator + content : content,
      ...(files.length > 0 && { files }),
      // Thinking for one part of an answer does not apply to the whole.
      ...(thought && { thought }),
    });
  }
  return turns;
}

/** At the start, so that every request begins with the same bytes. */
function withFilesBefore(
  turns: readonly ContextMessage[],
  filesBefore: readonly FileReference[],
): readonly ContextMessage[] {
  const [first, ...rest] = turns;
  return first && filesBefore.length > 0 ? [{ ...first, filesBefore }, ...rest] : turns;
}

/** A picture that a model made is sent with the user's next message: no server accepts one in an answer. */
function sendBackPictures(branch: ContextRequest['branch']): ContextRequest['branch'] {
  if (!branch.some(({ role, files }) => role === 'assistant' && files)) return branch;
  let made: readonly FileReference[] = [];
  return branch.map((message) => {
    const { files = [] } = message;
    if (message.role === 'assistant') {
      made = [...made, ...files.filter(isPicture)];
      return { ...message, files: undefined };
    }
    // A picture that the user attached again is sent once.
    const unsent = made.filter(({ id }) => !files.some((file) => file.id === id));
    const sent = { ...message, files: [...unsent, ...files] };
    made = [];
    return sent;
  });
}

/** The model is told about pictures it cannot see, so that it does not answer as if there were none. */
function withoutPictures<Each extends MarkedMessage>(message: Each): Each {
  const { files = [], content } = message;
  if (message.role === 'assistant') return { ...message, files: undefined };
  const unseen = files.filter(isPicture);
  if (unseen.length === 0) return message;
  const names = unseen.map(({ name }) => `[A picture that you cannot see: ${name}]`);
  return {
    ...message,
    content: [content, ...names].filter((each) => each !== '').join('\n'),
    files: files.filter((file) => !isPicture(file)),
  };
}

const sumCosts = (messages: readonly ContextMessage[]): number =>
  messages.reduce((sum, message) => sum + costOf(message), 0);

function budget({ contextLengthTokens, maxTokens }: ContextRequest): number {
  if (contextLengthTokens === null) return Number.POSITIVE_INFINITY;
  // Half of the context is reserved for the prompt, even if the answer limit equals the context length.
  const reservedTokens = Math.min(maxTokens, contextLengthTokens / 2);
  return Math.floor((contextLengthTokens - reservedTokens) * usableShare);
}

/** Servers refuse a request whose prompt and answer limit together exceed the context. */
function answerLimit({ contextLengthTokens, maxTokens }: ContextRequest, promptTokens: number): number {
  if (contextLengthTokens === null) return maxTokens;
  const leftTokens = Math.floor(contextLengthTokens - promptTokens * cautiousShare - tokensPerPrompt);
  return Math.min(maxTokens, Math.max(minAnswerTokens, leftTokens));
}
