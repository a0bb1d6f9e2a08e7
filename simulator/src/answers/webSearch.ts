/**
 * Adds the traces of a web search to an answer: silence, sources before the text, and a fee in the usage. The shapes
 * follow recordings: native search sends no sources, the plugin sends one chunk for each.
 */
import type { JsonObject } from '../jsonData.ts';
import type { ScriptStep } from '../script.ts';

/** A source as it is on the wire; `start_index` and `end_index` are 0 for the whole answer. */
export function citation(url: string, title: string, content: string): JsonObject {
  return {
    type: 'url_citation',
    url_citation: { url, title, start_index: 0, end_index: 0, content },
  };
}

/** Sources in the form of the Exa plugin: one has no title, one a long excerpt, and two are the same page. */
export const exaSources: readonly JsonObject[] = [
  citation(
    'https://tides.example.org/tables',
    'Tide tables',
    'High water comes twice a day. [...] Springs follow the moon.',
  ),
  citation('https://harbour.example.net/log?day=4', '', 'The harbour log of the fourth day.'),
  citation('https://almanac.example.com/moon', 'The moon & the sea: an almanac', 'excerpt '.repeat(512)),
  citation('https://tides.example.org/tables', 'Tide tables', 'The same page, found once more.'),
  citation('https://www.example.com/ferries', 'Ferries in winter', 'Boats leave at nine.'),
];

/** Values that a reader must not accept as sources. */
export const malformedSources: readonly JsonObject[] = [
  { type: 'url_citation' },
  { type: 'url_citation', url_citation: { url: 7, title: 'A number' } },
  citation('javascript:alert(1)', 'A script', ''),
  citation('data:text/html,<script>alert(1)</script>', 'A document', ''),
  citation('//example.org/no-scheme', 'No scheme', ''),
  citation('https://', 'Nothing', ''),
  citation(`https://example.org/${'a'.repeat(5000)}`, 'An endless address', ''),
  { type: 'file', file: { name: 'a.pdf' } },
  {
    type: 'url_citation',
    url_citation: { url: 'https://whole.example.org/', title: ['a', 'list'], start_index: -4 },
  },
];

const processing: ScriptStep = { comment: 'OPENROUTER PROCESSING' };

/** The seconds of a search, which OpenRouter bridges with one comment a second. */
export function searchPause(seconds: number): ScriptStep[] {
  return Array.from({ length: seconds }, () => [processing, { waitMs: 1000 }]).flat();
}

/** An answer after a search by a third party: its sources, then the text, then the fee. */
export function exaSearch(text: string, sources: readonly JsonObject[] = exaSources): readonly ScriptStep[] {
  return [
    processing,
    ...sources.map((source) => ({ sources: [source] })),
    { text },
    { finish: 'stop', tools: { searches: 1, feeUsd: 0.007, isNative: false } },
  ];
}

/** An answer after a native search by the model's provider: only the usage shows that there was one. */
export function nativeSearch(text: string, searches = 1): readonly ScriptStep[] {
  return [
    ...Array.from({ length: 5 }, () => processing),
    { text },
    { finish: 'stop', tools: { searches, feeUsd: 0.01 * searches, isNative: true } },
  ];
}

/** The steps of a demo model's answer when it may use the web. */
export function withSearch(steps: readonly ScriptStep[]): readonly ScriptStep[] {
  return [
    ...searchPause(2),
    ...exaSources.map((source) => ({ sources: [source] })),
    ...steps.map((step) =>
      'finish' in step ? { ...step, tools: { searches: 1, feeUsd: 0.007, isNative: false } } : step,
    ),
  ];
}
