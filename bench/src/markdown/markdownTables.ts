/** Formats the cells as tables, one for each size and flush, and as bars. */
import type { Bars, Table } from '../support/report.ts';
import { median } from '../support/statistics.ts';
import type { DocumentKind } from './documents.ts';
import type { MarkdownContender } from './markdownContenders.ts';
import type { StreamFigures } from './measureStream.ts';

export interface Cell {
  readonly kind: DocumentKind;
  readonly sizeKb: number;
  readonly flushCharacters: number;
  readonly contender: MarkdownContender;
  readonly rounds: readonly StreamFigures[];
}

const head = [
  'document, renderer',
  'total ms',
  '× floor',
  'growth',
  'wall ms',
  'p50 ms',
  'p99 ms',
  'max ms',
  'tasks > 50 ms',
  'elements',
  'measured',
];

const middle = (cell: Cell | undefined, pick: (figures: StreamFigures) => number): number =>
  median((cell?.rounds ?? []).map(pick));

export function tablesOf(cells: readonly Cell[]): Table[] {
  return [...Map.groupBy(cells, titleOf)].map(([title, group]) => ({
    title,
    head,
    rows: group.map((cell) => rowOf(cell, floorOf(cell, group))),
  }));
}

const titleOf = ({ sizeKb, flushCharacters, rounds }: Cell): string =>
  `${sizeKb} KB in flushes of ${flushCharacters} characters, median of ${rounds.length}`;

const floorOf = ({ kind }: Cell, group: readonly Cell[]): Cell | undefined =>
  group.find((other) => other.kind === kind && other.contender.name === 'text');

function rowOf(cell: Cell, floor: Cell | undefined): (string | number)[] {
  const totalMs = middle(cell, (figures) => figures.totalMs);
  return [
    `${cell.kind}, ${cell.contender.label}`,
    totalMs,
    totalMs / middle(floor, (figures) => figures.totalMs),
    middle(cell, ({ growth }) => growth),
    middle(cell, ({ wallMs }) => wallMs),
    middle(cell, ({ p50Ms }) => p50Ms),
    middle(cell, ({ p99Ms }) => p99Ms),
    middle(cell, ({ maxMs }) => maxMs),
    middle(cell, ({ longTasks }) => longTasks),
    middle(cell, ({ elements }) => elements),
    methodOf(cell),
  ];
}

/** The least complete round. */
function methodOf({ rounds }: Cell): StreamFigures['method'] {
  const methods = rounds.map(({ method }) => method);
  if (methods.includes('over limit')) return 'over limit';
  return methods.includes('sampled') ? 'sampled' : 'whole';
}

/** The longest mixed document (or that of the first kind) in the smallest flushes. */
export function plotsOf(cells: readonly Cell[]): Bars[] {
  const sizeKb = Math.max(...cells.map((cell) => cell.sizeKb));
  const flushCharacters = Math.min(...cells.map((cell) => cell.flushCharacters));
  const kind = cells.some((cell) => cell.kind === 'mixed') ? 'mixed' : cells[0]?.kind;
  const chosen = cells.filter(
    (cell) => cell.kind === kind && cell.sizeKb === sizeKb && cell.flushCharacters === flushCharacters,
  );
  const bars = (pick: (figures: StreamFigures) => number) =>
    chosen.map((cell) => ({
      label: methodOf(cell) === 'sampled' ? `${cell.contender.label} (sampled)` : cell.contender.label,
      value: middle(cell, pick),
    }));
  const of = `${kind} document of ${sizeKb} KB, ${flushCharacters} characters a flush`;
  return [
    { title: `Script, style and layout, ${of}`, unit: 'ms', bars: bars(({ totalMs }) => totalMs) },
    { title: `A flush, p99, ${of}`, unit: 'ms', bars: bars(({ p99Ms }) => p99Ms) },
  ];
}
