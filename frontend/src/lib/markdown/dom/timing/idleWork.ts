/** Runs generators to their end in the time the page has left, one after the other, in as few idle callbacks as possible. */

type IdleDeadline = { timeRemaining(): number };

interface Job {
  /** Takes one step. True when it was the last. */
  readonly step: () => boolean;
  isStopped: boolean;
}

/** Time a part of the work may take where the browser does not say how much is left, in milliseconds. */
const fallbackMs = 4;
/** Of all that is left at most this much is used at once: a key that is pressed meanwhile must not wait. */
const longestMs = 10;

/** Made once for a page. */
export class IdleWork {
  readonly #jobs: Job[] = [];
  #isRequested = false;

  /** Calls `onDone` with what the steps return. Returns what stops them. */
  run<Result>(steps: Generator<void, Result>, onDone: (result: Result) => void): () => void {
    const job: Job = {
      step: () => {
        const step = steps.next();
        if (step.done) onDone(step.value);
        return step.done === true;
      },
      isStopped: false,
    };
    this.#jobs.push(job);
    this.#request();
    return () => {
      job.isStopped = true;
    };
  }

  #request(): void {
    if (this.#isRequested) return;
    this.#isRequested = true;
    requestIdle((deadline) => {
      this.#isRequested = false;
      this.#work(deadline);
    });
  }

  #work(deadline: IdleDeadline): void {
    const endMs = performance.now() + longestMs;
    try {
      do this.#takeStep();
      while (this.#jobs.length > 0 && deadline.timeRemaining() > 1 && performance.now() < endMs);
    } finally {
      if (this.#jobs.length > 0) this.#request();
    }
  }

  #takeStep(): void {
    const [job] = this.#jobs;
    // A job that fails is over.
    let isOver = true;
    try {
      isOver = !job || job.isStopped || job.step();
    } finally {
      if (isOver) this.#jobs.shift();
    }
  }
}

function requestIdle(run: (deadline: IdleDeadline) => void): void {
  if (typeof requestIdleCallback === 'function') {
    requestIdleCallback(run, { timeout: 2000 });
    return;
  }
  setTimeout(() => {
    const endMs = performance.now() + fallbackMs;
    run({ timeRemaining: () => Math.max(0, endMs - performance.now()) });
  });
}
