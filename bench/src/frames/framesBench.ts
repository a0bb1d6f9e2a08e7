/**
 * `npm run bench:frames`: measures the page's frame times while a long answer streams at 2,000 tokens a second, and
 * how long the text of a usual answer takes from the socket to the screen.
 */
import type { Page } from '@playwright/test';
import { startRill } from '../../../e2e/support/startRill.ts';
import type { BenchArguments } from '../support/benchArguments.ts';
import { openBrowser } from '../support/browser.ts';
import { type BenchResult, note, type Plot, type Table } from '../support/report.ts';
import { median, percentile } from '../support/statistics.ts';
import { type LongTask, longTasksOf } from './readTrace.ts';
import { paintedTokensPerSecond, timesToPaint } from './timeToPaint.ts';

const tokensPerSecond = 2000;
const sizes = {
  quick: { watchedMs: 5000, paintedWords: 100, rounds: 1 },
  full: { watchedMs: 20_000, paintedWords: 300, rounds: 3 },
};
/** One frame of a screen that shows 60 a second, rounded up. */
const frameLengthMs = 17;
/** A longer frame is visible as a stutter. */
const longFrameMs = 50;

/** A browser that has just started loads its fonts while it lays out the first lines. */
const startMs = 1500;

interface Watched {
  /** Times between two animation frames while the first text arrives; `frameMs` has those after that. */
  readonly startFrameMs: readonly number[];
  readonly frameMs: readonly number[];
  readonly characters: number;
  readonly longTasks: readonly LongTask[];
}

export async function framesBench({ isQuick, rounds }: BenchArguments): Promise<BenchResult> {
  const size = isQuick ? sizes.quick : sizes.full;
  const runs: Watched[] = [];
  const paintedMs: number[][] = [];
  for (let round = 0; round < (rounds ?? size.rounds); round += 1) {
    const run = await watchOnce(size.watchedMs);
    note(`${run.frameMs.length} frames, longest ${Math.max(...run.frameMs).toFixed(0)} ms`);
    runs.push(run);
    paintedMs.push(await timesToPaint(size.paintedWords));
  }
  return framesResult(runs, paintedMs, size.watchedMs);
}

async function watchOnce(watchedMs: number): Promise<Watched> {
  const rill = await startRill({
    environment: { RILL_DEFAULT_MODEL: 'demo/long' },
    simulator: { tokensPerSecond },
  });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(rill.url);
    const isOver = { yet: false };
    const writing = keepWriting(page, isOver);
    await page.locator('.message-body p').first().waitFor();
    await browser.startTracing(page, { categories: ['devtools.timeline', 'toplevel'] });
    const seen = await watchFrames(page, { startMs, watchedMs });
    isOver.yet = true;
    const trace = await browser.stopTracing();
    await writing;
    return { ...seen, longTasks: longTasksOf(JSON.parse(trace.toString()), longFrameMs) };
  } finally {
    await browser.close();
    await rill.stop();
  }
}

/** Requests the next answer as soon as one is complete. */
async function keepWriting(page: Page, isOver: { readonly yet: boolean }): Promise<void> {
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  while (!isOver.yet) {
    await composer.fill('Write');
    await composer.press('Enter');
    await page.getByRole('button', { name: 'Stop answer' }).waitFor();
    await page.getByRole('button', { name: 'Send message' }).waitFor();
  }
}

const watchFrames = (
  page: Page,
  lengths: { readonly startMs: number; readonly watchedMs: number },
): Promise<Pick<Watched, 'startFrameMs' | 'frameMs' | 'characters'>> =>
  page.evaluate(({ startMs: startLengthMs, watchedMs }) => {
    const startFrameMs: number[] = [];
    const frameMs: number[] = [];
    const startedAtMs = performance.now();
    let lastAtMs = startedAtMs;
    const shownCharacters = () =>
      [...document.querySelectorAll('.message-body')].reduce((sum, body) => sum + body.textContent.length, 0);
    return new Promise<Pick<Watched, 'startFrameMs' | 'frameMs' | 'characters'>>((resolve) => {
      const onFrame = (nowMs: number): void => {
        const isStart = nowMs - startedAtMs < startLengthMs;
        if (nowMs > lastAtMs) (isStart ? startFrameMs : frameMs).push(nowMs - lastAtMs);
        lastAtMs = nowMs;
        if (nowMs - startedAtMs < startLengthMs + watchedMs) requestAnimationFrame(onFrame);
        else resolve({ startFrameMs, frameMs, characters: shownCharacters() });
      };
      requestAnimationFrame(onFrame);
    });
  }, lengths);

function framesResult(
  runs: readonly Watched[],
  paintedMs: readonly (readonly number[])[],
  watchedMs: number,
): BenchResult {
  const of = (pick: (run: Watched) => number) => median(runs.map(pick));
  const longest = of(({ frameMs }) => Math.max(...frameMs));
  const longTasks = runs.flatMap((run) => run.longTasks);
  const paint = (share: number) => median(paintedMs.map((times) => percentile(times, share)));
  const row = (label: string, pick: (run: Watched) => readonly number[]) => [
    label,
    of((run) => (1000 * pick(run).length) / pick(run).reduce((sum, each) => sum + each, 0)),
    of((run) => percentile(pick(run), 0.5)),
    of((run) => percentile(pick(run), 0.99)),
    of((run) => Math.max(...pick(run))),
    of((run) => pick(run).filter((each) => each > longFrameMs).length),
  ];
  const tables: Table[] = [
    {
      title: `demo/long at ${tokensPerSecond} tokens a second, ${Math.round(of(({ characters }) => characters))} characters, median of ${runs.length}`,
      head: ['frames', 'a second', 'p50 ms', 'p99 ms', 'longest ms', `over ${longFrameMs} ms`],
      rows: [
        row(`the first ${startMs / 1000} s of a new browser`, ({ startFrameMs }) => startFrameMs),
        row(`the next ${watchedMs / 1000} s`, ({ frameMs }) => frameMs),
      ],
    },
    {
      title: `From the bytes to the paint, demo/echo at ${paintedTokensPerSecond} tokens a second, median of ${runs.length}`,
      head: ['events with text', 'p50 ms', 'p90 ms', 'p99 ms'],
      rows: [[median(paintedMs.map(({ length }) => length)), paint(0.5), paint(0.9), paint(0.99)]],
    },
    {
      title: 'Tasks over 50 ms of all rounds, and what most of each was',
      head: ['at s', 'ms', 'most of it', 'ms'],
      rows: longTasks.map(({ atMs, durationMs, mostly, mostlyMs }) => [
        atMs / 1000,
        durationMs,
        mostly,
        mostlyMs,
      ]),
    },
  ];
  const bars = (label: string, pick: (run: Watched) => readonly number[]) => [
    { label, series: 'p50', value: of((run) => percentile(pick(run), 0.5)) },
    { label, series: 'p99', value: of((run) => percentile(pick(run), 0.99)) },
    { label, series: 'longest', value: of((run) => Math.max(...pick(run))) },
  ];
  const plot: Plot = {
    title: `Time between two frames, demo/long at ${tokensPerSecond} tokens a second`,
    unit: 'ms',
    bars: [
      ...bars(`first ${startMs / 1000} s of a browser`, ({ startFrameMs }) => startFrameMs),
      ...bars(`next ${watchedMs / 1000} s`, ({ frameMs }) => frameMs),
    ],
  };
  return {
    name: 'frames',
    tables,
    plots: [plot],
    summary: [
      {
        metric: 'longest frame at 2,000 tokens/s',
        unit: 'ms',
        value: longest,
        target: { of: 'value', atMost: longFrameMs },
      },
      {
        metric: 'from the bytes to the paint, p50',
        unit: 'ms',
        value: paint(0.5),
        target: { of: 'value', atMost: frameLengthMs },
      },
    ],
    raw: { runs, paintedMs },
  };
}
