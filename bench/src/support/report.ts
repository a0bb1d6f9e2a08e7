/** Defines the result of a bench, and prints its tables with machine, date and command. */
import { cpus, loadavg, release, totalmem } from 'node:os';

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Bars {
  readonly title: string;
  readonly unit: string;
  /** With a `series`, each label has one bar per series. */
  readonly bars: readonly { readonly label: string; readonly value: number; readonly series?: string }[];
}

export interface Lines {
  readonly title: string;
  /** Unit of the vertical axis. */
  readonly unit: string;
  readonly x: { readonly title: string; readonly isLog?: boolean };
  readonly isLog?: boolean;
  readonly lines: readonly {
    readonly label: string;
    readonly points: readonly { readonly x: number; readonly y: number }[];
  }[];
}

export type Plot = Bars | Lines;

export interface Target {
  /** What is compared with the limit: the value itself, or its ratio to the reference in `beside`. */
  readonly of: 'value' | 'ratio';
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface SummaryRow {
  readonly metric: string;
  readonly unit: string;
  /** NaN where this form of the bench does not measure it. */
  readonly value: number;
  readonly beside?: { readonly label: string; readonly value: number };
  readonly target?: Target;
}

export interface BenchResult {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  /** Rows for the summary at the end of all benches. */
  readonly summary?: readonly SummaryRow[];
  /** Everything that was measured, before medians. */
  readonly raw: unknown;
}

export interface Machine {
  readonly date: string;
  readonly command: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  /** Load average of the last minute when the bench started; more than 0.5 is a loaded machine. */
  readonly loadAverage: number;
}

/** The command as a user types it, without `--out`, which does not affect the results. */
export function commandOf(words: readonly string[]): string {
  const [first = '', ...others] = words.filter(
    (word, index) => word !== '--out' && words[index - 1] !== '--out' && !word.startsWith('--out='),
  );
  const isNamed = first !== '' && !first.startsWith('-');
  const options = isNamed ? others : [first, ...others].filter((word) => word !== '');
  const command = isNamed ? `npm run bench:${first}` : 'npm run bench';
  return options.length > 0 ? `${command} -- ${options.join(' ')}` : command;
}

export function describeMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command: commandOf(process.argv.slice(2)),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

export const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** Reports progress, separate from the results. */
export const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** Two decimals below 100; "-" for a missing number. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: 0 });
}

const cell = (value: string | number): string => (typeof value === 'number' ? figure(value) : value);

export function formatTable({ title, head, rows }: Table): string {
  const cells = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  // Numbers are aligned right; columns of words, such as the first, left.
  const isText = head.map((_, column) => rows.every((row) => typeof row[column] === 'string'));
  const lines = cells.map((row) =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0;
        return isText[column] ? text.padEnd(width) : text.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

export function print(result: BenchResult, machine: Machine): void {
  say(
    `${machine.command} · ${machine.date} UTC · Node ${machine.node} · ${machine.cores} cores · load ${machine.loadAverage}`,
  );
  for (const table of result.tables) if (table.rows.length > 0) say(`\n${formatTable(table)}`);
}
