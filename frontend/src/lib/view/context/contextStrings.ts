/** Holds the words about the next request's contents. */
import type { ContextReason } from '@rill/protocol';
import { formatCost, formatCount, formatEstimatedCost } from '../strings/format.ts';

const tokens = (count: number) => `${formatCount(count)} ${count === 1 ? 'token' : 'tokens'}`;

/** A sum in a sentence. */
function about(costUsd: number): string {
  const cost = formatCost(costUsd);
  return cost.startsWith('<') ? `less than ${cost.slice(1)}` : `about ${cost}`;
}

const reasons: Readonly<Record<ContextReason, string>> = {
  answered: 'In: the model answers it',
  pinned: 'In: pinned',
  'question-of-pinned': 'In: its answer is pinned',
  summary: 'In: it stands for what is above it',
  fits: 'In',
  'kept-out': 'Out: you keep it out',
  summarised: 'Out: in the summary',
  'no-room': 'Out: too old for the room there is',
  'no-question': 'Out: its question is not sent',
  blank: 'Out: it has no text',
  'being-written': 'Out until it is complete',
};

export const contextStrings = {
  /** Of the bar, whose visible words follow. */
  barName: 'What the model gets:',
  share: (used: number, limit: number) =>
    `${Math.min(100, Math.max(1, Math.round((100 * used) / limit)))}% of context`,
  used: (count: number) => tokens(count),
  nextTurn: (costUsd: number) => `next turn ${formatEstimatedCost(costUsd)}`,
  leftOut: (count: number) => `${formatCount(count)} left out`,
  tooLarge: 'too much for the model',
  /** Of a month: from this part of it on it is said. */
  budget: (share: number) =>
    share >= 1 ? 'monthly budget used up' : `${Math.floor(100 * share)}% of the monthly budget used`,
  panel: {
    title: 'What the model gets',
    body: (model: string, limit: string | null) =>
      limit === null
        ? `With the next message to ${model}. Sizes are estimates.`
        : `With the next message to ${model}, which reads and writes up to ${limit}. Sizes are estimates.`,
    tokens,
    parts: {
      instructions: 'Instructions',
      history: 'History',
      next: 'Your message',
      room: 'Room',
      answer: 'Kept for the answer',
    },
    tooLarge:
      'This is more than the model can read, so it would be refused. Unpin a message, or shorten yours.',
    price: (promptUsd: number, historyUsd: number) =>
      `Sending it costs ${about(promptUsd)}, of it ${about(historyUsd)} for the history.`,
    savedPrice: (savedUsd: number) => ` Without the provider's cache it would be ${about(savedUsd)} more.`,
    readingPrice: (readingUsd: number) => ` Reading scanned pages adds ${about(readingUsd)}.`,
    answerPrice: (costUsd: number) => ` An answer as long as those so far adds ${about(costUsd)}.`,
    noPrice: 'The provider lists no price for this model.',
    shorten: 'Shorten',
    shortenBody: (costUsd: number | null) =>
      `Shorten asks the model for a summary, as a message that you can edit.${costUsd === null ? '' : ` That costs ${about(costUsd)}.`} From then on it is sent in place of what is above it, which stays in the chat.`,
    unshorten: 'Undo',
    unshortenLabel: 'Undo: send what is above the summary again',
    /** Sent as a message of the user. */
    summaryRequest:
      'Summarise our conversation so far, in the language that we have used. Keep every fact, number, name, decision and open question that may matter later, and code that is still needed, word for word. Begin with the summary itself.',
    messages: 'Messages, newest first',
    none: 'No messages yet.',
    loading: 'Reading…',
    failed: 'This could not be read. It is tried again when something changes.',
    uncounted: 'not counted',
    reason: (reason: ContextReason) => reasons[reason],
    pin: 'Pin',
    keepOut: 'Keep out',
    pinLabel: (excerpt: string) => `Pin: ${excerpt}`,
    keepOutLabel: (excerpt: string) => `Keep out: ${excerpt}`,
  },
} as const;
