/**
 * Decides which messages of a branch the next request contains, and why. A send and its prediction both call it, so
 * they cannot differ.
 */
import type { ContextMark, ContextReason, FileReference, JsonObject, Message } from '@rill/protocol';
import { estimateTokens, tokensOfFile } from './estimateTokens.ts';

/** A model's thinking for an answer, in its provider's form. Providers do not count the thinking of earlier turns. */
export interface Thought {
  readonly model: string;
  readonly details: readonly JsonObject[];
}

/** The fields of a message on which the decision depends. */
export interface MarkedMessage extends Pick<Message, 'role' | 'content'> {
  readonly files?: readonly FileReference[] | undefined;
  readonly thought?: Thought | undefined;
  readonly contextMark?: ContextMark | undefined;
  /** Absent for a message that is not stored yet. */
  readonly status?: Message['status'] | undefined;
}

export interface Decision {
  readonly isIncluded: boolean;
  readonly reason: ContextReason;
  /** The size in the context; null where the decision did not need it. */
  readonly estimatedTokens: number | null;
}

/** Consecutive messages of one role, which are sent together or not at all. */
export interface Unit {
  readonly role: Message['role'];
  readonly indexes: readonly number[];
}

export interface Selection {
  /** One for each message of the branch. */
  readonly decisions: readonly Decision[];
  /** What is sent, oldest first. */
  readonly units: readonly Unit[];
  /** Units that were dropped although the user excluded none of their messages. */
  readonly omittedUnitCount: number;
  /** Of the messages that are sent. */
  readonly estimatedTokens: number;
}

/** Tokens for the framing of one message; measured chat formats need 3 to 5. */
export const tokensPerMessage = 4;

/**
 * `budgetTokens` is the limit for all messages together. The message to answer and pinned ones are selected even if
 * they exceed it; the caller refuses that.
 */
export function selectMessages(branch: readonly MarkedMessage[], budgetTokens: number): Selection {
  const answeredFrom = firstAnswered(branch);
  const summaryAt = findSummary(branch, answeredFrom);
  const units = toUnits(branch, answeredFrom, summaryAt);
  const reasons = neededUnits(branch, units, { answeredFrom, summaryAt });
  const costs = new Map<Unit, number>();
  const cost = (unit: Unit): number => {
    const known = costs.get(unit) ?? unit.indexes.reduce((sum, index) => sum + costOf(branch[index]), 0);
    costs.set(unit, known);
    return known;
  };
  let estimatedTokens = [...reasons.keys()].reduce((sum, unit) => sum + cost(unit), 0);
  let fileBytes = [...reasons.keys()].reduce((sum, unit) => sum + fileBytesOf(branch, unit), 0);
  for (const unit of units.toReversed()) {
    if (reasons.has(unit)) continue;
    fileBytes += fileBytesOf(branch, unit);
    if (estimatedTokens + cost(unit) > budgetTokens || fileBytes > maxFileBytesOfRequest) {
      const dropped = dropToStep(branch, units, { reasons, oldest: unit, budgetTokens });
      estimatedTokens -= dropped.reduce((sum, each) => sum + cost(each), 0);
      break;
    }
    estimatedTokens += cost(unit);
    reasons.set(unit, 'fits');
  }
  const unquestioned = dropUnquestioned(units, reasons);
  estimatedTokens -= unquestioned.reduce((sum, unit) => sum + cost(unit), 0);
  const decisions: Decision[] = branch.map((message, index) => ({
    isIncluded: false,
    reason: reasonOfLeftOut(message, index < summaryAt),
    estimatedTokens: null,
  }));
  for (const unit of units) {
    const reason = reasons.get(unit);
    for (const index of unit.indexes) {
      decisions[index] = {
        isIncluded: reason !== undefined,
        reason: reason ?? (unquestioned.includes(unit) ? 'no-question' : 'no-room'),
        estimatedTokens: costs.has(unit) ? costOf(branch[index]) : null,
      };
    }
  }
  const sent = units.filter((unit) => reasons.has(unit));
  return { decisions, units: sent, omittedUnitCount: units.length - sent.length, estimatedTokens };
}

/**
 * How much more than needed is dropped at once, as a share of the budget. The request then begins with the same
 * messages for many turns, and providers that cache the beginning of a prompt charge a fraction for it.
 */
const stepShare = 0.3;

/** In UTF-8, where the ratio is similar for most languages, such as English and Chinese, and for code. */
const bytesPerToken = 3.5;

/**
 * `oldest` does not fit. Drops further old units up to the next step, counted in bytes from the start of the branch, so
 * that the next turns are cut at the same message. Returns the dropped units.
 */
function dropToStep(
  branch: readonly MarkedMessage[],
  units: readonly Unit[],
  {
    reasons,
    oldest,
    budgetTokens,
  }: { reasons: Map<Unit, ContextReason>; oldest: Unit; budgetTokens: number },
): Unit[] {
  const stepBytes = Math.max(1, budgetTokens * stepShare * bytesPerToken);
  const dropped: Unit[] = [];
  let endBytes = 0;
  let stepEndBytes = 0;
  for (const unit of units) {
    for (const index of unit.indexes) endBytes += bytesOf(branch[index]);
    if (stepEndBytes > 0 && endBytes > stepEndBytes) break;
    if (unit === oldest) stepEndBytes = Math.ceil(endBytes / stepBytes) * stepBytes;
    else if (stepEndBytes > 0 && reasons.get(unit) === 'fits') {
      reasons.delete(unit);
      dropped.push(unit);
    }
  }
  return dropped;
}

/** The size of a message in a context, in tokens. */
export function costOf(message: Pick<MarkedMessage, 'content' | 'files'> | undefined): number {
  if (message === undefined) return 0;
  return tokensPerMessage + estimateTokens(message.content) + tokensOfFiles(message.files);
}

/** The size of files in a context, in tokens. */
export const tokensOfFiles = (files: readonly FileReference[] = []): number =>
  files.reduce((sum, file) => sum + tokensOfFile(file), 0);

/** The bytes of a text, or the equivalent size of a message's files. */
const bytesOf = (message: MarkedMessage | undefined): number =>
  Buffer.byteLength(message?.content ?? '') + tokensOfFiles(message?.files) * bytesPerToken;

/** Largest sum of file sizes in one request, in bytes: the request is built in memory. */
export const maxFileBytesOfRequest = 50 * 1024 * 1024;

const fileBytesOf = (branch: readonly MarkedMessage[], unit: Unit): number =>
  unit.indexes.reduce((sum, index) => sum + totalBytes(branch[index]?.files), 0);

/** Bytes of the contents of files. */
export const totalBytes = (files: readonly FileReference[] = []): number =>
  files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** The last question, which is always sent with its continuation: the answer to continue. */
function firstAnswered(branch: readonly MarkedMessage[]): number {
  const last = branch.length - 1;
  const question = branch.findLastIndex(
    (message, index) => message.role === 'user' && (index === last || !isBlank(message)),
  );
  return question < 0 ? last : question;
}

/**
 * The last message whose answer summarizes everything above it; -1 for none. Without a complete answer in the request
 * it summarizes nothing, so a failed summary loses nothing.
 */
function findSummary(branch: readonly MarkedMessage[], answeredFrom: number): number {
  return branch.findLastIndex(({ role, contextMark }, index) => {
    if (role !== 'user' || contextMark !== 'summary' || index >= answeredFrom) return false;
    const answer = branch[index + 1];
    return (
      answer?.role === 'assistant' &&
      answer.status === 'completed' &&
      answer.contextMark !== 'kept-out' &&
      !isBlank(answer)
    );
  });
}

function reasonOfLeftOut(message: MarkedMessage, isSummarised: boolean): ContextReason {
  if (message.contextMark === 'kept-out') return 'kept-out';
  return isSummarised && !isBlank(message) ? 'summarised' : 'blank';
}

/**
 * Drops blank messages, and those that the user has excluded or summarized. An answer and its continuation, or two
 * consecutive user messages, form one unit.
 */
function toUnits(branch: readonly MarkedMessage[], answeredFrom: number, summaryAt: number): Unit[] {
  const units: { role: Message['role']; indexes: number[] }[] = [];
  let isBroken = false;
  for (const [index, message] of branch.entries()) {
    const { role, contextMark } = message;
    // The message to be written counts already.
    if (isBlank(message) && !(role === 'user' && index === branch.length - 1)) continue;
    const isSummarised = index < summaryAt && contextMark !== 'pinned';
    if (isSummarised || (contextMark === 'kept-out' && index < answeredFrom)) {
      isBroken = true;
      continue;
    }
    const last = units.at(-1);
    if (last && last.role === role && !isBroken) last.indexes.push(index);
    else units.push({ role, indexes: [index] });
    isBroken = false;
  }
  return units;
}

/**
 * The units that are sent whatever their size: what is answered, what is pinned, and the questions of pinned answers.
 */
function neededUnits(
  branch: readonly MarkedMessage[],
  units: readonly Unit[],
  { answeredFrom, summaryAt }: { readonly answeredFrom: number; readonly summaryAt: number },
): Map<Unit, ContextReason> {
  const reasons = new Map<Unit, ContextReason>();
  for (const [at, unit] of units.entries()) {
    if (unit.indexes.some((index) => index >= answeredFrom)) reasons.set(unit, 'answered');
    else if (summaryAt >= 0 && unit.indexes.some((index) => index === summaryAt || index === summaryAt + 1))
      reasons.set(unit, 'summary');
    else if (unit.indexes.some((index) => branch[index]?.contextMark === 'pinned')) {
      const before = units[at - 1];
      if (unit.role === 'assistant' && before?.role === 'user' && !reasons.has(before))
        reasons.set(before, 'question-of-pinned');
      reasons.set(unit, 'pinned');
    }
  }
  return reasons;
}

/**
 * Drops answers whose question does not fit, and those at the start: strict chat templates refuse a conversation that
 * begins with an answer.
 */
function dropUnquestioned(units: readonly Unit[], reasons: Map<Unit, ContextReason>): Unit[] {
  const dropped: Unit[] = [];
  const drop = (unit: Unit) => {
    reasons.delete(unit);
    dropped.push(unit);
  };
  for (const [at, unit] of units.entries()) {
    const before = units[at - 1];
    if (
      unit.role === 'assistant' &&
      reasons.get(unit) === 'fits' &&
      before?.role === 'user' &&
      !reasons.has(before)
    )
      drop(unit);
  }
  const sent = units.filter((unit) => reasons.has(unit));
  for (let first = sent[0]; first?.role === 'assistant' && sent.length > 1; first = sent[0]) {
    drop(first);
    sent.shift();
  }
  return dropped;
}

/** True without text and files. */
export const isBlank = ({ content, files = [] }: Pick<MarkedMessage, 'content' | 'files'>): boolean =>
  content.trim() === '' && files.length === 0;
