/** Holds the words of web search: its button, and the sources of an answer. */
import { plural } from '../strings/format.ts';

export const webStrings = {
  toggle: 'Web search',
  short: 'Web',
  /** The user is told who receives the search before anything is sent. */
  hint: 'Web search: OpenRouter and third parties see what the model looks up.',
  on: 'Web search is on for this chat.',
  off: 'Web search is off for this chat.',
  sources: (sites: readonly string[], others: number) =>
    `Sources: ${sites.join(', ')}${others > 0 ? ` and ${others} more` : ''}`,
  unnamed: (searches: number) =>
    `Searched the web ${searches === 1 ? 'once' : plural(searches, 'time', 'times')}. No sources were named.`,
} as const;
