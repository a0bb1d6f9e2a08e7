/** Holds names, comments and documents to the words of the glossary (ARCHITECTURE.md, Glossary). */
import { expect, test } from 'vitest';
import { readRepositoryFiles } from './repositoryFiles.ts';

/** Words that must not be written, and their replacements. */
const banned: readonly (readonly [RegExp, string])[] = [
  [/\banew\b/i, 'again'],
  [/\bat rest\b|\brests\b/i, 'stored, or idle'],
  [/\b(some|no|any|every)body\b/i, 'the user, the caller, the reader'],
  [/\bwhoever\b|\bpersons?\b|\bpeople\b/i, 'user'],
  [/\b(go|goes|going) on\b|\b(gone|went) on with\b|\b(go|goes|gone)On\b/, 'continue'],
  [/orphan/i, 'claimed run'],
  [/hasten/i, 'sendNext'],
  [/\bparked/i, 'stalled'],
  [/\btak(e|es|en|ing) ?over\b|takeOver|takenOver/i, 'claim'],
  [/\b[Pp]ieces?\b|[a-z]Pieces?\b|\bpiece[A-Z]/, 'slice, part, fragment'],
  [
    /(?<!\b(in|in the|in its|in their|take the|takes the|take its) )\b[Pp]laces?\b(?!-|Items| of\b)|[a-z]Places?\b|\bplace[A-Z]/,
    'position, cursor, offset',
  ],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\bwish(es|ed)?\b/i, 'request'],
  [/\bwhat came of\b/i, 'the result'],
  [/\bperform(s|ed|ing)? (a|the|its|this) run|performRun/i, 'execute'],
  [/\bgives? back\b|\bgave back\b|\bgiven back\b/i, 'return, release'],
  [/\btakes? back\b|\btook back\b/i, 'undo, withdraw, revert'],
  [/\blets? go of\b/i, 'release'],
  [/\bhands? out\b|\bhanded out\b/i, 'return, pass on'],
  [/\b(becomes?|became) of (the|it|its|a|each|them)\b/i, 'the result, what happens to'],
  [/\banyhow\b/i, 'anyway'],
  [/\bthe same holds\b/i, 'the same applies'],
];

/** Words in their plain meaning, or that the wire, a stored text or a setting requires. */
const exceptions: readonly (readonly [path: string, text: string])[] = [
  ['PROTOCOL.md', 'The place to resume from'],
  ['protocol/src/errorTable.ts', 'The place to resume from'],
  ['simulator/src/answers/flakyAnswers.ts', 'It marks a place'],
  ['bench/src/markdown/documents.ts', 'arrives in small pieces'],
  ['frontend/src/lib/markdown/sampleDocuments.ts', 'pieces'],
];

/** Texts that are data: answers of models and of the demo, grammars and measured documents. */
const isData = (path: string): boolean =>
  /\/fixtures\/|\/conformance\/|\/earlier\/|^simulator\/src\/.*\.md$|^docs\/benchmarks\/.*\.json$|\.svg$|package-lock\.json$/.test(
    path,
  );

test('names, comments and documents use the words of the glossary', () => {
  const found = readRepositoryFiles()
    .filter(({ path }) => /\.(ts|js|svelte|css|md|html|sh)$/.test(path) && !isData(path))
    .filter(({ path }) => path !== 'scripts/words.test.ts')
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) =>
        banned.flatMap(([pattern, better]) => {
          const word = pattern.exec(line)?.[0];
          const isException = exceptions.some(([where, words]) => where === path && line.includes(words));
          return word === undefined || isException
            ? []
            : [`${path}:${index + 1}: "${word}", better: ${better}`];
        }),
      ),
    );
  expect(found).toEqual([]);
});

test('no exception is left over', () => {
  const files = new Map(readRepositoryFiles().map(({ path, text }) => [path, text]));
  expect(exceptions.filter(([path, words]) => !files.get(path)?.includes(words))).toEqual([]);
});
