/**
 * The cost of a whole stream from a few of its places: costs between two places lie on the line through them, and
 * before the first and after the last one they stay as they are.
 */

export interface Sample {
  /** The middle of the flushes that were measured, counted in flushes from the start of the stream. */
  readonly at: number;
  readonly perFlush: number;
}

/** Where to measure `window` of `flushCount` flushes: first flushes, evenly spread, the last window at the end. */
export function samplePlaces(flushCount: number, window: number, placeCount = 5): number[] {
  const lastPlace = Math.max(0, flushCount - window);
  const places = Array.from({ length: placeCount }, (_, index) =>
    Math.round((lastPlace * index) / (placeCount - 1)),
  );
  return [...new Set(places)];
}

/** Cost of the flushes from the start to `end`, by the trapezoidal rule. Samples are in order; none gives NaN. */
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
