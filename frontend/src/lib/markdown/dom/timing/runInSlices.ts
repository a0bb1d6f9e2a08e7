/** Runs a generator to its end: at once as far as a slice of time reaches, the rest in slices between other work. */
import type { Printing } from './printing.ts';

/** A slice; its last step may take longer. */
export const sliceMs = 30;

export interface SlicedRun {
  readonly isDone: boolean;
  /** Runs what is left now. */
  finish(): void;
  cancel(): void;
}

/** `onError` gets what a later slice throws; the first one throws to the caller. */
export function runInSlices(
  steps: Generator<void, void>,
  printing: Printing,
  onError: (error: unknown) => void,
): SlicedRun {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isDone = false;
  let unwatch: (() => void) | null = null;
  const cancel = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    isDone = true;
    unwatch?.();
  };
  const run = (limitMs: number): void => {
    const endMs = performance.now() + limitMs;
    while (!isDone) {
      if (steps.next().done) cancel();
      else if (performance.now() >= endMs) break;
    }
  };
  const runLater = (limitMs: number): void => {
    timer = null;
    try {
      run(limitMs);
    } catch (error) {
      cancel();
      onError(error);
    }
    if (!isDone) timer = setTimeout(() => runLater(sliceMs));
  };
  const finish = (): void => {
    if (timer !== null) clearTimeout(timer);
    if (!isDone) runLater(Number.POSITIVE_INFINITY);
  };
  run(printing.isOn ? Number.POSITIVE_INFINITY : sliceMs);
  if (!isDone) {
    timer = setTimeout(() => runLater(sliceMs));
    // What is printed is all of it.
    unwatch = printing.watch((isBegun) => isBegun && finish());
  }
  return {
    get isDone() {
      return isDone;
    },
    finish,
    cancel,
  };
}
