/** Holds the words of the list of models and of parameters, which load when they are first opened. */
import { plural } from '../strings/format.ts';

const seconds = (durationMs: number) => `${(durationMs / 1000).toFixed(durationMs < 9950 ? 1 : 0)} s`;

export const modelStrings = {
  title: 'Choose a model',
  search: 'Name, cheap, vision, 200k',
  searchLabel: 'Search models',
  none: 'No model matches.',
  matches: (count: number) => plural(count, 'model', 'models'),
  unavailable: 'The list of models could not be loaded. Any name can be typed.',
  pinned: 'Pinned',
  recent: 'Recent',
  all: 'All',
  typed: 'Not in the list; asked for as it is typed',
  pin: (name: string) => `Pin ${name}`,
  unpin: (name: string) => `Unpin ${name}`,
  isPinned: (name: string) => `${name} is pinned`,
  isUnpinned: (name: string) => `${name} is not pinned any more`,
  keys: 'Enter chooses, Alt+Enter pins.',
  /** The unit of all prices in the list, stated once. */
  perMillion: '$ / million tokens',
  facts: {
    price: (prompt: string, completion: string) => `${prompt} / ${completion}`,
    free: 'Free',
    reasoning: 'Thinks',
    reads: { image: 'Pictures', file: 'Files', audio: 'Audio', video: 'Video' },
    draws: 'Draws',
    /** The median wait for its first text, and how fast it wrote. */
    speed: (firstTextMs: number, tokensPerSecond: number | null) =>
      `${seconds(firstTextMs)}${tokensPerSecond === null ? '' : ` · ${Math.round(tokensPerSecond)}/s`}`,
    speedTitle: (answers: number) =>
      `In your last ${plural(answers, 'answer', 'answers')}: the wait for the first text, and tokens a second`,
  },
} as const;
