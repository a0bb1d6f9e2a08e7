/** Preloaded into a measured server: collects garbage at SIGUSR2 and prints the memory in use, numbered. */
import { setImmediate } from 'node:timers/promises';

let reportCount = 0;
process.on('SIGUSR2', () => void report());

async function report(): Promise<void> {
  // Twice, with a turn of the event loop between them: the second collects what finalizers released.
  for (let round = 0; round < 2; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  reportCount += 1;
  process.stdout.write(`memory ${reportCount} ${JSON.stringify(process.memoryUsage())}\n`);
}
