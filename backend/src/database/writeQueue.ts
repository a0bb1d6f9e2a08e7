/** Runs jobs one after another, in call order; a failure fails its own caller only. */
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
      // Only the order is kept: a result can be a whole answer, and this one outlives its callers.
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
