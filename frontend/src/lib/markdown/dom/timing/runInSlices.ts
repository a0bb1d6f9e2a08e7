/** Runs a generator to its end: at once until a slice of time is used up, the rest in slices between other work. */
import type { Printing } from './printing.ts';

/** Length of a slice; its last step may exceed it. */
export const sliceMs = 30;

export interface SlicedRun {
  readonly isDone: boolean;
  /** Runs all remaining steps now. */
  finish(): void;
  cancel(): void;
}

/** `onError` receives an error of a later slice; one of the first slice is thrown to the caller. */
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
    // A print shows all of it.
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
