/** `npm run bench:markdown`: streams documents into a real browser, through Rill and through its peers. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from '@playwright/test';
import { openBrowser } from '../support/browser.ts';
import { type BenchResult, figure, note } from '../support/report.ts';
import { alternating } from '../support/statistics.ts';
import { BenchPage } from './benchPage.ts';
import { buildPages } from './buildPages.ts';
import { createDocument, type DocumentKind } from './documents.ts';
import { type MarkdownContender, markdownContenders } from './markdownContenders.ts';
import { type Cell, plotsOf, tablesOf } from './markdownTables.ts';
import { measureStream, type StreamFigures } from './measureStream.ts';
import { servePages } from './pageServer.ts';

export interface MarkdownOptions {
  /** Names of the contenders; an empty list selects all. */
  readonly only: readonly string[];
  readonly kinds: readonly DocumentKind[];
  readonly sizesKb: readonly number[];
  readonly flushes: readonly number[];
  readonly rounds: number;
  /** Size from which slow contenders are sampled. */
  readonly sampledFromKb: number;
  /** Limits of each window of a sampled cell: the most flushes, and the time after which no further one starts. */
  readonly windowFlushes: number;
  readonly windowMs: number;
  /** Limit for one cell. */
  readonly limitMs: number;
  /** Folder for the CPU profile of each cell. */
  readonly profileFolder: string | null;
}

/** Documents, pages and windows take additional time; beyond this factor of the limit a page is closed. */
const hangFactor = 2;

export async function markdownBench(options: MarkdownOptions): Promise<BenchResult> {
  const chosen = markdownContenders.filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  );
  const folder = await mkdtemp(join(tmpdir(), 'rill-bench-'));
  if (options.profileFolder !== null) await mkdir(options.profileFolder, { recursive: true });
  note('Building the pages …');
  await buildPages(chosen, folder);
  const server = await servePages(folder);
  const browser = await openBrowser();
  try {
    const cells = await measureAll(chosen, options, (cell) =>
      measureCell(browser, `${server.url}/${cell.contender.name}/`, cell, options),
    );
    return {
      name: 'markdown',
      raw: cells.map(({ contender, ...cell }) => ({ contender: contender.name, ...cell })),
      tables: tablesOf(cells),
      plots: plotsOf(cells),
    };
  } finally {
    await browser.close();
    server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type CellKey = Omit<Cell, 'rounds'>;

async function measureAll(
  chosen: readonly MarkdownContender[],
  { kinds, sizesKb, flushes, rounds }: MarkdownOptions,
  measure: (cell: CellKey) => Promise<StreamFigures>,
): Promise<Cell[]> {
  const cells = sizesKb.flatMap((sizeKb) =>
    flushes.flatMap((flushCharacters) =>
      kinds.flatMap((kind) =>
        chosen.map((contender) => ({
          kind,
          sizeKb,
          flushCharacters,
          contender,
          rounds: [] as StreamFigures[],
        })),
      ),
    ),
  );
  for (const cell of alternating(cells, rounds)) {
    const figures = await measure(cell);
    cell.rounds.push(figures);
    const { kind, sizeKb, flushCharacters, contender } = cell;
    note(
      `${kind} ${sizeKb} KB by ${flushCharacters}, ${contender.name}: ${figure(figures.totalMs)} ms, growth ${figure(figures.growth)}, p99 ${figure(figures.p99Ms)} ms, ${figures.method}`,
    );
  }
  return cells;
}

async function measureCell(
  browser: Browser,
  url: string,
  { kind, sizeKb, flushCharacters, contender }: CellKey,
  options: MarkdownOptions,
): Promise<StreamFigures> {
  const name = `${contender.name}-${kind}-${sizeKb}-${flushCharacters}`;
  const { limitMs, windowFlushes, windowMs, profileFolder } = options;
  const page = await BenchPage.open(browser, url);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hang = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs * hangFactor);
  });
  try {
    if (profileFolder !== null) await page.startProfile();
    const measured = measureStream(page, {
      text: createDocument(kind, sizeKb * 1024),
      flushCharacters,
      isSampled: contender.isSlow && sizeKb >= options.sampledFromKb,
      windowFlushes,
      windowMs,
      limitMs,
    });
    const figures = (await Promise.race([measured, hang])) ?? nothing;
    if (profileFolder !== null && figures !== nothing)
      await page.writeProfile(join(profileFolder, `${name}.cpuprofile`));
    // The page is closed during a measurement that hangs.
    measured.catch(() => undefined);
    return figures;
  } catch (error) {
    throw new Error(`The cell ${name} failed.`, { cause: error });
  } finally {
    clearTimeout(timer);
    await page.close();
  }
}

/** Figures of a cell whose page did not answer in time. */
const nothing: StreamFigures = {
  method: 'over limit',
  totalMs: Number.NaN,
  scriptMs: Number.NaN,
  styleMs: Number.NaN,
  layoutMs: Number.NaN,
  taskMs: Number.NaN,
  wallMs: Number.NaN,
  growth: Number.NaN,
  p50Ms: Number.NaN,
  p99Ms: Number.NaN,
  maxMs: Number.NaN,
  longTasks: Number.NaN,
  elements: Number.NaN,
  textShare: Number.NaN,
};
