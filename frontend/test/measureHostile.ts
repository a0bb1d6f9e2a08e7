/**
 * `npm run measure:markdown`: what hostile texts cost the markdown engine, streamed and at once. Prints the dearest
 * kinds first.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { MarkdownStream } from '../src/lib/markdown/markdownStream.ts';
import { cut, treeText } from '../src/lib/markdown/markdownTestBench.ts';
import { parseDocument } from '../src/lib/markdown/parseDocument.ts';
import { type HostileText, hostileTexts, randomHostileTexts } from './hostileTexts.ts';

const { values } = parseArgs({
  options: {
    characters: { type: 'string', default: '20000' },
    random: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    deltas: { type: 'string', default: '100,12' },
    top: { type: 'string', default: '25' },
    only: { type: 'string', default: '' },
  },
});

interface Cost {
  readonly totalMs: number;
  readonly longestMs: number;
}

interface Row {
  readonly kind: string;
  readonly atOnceMs: number;
  readonly streamed: readonly Cost[];
  readonly note: string;
}

const sizes = values.deltas.split(',').map(Number);

function timed<Result>(work: () => Result): { ms: number; result: Result } {
  const startedAtMs = performance.now();
  const result = work();
  return { ms: performance.now() - startedAtMs, result };
}

function measure({ kind, text }: HostileText): Row {
  const notes = new Set<string>();
  const attempt = <Result>(work: () => Result): { ms: number; result: Result | null } => {
    try {
      return timed(work);
    } catch (error) {
      notes.add(error instanceof Error ? error.message : String(error));
      return { ms: Number.NaN, result: null };
    }
  };
  const whole = attempt(() => parseDocument(text));
  const streamed = sizes.map((size) => {
    let longestMs = 0;
    const stream = new MarkdownStream();
    const { ms } = attempt(() => {
      for (const delta of cut(text, size)) {
        longestMs = Math.max(longestMs, timed(() => stream.append(delta)).ms);
      }
      longestMs = Math.max(longestMs, timed(() => stream.finish()).ms);
    });
    attempt(() => {
      if (whole.result && treeText(stream.finishedNodes) !== treeText(whole.result)) notes.add('differs');
    });
    return { totalMs: ms, longestMs };
  });
  return { kind, atOnceMs: whole.ms, streamed, note: [...notes].join('; ') };
}

const worst = (row: Row): number =>
  Math.max(
    ...[row.atOnceMs, ...row.streamed.map(({ totalMs }) => totalMs)].map((ms) =>
      Number.isNaN(ms) ? 1e9 : ms,
    ),
  );
const text = (ms: number): string => (Number.isNaN(ms) ? 'threw' : ms.toFixed(ms < 10 ? 1 : 0)).padStart(8);

const characters = Number(values.characters);
const texts =
  Number(values.random) > 0
    ? randomHostileTexts(Number(values.seed), Number(values.random), characters)
    : hostileTexts(characters);
const rows = texts.filter(({ kind }) => kind.includes(values.only)).map(measure);
rows.sort((left, right) => worst(right) - worst(left));
process.stdout.write(
  `ms at ${characters} characters, ${rows.length} kinds: at once; ${sizes.map((size) => `in deltas of ${size}, its longest step`).join('; ')}\n`,
);
for (const row of rows.slice(0, Number(values.top))) {
  const columns = row.streamed.map(({ totalMs, longestMs }) => text(totalMs) + text(longestMs)).join('');
  process.stdout.write(`${text(row.atOnceMs)}${columns}  ${row.kind} ${row.note}\n`);
}
