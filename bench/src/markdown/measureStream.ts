/** Measures one cell: streams a document through one contender, whole or in five windows, and returns the cost. */

import { percentile } from '../support/statistics.ts';
import type { MainThreadTimes } from './benchPage.ts';
import { readableLength } from './documents.ts';
import type { Shown, StreamReply, StreamRequest } from './page/pageApi.ts';
import { integrate, type Sample, sampleStarts } from './sampling.ts';

/** The part of a page that this file uses. */
export interface StreamPage {
  start(text: string): Promise<void>;
  skipTo(characters: number): Promise<void>;
  stream(request: StreamRequest): Promise<StreamReply>;
  finish(): Promise<Shown>;
  times(): Promise<MainThreadTimes>;
}

export interface StreamPlan {
  readonly text: string;
  readonly flushCharacters: number;
  readonly isSampled: boolean;
  /** Flushes of each window of a sampled cell; fewer when they take longer than `windowMs`. */
  readonly windowFlushes: number;
  readonly windowMs: number;
  /** Limit for a cell that is streamed whole. */
  readonly limitMs: number;
}

export interface StreamFigures {
  readonly method: 'whole' | 'sampled' | 'over limit';
  /** CPU time of script, style and layout of the whole stream. */
  readonly totalMs: number;
  readonly scriptMs: number;
  readonly styleMs: number;
  readonly layoutMs: number;
  /** The same plus painting and everything else on the main thread. */
  readonly taskMs: number;
  readonly wallMs: number;
  /** Ratio of the total to that of the first half: 2 when a flush costs the same at every length. */
  readonly growth: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly longTasks: number;
  readonly elements: number;
  /** Ratio of the letters and digits that are shown to those of the document. */
  readonly textShare: number;
}

/** Below it text was lost; above it there is more than the labels of code blocks and tables. */
const believableShare = { least: 0.95, most: 1.2 };

export async function measureStream(page: StreamPage, plan: StreamPlan): Promise<StreamFigures> {
  const figures = plan.isSampled ? await streamSampled(page, plan) : await streamWhole(page, plan);
  const { textShare, method } = figures;
  const isBelievable = textShare > believableShare.least && textShare < believableShare.most;
  if (method !== 'over limit' && !isBelievable)
    throw new Error(`It shows ${Math.round(100 * textShare)} % of the document's text.`);
  return figures;
}

interface Part extends StreamReply, MainThreadTimes {}

async function measurePart(page: StreamPage, request: StreamRequest): Promise<Part> {
  const before = await page.times();
  const reply = await page.stream(request);
  const after = await page.times();
  return {
    ...reply,
    scriptMs: after.scriptMs - before.scriptMs,
    styleMs: after.styleMs - before.styleMs,
    layoutMs: after.layoutMs - before.layoutMs,
    taskMs: after.taskMs - before.taskMs,
  };
}

const totalOf = ({ scriptMs, styleMs, layoutMs }: MainThreadTimes): number => scriptMs + styleMs + layoutMs;

async function streamWhole(page: StreamPage, plan: StreamPlan): Promise<StreamFigures> {
  const { text, flushCharacters, limitMs } = plan;
  const flushCount = Math.ceil(text.length / flushCharacters);
  const half = Math.ceil(flushCount / 2) * flushCharacters;
  await page.start(text);
  await page.skipTo(0);
  const first = await measurePart(page, { to: half, flushCharacters, limitMs });
  const limitLeftMs = limitMs - first.wallMs;
  const second = await measurePart(page, { to: text.length, flushCharacters, limitMs: limitLeftMs });
  const sum = (pick: (part: Part) => number) => pick(first) + pick(second);
  const flushMs = [...first.flushMs, ...second.flushMs];
  const isWhole = flushMs.length === flushCount;
  return {
    method: isWhole ? 'whole' : 'over limit',
    ...costs(isWhole ? sum : () => Number.NaN, totalOf(first)),
    ...stalls(flushMs),
    ...shares(await page.finish(), text),
  };
}

/** Before each window the contender is reset and shows the preceding text at once. */
async function streamSampled(page: StreamPage, plan: StreamPlan): Promise<StreamFigures> {
  const { text, flushCharacters, windowFlushes, windowMs } = plan;
  const flushCount = Math.ceil(text.length / flushCharacters);
  const starts = sampleStarts(flushCount, windowFlushes);
  const parts: { start: number; part: Part }[] = [];
  for (const start of starts) {
    await page.start(text);
    await page.skipTo(start * flushCharacters);
    const to = Math.min(text.length, (start + windowFlushes) * flushCharacters);
    const part = await measurePart(page, { to, flushCharacters, limitMs: windowMs });
    parts.push({ start, part });
  }
  await page.skipTo(text.length);
  const flushMs = parts.flatMap(({ part }) => part.flushMs);
  const upTo = (end: number, pick: (part: Part) => number) =>
    integrate(
      parts.map(({ start, part }): Sample => {
        const count = part.flushMs.length;
        return { at: start + count / 2, perFlush: pick(part) / count };
      }),
      end,
    );
  return {
    method: 'sampled',
    ...costs((pick) => upTo(flushCount, pick), upTo(flushCount / 2, totalOf)),
    ...stalls(flushMs),
    ...shares(await page.finish(), text),
  };
}

function costs(sum: (pick: (part: Part) => number) => number, firstHalfMs: number) {
  const totalMs = sum(totalOf);
  return {
    totalMs,
    scriptMs: sum(({ scriptMs }) => scriptMs),
    styleMs: sum(({ styleMs }) => styleMs),
    layoutMs: sum(({ layoutMs }) => layoutMs),
    taskMs: sum(({ taskMs }) => taskMs),
    wallMs: sum(({ wallMs }) => wallMs),
    growth: totalMs / firstHalfMs,
    longTasks: Math.round(sum(({ longTasks }) => longTasks)),
  };
}

const stalls = (flushMs: readonly number[]) => ({
  p50Ms: percentile(flushMs, 0.5),
  p99Ms: percentile(flushMs, 0.99),
  maxMs: percentile(flushMs, 1),
});

const shares = ({ text, elements }: Shown, source: string) => ({
  elements,
  textShare: readableLength(text) / readableLength(source),
});
