/** Loaded into a server that is measured: at SIGUSR2 it collects garbage and prints what is in use, numbered. */
import { setImmediate } from 'node:timers/promises';

let reportCount = 0;
process.on('SIGUSR2', () => void report());

async function report(): Promise<void> {
  // Twice, with a turn of the event loop between: what finalizers let go of is collected by the second.
  for (let round = 0; round < 2; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  reportCount += 1;
  process.stdout.write(`memory ${reportCount} ${JSON.stringify(process.memoryUsage())}\n`);
}
