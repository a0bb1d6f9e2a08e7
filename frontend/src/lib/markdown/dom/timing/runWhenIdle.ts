/** Runs a generator to its end in the time the page has left. */

type IdleDeadline = { timeRemaining(): number };

/** Time a step may take where the browser does not say how much is left. */
const fallbackStepMs = 4;

/** Calls `onDone` with what the steps return. Returns what stops them. */
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
