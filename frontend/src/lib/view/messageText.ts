/** Every sentence that messages and answers show, in one typed catalogue; error sentences come from the protocol. */
import type { MarkdownLabels } from '../markdown/dom/markdownDrawing.ts';
import { formatCount as count } from './format.ts';

const plural = (value: number, one: string, many: string): string =>
  `${count(value)} ${value === 1 ? one : many}`;
const wholeSeconds = (durationMs: number): string => `${count(Math.max(0, Math.floor(durationMs / 1000)))} s`;

export const messageText = {
  userHeading: 'You',
  answerHeading: (model: string | null) => (model ? `Answer, ${model}` : 'Answer'),
  unknownModel: 'Model',

  siblings: {
    label: 'Versions of this answer',
    position: (position: number, total: number) => `${position} / ${total}`,
    previous: 'Previous version',
    next: 'Next version',
  },

  live: {
    waiting: (elapsedMs: number) => `Waiting for the model, ${wholeSeconds(elapsedMs)}`,
    waitingLong: (elapsedMs: number) =>
      `Still waiting for the model, ${wholeSeconds(elapsedMs)}. You can stop at any time.`,
    /** The disclosure above it counts the seconds. */
    thinking: 'Thinking',
    writing: 'Writing',
    busy: 'The provider is busy. Trying again…',
    retrying: 'The provider failed. Trying again…',
    reconnecting: 'Reconnecting. The text is safe.',
    queued: 'Being written. It shows here as soon as another answer has ended.',
    fromElsewhere: 'Started in another tab',
    reconnected: 'Reconnected',
    cancelling: 'Stopping',
    cancel: 'Stop this answer',
    tokens: (estimatedTokens: number) => `~${plural(estimatedTokens, 'token', 'tokens')}`,
    tokensPerSecond: (rate: number) => `${count(rate)}/s`,
  },

  reasoning: {
    thinking: (elapsedMs: number | null) =>
      elapsedMs === null ? 'Thinking' : `Thinking ${wholeSeconds(elapsedMs)}`,
    thought: (durationMs: number | null) =>
      durationMs === null ? 'Thought' : `Thought for ${wholeSeconds(Math.max(1000, durationMs))}`,
    region: 'What the model thought',
  },

  ended: {
    cancelled: (characters: number) =>
      characters === 0
        ? 'Stopped before any text.'
        : `Stopped after ${plural(characters, 'character', 'characters')}.`,
    interrupted: (characters: number) =>
      characters === 0
        ? 'The server restarted before any text came.'
        : 'The server restarted while writing. The text so far is kept.',
    failed: 'This answer failed.',
    textKept: 'The text so far is kept.',
    outputLimit: 'Reached the output limit.',
    contentFilter: 'The provider stopped this answer.',
    empty: 'The model answered with nothing.',
    details: 'Details',
    code: (code: string) => `Error code: ${code}`,
    retryAfter: (durationMs: number) => `Can be tried again in ${wholeSeconds(durationMs + 999)}.`,
  },

  actions: {
    copy: 'Copy',
    copyLabel: 'Copy answer as Markdown',
    copyFormatted: 'Copy formatted',
    copyFormattedLabel: 'Copy answer as formatted text',
    copied: 'Copied',
    copyFailed: 'Not copied',
    continue: 'Continue',
    continueLabel: 'Go on from where this answer stops',
    retry: 'Retry',
    retryLabel: 'Write this answer again',
    switchModel: 'Switch model',
    switchModelLabel: 'Choose another model for this chat',
  },

  sources: 'Sources',
  toolCalls: (calls: number) => plural(calls, 'tool call', 'tool calls'),
  generatedImage: 'Picture made by the model',
  remoteImage: 'Open picture',
  tooLargeImage: 'This picture is too large to show.',

  receipt: {
    label: 'About this answer',
    tokensIn: (tokens: number) => `${count(tokens)} in`,
    tokensOut: (tokens: number) => `${count(tokens)} out`,
    reasoning: (tokens: number) => `${count(tokens)} reasoning`,
    cached: (tokens: number) => `${count(tokens)} cached`,
    estimated: 'estimated',
    estimatedCost: 'estimated, more may still be billed',
    firstToken: (durationMs: number) => `first text ${seconds(durationMs)}`,
    tokensPerSecond: (rate: number) => `${count(rate)} tokens/s`,
    total: (durationMs: number) => `total ${seconds(durationMs)}`,
  },

  markdown: {
    code: 'text',
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'Not copied',
    copyCode: 'Copy code',
    download: 'Download',
    downloadPartial: 'Download what is there so far',
    wrap: 'Wrap',
    lines: (lines: number) => plural(lines, 'line', 'lines'),
    codeRegion: (language: string) => (language === '' ? 'Code' : `Code, ${language}`),
    table: 'Table',
    copyTableMarkdown: 'Copy table as Markdown',
    copyTableCsv: 'Copy table as CSV',
    taskDone: 'Done',
    taskOpen: 'Not done',
    image: 'Picture',
    loadImage: 'Load picture',
    imageFailed: 'Not loaded. Try again',
  } satisfies MarkdownLabels,
} as const;

function seconds(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  return `${(durationMs / 1000).toFixed(durationMs < 10_000 ? 1 : 0)} s`;
}
