/** Runs a generator to its end while the page is idle. */

type IdleDeadline = { timeRemaining(): number };

/** Time for a step where the browser does not report how much is left. */
const fallbackStepMs = 4;

/** Calls `onDone` with the result of the steps. The returned function stops them. */
export function runWhenIdle<Result>(
  steps: Generator<void, Result>,
  onDone: (result: Result) => void,
): () => void {
  let isStopped = false;
  const run = (deadline: IdleDeadline): void => {
    while (!isStopped) {
      const step = steps.next();
      if (step.done) {
        onDone(step.value);
        return;
      }
      if (deadline.timeRemaining() <= 1) break;
    }
    if (!isStopped) request(run);
  };
  request(run);
  return () => {
    isStopped = true;
  };
}

function request(run: (deadline: IdleDeadline) => void): void {
  if (typeof requestIdleCallback === 'function') {
    requestIdleCallback(run, { timeout: 2000 });
    return;
  }
  setTimeout(() => {
    const endMs = performance.now() + fallbackStepMs;
    run({ timeRemaining: () => Math.max(0, endMs - performance.now()) });
  });
}
