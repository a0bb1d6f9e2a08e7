/**
 * Yields to the browser, which draws and handles keys before the rest continues. Not every browser can do so at once.
 */
export async function nextTask(): Promise<void> {
  if ('scheduler' in globalThis && 'yield' in scheduler) await scheduler.yield();
  else await new Promise<void>((resolve) => setTimeout(resolve));
}
