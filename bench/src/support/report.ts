/** What a bench hands out: a printed table, the raw figures as JSON, and bars as SVG, with machine, date and command. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Bars {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly { readonly label: string; readonly value: number }[];
}

export interface BenchResult {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly plots: readonly Bars[];
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
  /** Processes that wanted a core in the last minute, when the bench began: more than 0.5 is a loaded machine. */
  readonly loadAverage: number;
}

export function describeMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command: `npm run bench:${process.argv.slice(2).join(' ')}`.replace('bench:all', 'bench --').trim(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

export const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** What is going on, apart from the results. */
export const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** Two decimals below 100; "-" for nothing. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: 0 });
}

const cell = (value: string | number): string => (typeof value === 'number' ? figure(value) : value);

export function formatTable({ title, head, rows }: Table): string {
  const cells = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

export function print(result: BenchResult, machine: Machine): void {
  say(
    `${machine.command} · ${machine.date} UTC · Node ${machine.node} · ${machine.cores} cores · load ${machine.loadAverage}`,
  );
  for (const table of result.tables) if (table.rows.length > 0) say(`\n${formatTable(table)}`);
}

/** Writes name.json and one SVG a plot into the folder. */
export function write(result: BenchResult, machine: Machine, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { name, tables, raw } = result;
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ machine, tables, raw }, null, 1)}\n`);
  for (const [index, plot] of result.plots.entries()) {
    const suffix = result.plots.length === 1 ? '' : `-${index + 1}`;
    writeFileSync(join(folder, `${name}${suffix}.svg`), drawBars(plot, machine));
  }
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Horizontal bars, readable on light and dark ground. */
export function drawBars({ title, unit, bars }: Bars, machine: Machine): string {
  const [rowHeight, labelWidth, barWidth] = [26, 220, 420];
  const largest = Math.max(
    ...bars.map(({ value }) => (Number.isFinite(value) ? value : 0)),
    Number.MIN_VALUE,
  );
  const height = 60 + bars.length * rowHeight + 24;
  const rows = bars.map(({ label, value }, index) => {
    const y = 44 + index * rowHeight;
    const width = Number.isFinite(value) ? Math.max(1, (value / largest) * barWidth) : 0;
    const fill = label.startsWith('Rill') ? '#2563eb' : '#94a3b8';
    return [
      `<text x="${labelWidth - 8}" y="${y + 14}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${width.toFixed(1)}" height="18" rx="2" fill="${fill}"/>`,
      `<text x="${labelWidth + width + 6}" y="${y + 14}">${figure(value)}</text>`,
    ].join('');
  });
  const foot = `${machine.command}, ${machine.date} UTC, ${machine.cores} cores, load ${machine.loadAverage}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ${height}" width="720" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="#64748b">`,
    `<title>${escapeXml(`${title}, ${unit}`)}</title>`,
    `<text x="8" y="22" font-size="15" font-weight="600">${escapeXml(`${title} (${unit})`)}</text>`,
    ...rows,
    `<text x="8" y="${height - 10}" font-size="11">${escapeXml(foot)}</text>`,
    '</svg>\n',
  ].join('\n');
}
