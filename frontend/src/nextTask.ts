/** Ends the task that runs: the browser draws and answers keys before the rest. Not every browser can do so at once. */
export async function nextTask(): Promise<void> {
  if ('scheduler' in globalThis && 'yield' in scheduler) await scheduler.yield();
  else await new Promise<void>((resolve) => setTimeout(resolve));
}
