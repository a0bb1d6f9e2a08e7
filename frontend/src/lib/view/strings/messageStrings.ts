/** Holds every sentence that messages and answers show, in one typed catalogue; error sentences come from the protocol. */
import type { MarkdownLabels } from '../../markdown/dom/markdownDrawing.ts';
import { formatCount as count } from './format.ts';

const plural = (value: number, one: string, many: string): string =>
  `${count(value)} ${value === 1 ? one : many}`;
const wholeSeconds = (durationMs: number): string => `${count(Math.max(0, Math.floor(durationMs / 1000)))} s`;

export const messageStrings = {
  userHeading: 'You',
  answerHeading: (model: string | null) => (model ? `Answer, ${model}` : 'Answer'),
  unknownModel: 'Model',

  days: {
    today: 'Today',
    yesterday: 'Yesterday',
    weekdays: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
    months: [
      'January',
      'February',
      'March',
      'April',
      'May',
      'June',
      'July',
      'August',
      'September',
      'October',
      'November',
      'December',
    ],
  },

  siblings: {
    label: 'Versions',
    position: (position: number, total: number) => `${position} / ${total}`,
    previous: 'Previous version',
    next: 'Next version',
  },

  live: {
    waiting: (elapsedMs: number) => `Waiting for the model, ${wholeSeconds(elapsedMs)}`,
    waitingLong: (elapsedMs: number) =>
      `Still waiting for the model, ${wholeSeconds(elapsedMs)}. You can stop at any time.`,
    searching: (elapsedMs: number) => `Searching or thinking, ${wholeSeconds(elapsedMs)}`,
    searchingLong: (elapsedMs: number) =>
      `Still searching or thinking, ${wholeSeconds(elapsedMs)}. You can stop at any time.`,
    writing: 'Writing',
    quiet: 'Waiting for the model',
    busy: 'The provider is busy. Trying again…',
    retrying: 'The provider failed. Trying again…',
    reconnecting: 'Reconnecting. The text is safe.',
    /** While no text has arrived that could be safe. */
    connecting: 'No connection. Trying again…',
    queued: 'Being written. It shows here as soon as another answer has ended.',
    stepping: 'This connection holds live text back. It shows here in steps.',
    fromElsewhere: 'Started in another tab',
    reconnected: 'Reconnected',
    cancelling: 'Stopping',
    cancel: 'Stop this answer',
    tokens: (estimatedTokens: number) => `≈${plural(estimatedTokens, 'token', 'tokens')}`,
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
    withoutWeb: 'Answered without the web: this server has no web search.',
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
    continueLabel: 'Continue from where this answer stops',
    retry: 'Retry',
    retryLabel: 'Write this answer again',
    /** For an answer of several parts. */
    retryPart: 'Retry last part',
    retryPartLabel: 'Write the part again that continues this answer; what stands before it stays',
    retryWhole: 'Retry whole answer',
    retryWholeLabel: 'Write this answer again from its beginning',
    switchModel: 'Switch model',
    switchModelLabel: 'Choose another model and write this answer again',
  },

  toolCalls: (calls: number) => plural(calls, 'tool call', 'tool calls'),
  generatedImage: 'Picture made by the model',
  remoteImage: 'Open picture',
  tooLargeImage: 'This picture is too large to show.',

  receipt: {
    label: 'About this answer',
    show: (summary: string) => `About this answer: ${summary}`,
    about: '≈',
    model: 'Model',
    provider: 'Provider',
    tokensIn: 'Tokens in',
    cached: 'of them cached',
    cacheWrites: 'of them put in the cache',
    tokensOut: 'Tokens out',
    reasoning: 'of them reasoning',
    cost: 'Cost',
    search: 'Web search',
    noSearch: 'allowed, none counted',
    searches: (searches: number) => plural(searches, 'search', 'searches'),
    tools: 'Tools, and reading of scans',
    saved: 'Saved by caching',
    firstToken: 'First text after',
    rate: 'Speed',
    total: 'Total time',
    chatTitle: 'Title of the chat',
    estimated: 'Figures with ≈ are estimated.',
    estimatedCost: 'Figures with ≈ are estimated, more may still be billed.',
    duration: (durationMs: number) => seconds(durationMs),
    tokens: (mark: string, tokens: number) => `${mark}${plural(tokens, 'token', 'tokens')}`,
    sent: {
      instructions: 'Instructions that were sent',
      instructionsOfPart: (part: number) => `Instructions that were sent with part ${part}`,
      none: 'No instructions were sent.',
      unknown: 'Which instructions were sent is not known: an older version of Rill asked.',
      temperature: 'Temperature',
      maxTokens: 'Longest answer',
      tokens: (tokens: number) => plural(tokens, 'token', 'tokens'),
      effort: 'Thinking',
      loading: 'Loading what was sent',
      failed: 'What was sent could not be loaded.',
      edited: 'This text is yours. What was sent stands in the receipt of the answer that it replaces.',
      copied:
        'This is a copy. What was sent stands in the receipt of the original, in the chat that was forked.',
    },
    tokensPerSecond: (rate: number) => `${count(rate)} tokens/s`,
  },

  userMessage: {
    actions: 'Message actions',
    copy: 'Copy message',
    showAll: 'Show all',
    showLess: 'Show less',
  },

  markdown: {
    code: 'text',
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'Not copied',
    copyCode: 'Copy code',
    download: 'Download',
    downloadPartial: 'Download what is there so far',
    wrap: 'Wrap lines',
    codeRegion: (language: string) => (language === '' ? 'Code' : `Code, ${language}`),
    table: 'Table',
    copyTableMarkdown: 'Copy table as Markdown',
    copyTableCsv: 'Copy table as CSV',
    formulaTooLarge: 'Too deep or too large to draw: this is the source of the formula',
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
