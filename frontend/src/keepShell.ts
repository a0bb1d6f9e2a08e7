/**
 * Registers the service worker that caches the built page, so that it opens without a server. `serviceWorker.js` says
 * what is cached; browsers allow it over HTTPS and on localhost only.
 */
export async function keepShell(basePath: string): Promise<void> {
  try {
    await navigator.serviceWorker?.register(`${basePath}/serviceWorker.js`);
  } catch {
    // A page that cannot be cached works as before. Where storage is blocked, even reading the property may throw.
  }
}
