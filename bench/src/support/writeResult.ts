/** Writes the files of `--out`: the raw figures as JSON, and the plots as SVG. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawPlots } from './plot.ts';
import type { BenchResult, Machine } from './report.ts';

/** Writes name.json and name.svg into the folder. */
export async function write(result: BenchResult, machine: Machine, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { name, tables, raw, plots, summary = [] } = result;
  const content = { machine, summary, tables, raw };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(content, null, 1)}\n`);
  if (plots.length > 0) writeFileSync(join(folder, `${name}.svg`), await drawPlots(name, plots, machine));
}
