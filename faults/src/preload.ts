/**
 * Loaded into the server under test, which knows nothing of it: at SIGUSR2 it prints what keeps the process busy, and at
 * SIGWINCH it lets the event loop stand still.
 */
const stallMs = 3000;

process.on('SIGUSR2', () => {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  process.stdout.write(`resources ${JSON.stringify({ counts, residentBytes: process.memoryUsage().rss })}\n`);
});

process.on('SIGWINCH', () => {
  const endsAtMs = performance.now() + stallMs;
  while (performance.now() < endsAtMs);
});
