/**
 * Lets the browser keep the built page, so that it opens without a server. `serviceWorker.js` says what is kept; browsers
 * have it over HTTPS and on localhost only.
 */
export function keepShell(basePath: string): void {
  // A page that cannot be kept works as before.
  navigator.serviceWorker?.register(`${basePath}/serviceWorker.js`).catch(() => undefined);
}
