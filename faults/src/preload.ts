/**
 * Adds faults to the server under test, which knows nothing of this file. At SIGUSR2 it prints what keeps the process
 * alive, at SIGWINCH it blocks the event loop, and at SIGPWR it fills the heap, in steps, until the process aborts.
 */
const stallMs = 3000;
const fillPauseMs = 20;
/** Some megabytes. */
const objectsPerStep = 50_000;

process.on('SIGUSR2', () => {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  process.stdout.write(`resources ${JSON.stringify({ counts, residentBytes: process.memoryUsage().rss })}\n`);
});

process.on('SIGWINCH', () => {
  const endsAtMs = performance.now() + stallMs;
  while (performance.now() < endsAtMs);
});

process.on('SIGPWR', () => {
  const kept: unknown[] = [];
  setInterval(
    () => kept.push(Array.from({ length: objectsPerStep }, (_, index) => ({ index }))),
    fillPauseMs,
  );
});
