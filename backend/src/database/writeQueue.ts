/** Runs jobs in turn, in call order; a failure rejects only its own caller. */
export interface WriteQueue {
  run<Result>(work: () => Result | Promise<Result>): Promise<Result>;
  /** Resolves when nothing is queued or running. */
  idle(): Promise<void>;
}

export function createWriteQueue(): WriteQueue {
  const state: { last: Promise<unknown> } = { last: Promise.resolve() };
  return {
    run(work) {
      const result = state.last.then(work);
      // Stores no result: it can be a whole answer, and this promise outlives its callers.
      state.last = result.then(
        () => undefined,
        () => undefined,
      );
      return result;
    },
    async idle() {
      for (let last: Promise<unknown> | undefined; last !== state.last; ) {
        last = state.last;
        await last;
      }
    },
  };
}
