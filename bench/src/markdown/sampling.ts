/**
 * Estimates the cost of a whole stream from a few samples: linear between two samples, constant before the first and
 * after the last one.
 */

export interface Sample {
  /** The middle of the measured flushes, counted in flushes from the start of the stream. */
  readonly at: number;
  readonly perFlush: number;
}

/** The first flush of each measured window of `window` flushes: evenly spread, the last window at the end. */
export function sampleStarts(flushCount: number, window: number, windowCount = 5): number[] {
  const lastStart = Math.max(0, flushCount - window);
  const starts = Array.from({ length: windowCount }, (_, index) =>
    Math.round((lastStart * index) / (windowCount - 1)),
  );
  return [...new Set(starts)];
}

/** Cost of the flushes from the start to `end`, by the trapezoidal rule. Samples are in order; without any it is NaN. */
export function integrate(samples: readonly Sample[], end: number): number {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last) return Number.NaN;
  const corners = [{ ...first, at: 0 }, ...samples, { ...last, at: Math.max(end, last.at) }];
  let total = 0;
  for (const [index, right] of corners.entries()) {
    const left = corners[index - 1];
    if (!left || left.at >= end) continue;
    const until = Math.min(end, right.at);
    const width = until - left.at;
    total += (width * (left.perFlush + costAt(left, right, until))) / 2;
  }
  return total;
}

function costAt(left: Sample, right: Sample, at: number): number {
  if (right.at === left.at) return right.perFlush;
  return left.perFlush + ((right.perFlush - left.perFlush) * (at - left.at)) / (right.at - left.at);
}
